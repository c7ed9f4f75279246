#include "feed/reports.hpp"

#include <algorithm>

namespace rues::feed {
namespace {

constexpr std::size_t kMaxShown = 100;  // subscriptions in a report
// Digits of a session's id in a report. The other digits stay secret: with them a reader could speak for the session.
constexpr std::size_t kReportedDigits = 8;

std::uint64_t lag_of(const LoopContext& loop, const SessionTable& sessions, const Session& session) {
    const std::uint64_t head = loop.shared.tail.head();
    return head - std::min(head, sessions.delivered_up_to(session));
}

Report report_of(const LoopContext& loop, const SessionTable& sessions, const Session& session) {
    Report out;
    out.id = wire::to_string(session.id).substr(0, kReportedDigits);
    out.loop = loop.number;
    out.subscription_count = session.subscriptions.size();
    out.cursor = loop.position(sessions.delivered_up_to(session));
    out.lag = lag_of(loop, sessions, session);
    out.is_blocked = session.is_blocked;
    if (session.aside) {
        out.replays = static_cast<std::size_t>(
            std::ranges::count_if(session.aside->replays, [](const ReplayRef& each) { return !each->is_parked; }));
    }
    out.state = session.is_dropped ? "closing" : !session.is_live ? "behind" : out.replays > 0 ? "replaying" : "live";
    if (!session.is_live) {
        out.behind_for = std::chrono::duration_cast<std::chrono::milliseconds>(loop.shared.clock.steady() -
                                                                               session.aside->behind_since);
    }
    return out;
}

}  // namespace

std::vector<Report> list(const LoopContext& loop, const SessionTable& sessions, std::size_t most) {
    std::vector<std::pair<std::uint64_t, const Session*>> all;
    for (const auto& session : sessions.slots()) {
        if (session) all.emplace_back(lag_of(loop, sessions, *session), session.get());
    }
    const auto end = all.begin() + static_cast<std::ptrdiff_t>(std::min(most, all.size()));
    std::ranges::partial_sort(all, end, std::ranges::greater(), &std::pair<std::uint64_t, const Session*>::first);
    std::vector<Report> out;
    for (auto at = all.begin(); at != end; ++at) out.push_back(report_of(loop, sessions, *at->second));
    return out;
}

std::optional<Report> inspect(const LoopContext& loop, const SessionTable& sessions,
                              std::span<const std::byte> first_bytes) {
    const auto found = std::ranges::find_if(sessions.slots(), [&](const auto& session) {
        return session && std::ranges::equal(std::span(session->id).first(first_bytes.size()), first_bytes);
    });
    if (found == sessions.slots().end()) return std::nullopt;
    const Session& session = **found;
    Report out = report_of(loop, sessions, session);
    for (const auto& subscription : session.subscriptions) {
        if (out.subscriptions.size() == kMaxShown) break;
        out.subscriptions.push_back(subscription->topic->uri.whole().to_string());
    }
    if (session.aside) out.decisions = session.aside->decisions;
    return out;
}

}  // namespace rues::feed
