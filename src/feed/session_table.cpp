#include "feed/session_table.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rues::feed {
namespace {

constexpr std::size_t kMaxDecisions = 8;

/// Whether the last event before the session's own cursor is half sent.
bool is_half_sent(const Session& session) {
    if (session.is_live || !session.aside) return false;
    return session.aside->half.sent > 0 && session.aside->half.seq + 1 == session.next;
}

}  // namespace

SessionTable::SessionTable(LoopContext& loop)
    : loop_(loop),
      plain_(loop.shared.hash_key, loop.shared.tail.head()),
      decoding_(loop.shared.hash_key, loop.shared.tail.head()) {}

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
    session.counted = base::Held(base::ActingFor::kept(), base::Holding::sessions);
    (void)session.counted.resize(1);  // has no limit of its own: connections have one
    session.counted_subscriptions = base::Held(base::ActingFor::kept(), base::Holding::subscriptions);
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
    if (session.is_live) return processed(session);
    return session.next - (is_half_sent(session) ? 2 : 1);
}

store::JournaledSession SessionTable::record_of(const Session& session) const {
    store::JournaledSession out;
    out.id = session.id;
    out.subscriptions.reserve(session.subscriptions.size());
    const auto add = [&](const Subscription& subscription, std::uint64_t from, store::Unfinished unfinished) {
        if (subscription.is_late) unfinished = store::Unfinished::past;
        out.subscriptions.push_back(
            {subscription.topic->uri.to_string(), from, unfinished, subscription.topic->decodes});
    };
    // When the session joined the decoding audience, a half-sent event counted as received; a session that resumes this
    // one has not received it.
    const std::uint64_t half = is_half_sent(session) ? session.next - 1 : 0;
    for (const auto& each : session.subscriptions) {
        const bool begins_at_half = half > 0 && each->from == half;
        if (each->replay == 0) add(*each, begins_at_half ? half - 1 : each->from, store::Unfinished::nothing);
    }
    if (!session.aside) return out;
    for (const auto& replay : session.aside->replays) {
        for (const auto& each : replay->members) add(*each.subscription, each.after, store::Unfinished::replay);
    }
    return out;
}

// --- subscriptions ---

Subscription* SessionTable::find_subscription(const Session& session, const wire::Uri& uri) {
    Topics& topics = audience_of(session).topics;
    for (const bool decodes : {false, true}) {
        const Topic* const topic = topics.find(uri, decodes);
        Subscription* const found = topic == nullptr ? nullptr : find_subscription(session, *topic);
        if (found != nullptr || !session.decodes) return found;
    }
    return nullptr;
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

Form SessionTable::form_of(const Session& session, const store::LogRecord& record, const Replay* replay) {
    audience_of(session).topics.matching(record, matching_);
    const auto covers = [&](const Topic* topic) {
        const Subscription* const subscription = find_subscription(session, *topic);
        if (subscription == nullptr) return false;
        if (replay == nullptr) return record.seq > subscription->from;
        return subscription->replay == replay->tag() && record.seq > replay->members[subscription->member].after;
    };
    Form out = Form::none;
    for (const Topic* const topic : matching_) {
        const Form form = topic->decodes ? Form::decoded : Form::stored;
        if (form > out && covers(topic)) out = form;
    }
    return out;
}

/// The live end of the other audience may be behind, and never ahead (see DecodedDelivery). What the session has
/// received is not delivered again.
void SessionTable::join_decoding(Session& session) {
    if (session.decodes) return;
    session.leave_lane();
    const std::uint64_t received = session.is_live ? plain_.processed : session.next - 1;
    session.decodes = true;
    session.wake = 0;  // the wake-ups of the other audience have numbers of their own
    for (const auto& each : session.subscriptions) {
        const wire::Uri uri = each->topic->uri;
        plain_.topics.remove(*each);
        if (each->replay == 0) each->from = std::max(each->from, received);
        decoding_.topics.add(decoding_.topics.of(uri), *each);
    }
    decoding_.newest_from = std::max(decoding_.newest_from, received);
}

Subscription& SessionTable::subscribe(Session& session, const wire::Uri& uri, std::uint64_t from,
                                      store::Unfinished unfinished, bool decodes) {
    if (decodes) join_decoding(session);
    Audience& audience = audience_of(session);
    session.subscriptions.push_back(std::make_unique<Subscription>());
    Subscription& out = *session.subscriptions.back();
    out.session = &session;
    out.from = from;
    out.lane = session.sink->lane();
    audience.newest_from = std::max(audience.newest_from, from);
    audience.topics.add(audience.topics.of(uri, decodes), out);
    if (journal_ && session.is_announced) journal_->subscribed(session.id, uri.to_string(), from, unfinished, decodes);
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
    const bool topic_is_gone = audience_of(session).topics.remove(subscription);
    const auto place = std::ranges::find(session.subscriptions, &subscription, [](const auto& s) { return s.get(); });
    std::swap(*place, session.subscriptions.back());
    session.subscriptions.pop_back();
    if (session.counted_subscriptions.amount() > session.subscriptions.size())
        (void)session.counted_subscriptions.resize(session.subscriptions.size());
    return topic_is_gone;
}

void SessionTable::release_subscriptions(Session& session) {
    if (session.aside) session.aside->replays.clear();
    for (const auto& subscription : session.subscriptions) audience_of(session).topics.remove(*subscription);
    session.subscriptions.clear();
    session.counted_subscriptions.clear();
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
    // A replay of a session that has joined the decoding audience may be ahead of it.
    Audience& audience = audience_of(session);
    const std::uint64_t from = std::max(audience.processed, replay.next - 1);
    if (from > audience.processed) audience.newest_from = std::max(audience.newest_from, from);
    for (const auto& each : replay.members) {
        Subscription& subscription = *each.subscription;
        subscription.from = from;
        subscription.replay = 0;
        if (journal_ && session.is_announced)
            journal_->subscribed(session.id, subscription.topic->uri.to_string(), from,
                                 subscription.is_late ? store::Unfinished::past : store::Unfinished::nothing,
                                 subscription.topic->decodes);
    }
    std::erase_if(session.aside->replays, [&](const auto& each) { return each.get() == &replay; });
}

}  // namespace rues::feed
