#include "feed/session_table.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rues::feed {
namespace {

constexpr std::size_t kMaxDecisions = 8;

}  // namespace

SessionTable::SessionTable(LoopContext& loop)
    : loop_(loop), topics_(loop.shared.hash_key), processed_(loop.shared.tail.head()) {}

// --- sessions ---

Session* SessionTable::open(Sink& sink, bool is_announced) {
    if (count_ >= std::min(loop_.limits.max_sessions_per_loop, wire::SessionAddress::kMaxSlots)) return nullptr;
    if (free_.empty()) {
        free_.push_back(static_cast<std::uint32_t>(slots_.size()));
        slots_.emplace_back();
    }
    const std::uint32_t slot = free_.back();
    wire::SessionAddress address;
    address.loop = static_cast<std::uint16_t>(loop_.number);  // Hub::create knows the bound
    address.slot = slot;
    if (!loop_.shared.random(address.random)) return nullptr;
    free_.pop_back();
    slots_[slot] = std::make_unique<Session>();
    Session& session = *slots_[slot];
    session.id = loop_.shared.cipher.seal(address);
    session.sink = &sink;
    session.is_announced = is_announced;
    ++count_;
    return &session;
}

void SessionTable::remove(Session& session) {
    release_subscriptions(session);
    const auto slot = loop_.shared.cipher.open(session.id).slot;
    slots_[slot].reset();
    free_.push_back(slot);
    --count_;
}

Session* SessionTable::find(const wire::SessionId& id) const {
    const auto slot = loop_.shared.cipher.open(id).slot;
    if (slot >= slots_.size() || !slots_[slot] || !wire::equal_in_constant_time(slots_[slot]->id, id)) return nullptr;
    return slots_[slot].get();
}

Session* SessionTable::find_open(const wire::SessionId& id) const {
    Session* const session = find(id);
    return session == nullptr || session->is_taken ? nullptr : session;
}

void SessionTable::drop(Session& session, std::uint16_t code, std::string_view why) {
    if (session.is_dropped) return;
    session.is_dropped = true;
    session.leave_lane();
    note(session, fmt::format("closed with {}: {}", code, why));
    const auto last = loop_.position(delivered_up_to(session));
    session.sink->close(code, fmt::format("{}, last position {}", why, last.to_string()));
}

void SessionTable::note(Session& session, std::string what) {
    auto& decisions = session.with_aside().decisions;
    if (decisions.size() == kMaxDecisions) decisions.erase(decisions.begin());
    decisions.push_back({base::unix_ms(loop_.shared.clock.wall()), std::move(what)});
}

std::uint64_t SessionTable::delivered_up_to(const Session& session) const {
    if (session.is_live) return processed_;
    const bool is_half = session.aside && session.aside->half.sent > 0 && session.aside->half.seq + 1 == session.next;
    return session.next - (is_half ? 2 : 1);
}

store::JournaledSession SessionTable::record_of(const Session& session) const {
    store::JournaledSession out;
    out.id = session.id;
    out.subscriptions.reserve(session.subscriptions.size());
    const auto add = [&](const Subscription& subscription, std::uint64_t from, store::Unfinished unfinished) {
        if (subscription.is_late) unfinished = store::Unfinished::past;
        out.subscriptions.push_back({subscription.topic->uri.to_string(), from, unfinished});
    };
    for (const auto& each : session.subscriptions) {
        if (each->replay == 0) add(*each, each->from, store::Unfinished::nothing);
    }
    if (!session.aside) return out;
    for (const auto& replay : session.aside->replays) {
        for (const auto& each : replay->members) add(*each.subscription, each.after, store::Unfinished::replay);
    }
    return out;
}

// --- subscriptions ---

Subscription* SessionTable::find_subscription(const Session& session, const wire::Uri& uri) {
    const Topic* const topic = topics_.find(uri);
    return topic == nullptr ? nullptr : find_subscription(session, *topic);
}

/// Searches the shorter of the two lists.
Subscription* SessionTable::find_subscription(const Session& session, const Topic& topic) const {
    if (session.subscriptions.size() <= topic.subscriptions.size()) {
        const auto found = std::ranges::find(session.subscriptions, &topic, [](const auto& s) { return s->topic; });
        return found == session.subscriptions.end() ? nullptr : found->get();
    }
    const auto found = std::ranges::find(topic.subscriptions, &session, &Subscription::session);
    return found == topic.subscriptions.end() ? nullptr : *found;
}

bool SessionTable::matches(const Session& session, const store::LogRecord& record, const Replay* replay) {
    topics_.matching(record, matching_);
    return std::ranges::any_of(matching_, [&](const Topic* topic) {
        const Subscription* const subscription = find_subscription(session, *topic);
        if (subscription == nullptr) return false;
        if (replay == nullptr) return record.seq > subscription->from;
        return subscription->replay == replay->tag() && record.seq > replay->members[subscription->member].after;
    });
}

Subscription& SessionTable::subscribe(Session& session, const wire::Uri& uri, std::uint64_t from,
                                      store::Unfinished unfinished) {
    session.subscriptions.push_back(std::make_unique<Subscription>());
    Subscription& out = *session.subscriptions.back();
    out.session = &session;
    out.from = from;
    out.lane = session.sink->lane();
    newest_from_ = std::max(newest_from_, from);
    topics_.add(topics_.of(uri), out);
    if (journal_ && session.is_announced) journal_->subscribed(session.id, uri.to_string(), from, unfinished);
    return out;
}

bool SessionTable::unsubscribe(Session& session, Subscription& subscription) {
    if (journal_ && session.is_announced) journal_->unsubscribed(session.id, subscription.topic->uri.to_string());
    if (subscription.replay != 0) {
        auto& replays = session.aside->replays;
        const auto replay = std::ranges::find(replays, subscription.replay, [](const auto& r) { return r->tag(); });
        (*replay)->remove(subscription);
        if ((*replay)->members.empty()) replays.erase(replay);
    }
    if (subscription.until_end) --session.until_ends;
    ++session.removals;
    const bool topic_is_gone = topics_.remove(subscription);
    const auto place = std::ranges::find(session.subscriptions, &subscription, [](const auto& s) { return s.get(); });
    std::swap(*place, session.subscriptions.back());
    session.subscriptions.pop_back();
    return topic_is_gone;
}

void SessionTable::release_subscriptions(Session& session) {
    if (session.aside) session.aside->replays.clear();
    for (const auto& subscription : session.subscriptions) topics_.remove(*subscription);
    session.subscriptions.clear();
}

// --- replays ---

ReplayRef SessionTable::new_replay(Session& session) {
    session.leave_lane();
    auto& replays = session.with_aside().replays;
    auto replay = std::make_shared<Replay>();
    do {
        replay->number = ++replays_;
    } while (replay->tag() == 0 || std::ranges::count(replays, replay->tag(), [](const auto& r) { return r->tag(); }));
    replays.push_back(replay);
    return replay;
}

void SessionTable::finish_replay(Session& session, Replay& replay) {
    for (const auto& each : replay.members) {
        Subscription& subscription = *each.subscription;
        subscription.from = processed_;
        subscription.replay = 0;
        if (journal_ && session.is_announced)
            journal_->subscribed(session.id, subscription.topic->uri.to_string(), processed_,
                                 subscription.is_late ? store::Unfinished::past : store::Unfinished::nothing);
    }
    std::erase_if(session.aside->replays, [&](const auto& each) { return each.get() == &replay; });
}

}  // namespace rues::feed
