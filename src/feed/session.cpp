#include "feed/session.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace rues::feed {
namespace {

constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

}  // namespace

void Replay::add(Subscription& subscription, std::uint64_t after, bool is_late) {
    next = members.empty() ? after + 1 : std::min(next, after + 1);
    subscription.from = kNever;
    subscription.is_late = is_late;
    subscription.replay = tag();
    subscription.member = static_cast<std::uint32_t>(members.size());
    members.push_back({&subscription, after});
    if (is_late) late_end = members.size();
}

/// Keeps the three parts of `members` apart (late and done, late, not late): in each part the last member moves to the
/// free place.
void Replay::remove(const Subscription& subscription) {
    std::size_t at = subscription.member;
    const auto fill_from = [&](std::size_t last) {
        if (last == at) return;  // the free place itself, which may still name a member that has moved
        members[at] = members[last];
        members[at].subscription->member = static_cast<std::uint32_t>(at);
        at = last;
    };
    if (has_late() && at == late_done) {  // a read for it may be under way, which is now outdated
        late_messages = 0;
        ++late_number;
    }
    if (at < late_done) {
        fill_from(--late_done);
        if (late_done + 1 < late_end) fill_from(late_done + 1);  // the member whose turn it is stays first
    }
    if (at < late_end) fill_from(--late_end);
    fill_from(members.size() - 1);
    members.pop_back();
}

ReplayRef Session::find_replay(std::uint64_t number) const {
    if (!aside) return nullptr;
    const auto found = std::ranges::find(aside->replays, number, [](const auto& each) { return each->number; });
    return found == aside->replays.end() ? nullptr : *found;
}

ReplayRef Session::parked(wire::Finality finality) const {
    if (!aside) return nullptr;
    const auto found = std::ranges::find_if(
        aside->replays, [&](const auto& each) { return each->is_parked && each->finality == finality; });
    return found == aside->replays.end() ? nullptr : *found;
}

ReplayRef Session::replay_to_join(std::uint64_t after, bool is_late, wire::Finality finality) const {
    if (!aside) return nullptr;
    const auto found = std::ranges::find_if(aside->replays, [&](const auto& replay) {
        if (replay->finality != finality) return false;
        if (is_late) return replay->has_late();
        return replay->holds > 0 && replay->late_end == 0 && replay->next == after + 1;
    });
    return found == aside->replays.end() ? nullptr : *found;
}

}  // namespace rues::feed
