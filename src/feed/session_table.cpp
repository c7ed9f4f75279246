#include "feed/session_table.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rues::feed {
namespace {

constexpr std::size_t kMaxDecisions = 8;

/// Whether the last event before the session's own cursor is half sent.
bool is_half_sent(const Session& session) {
    if (session.is_live || !session.aside) return false;
    return session.aside->half.sent > 0 && session.aside->half.seq + 1 == session.aside->next;
}

/// The last event that a replay has delivered whole. REQUIRES: it was parked before (`awake_since`).
std::uint64_t delivered_by(const Session& session, const Replay& replay) {
    const HalfSent& half = session.aside->half;
    return replay.next - (half.sent > 0 && half.seq + 1 == replay.next ? 2 : 1);
}

}  // namespace

SessionTable::SessionTable(LoopContext& loop)
    : loop_(loop),
      plain_(loop.shared.hash_key, loop.shared.tail.head()),
      decoding_(loop.shared.hash_key, loop.shared.tail.head()),
      delayed_(loop.shared.hash_key) {
    const auto* const fates = loop.shared.store.fates();
    for (const auto finality : {wire::Finality::confirmed, wire::Finality::final}) {
        const std::uint64_t decided = fates != nullptr ? fates->decided(finality) : loop.shared.tail.head();
        settle(finality, std::min(decided, loop.shared.tail.head()));
    }
}

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
    base::Client* const client = sink.client();
    if (client != nullptr && client->take(base::Holding::sessions, 1) != base::Taken::yes) return nullptr;
    if (!loop_.shared.random(address.random)) {
        if (client != nullptr) client->give_back(base::Holding::sessions, 1);
        return nullptr;
    }
    free_.pop_back();
    slots_[slot] = std::make_unique<Session>();
    Session& session = *slots_[slot];
    session.id = loop_.shared.cipher.seal(address);
    session.sink = &sink;
    session.is_announced = is_announced;
    session.is_crowd = client != nullptr && client->is_limited() && client->held(base::Holding::sessions) > kCrowd;
    ++count_;
    return &session;
}

void SessionTable::remove(Session& session) {
    release_subscriptions(session);
    if (auto* const client = session.sink->client()) client->give_back(base::Holding::sessions, 1);
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

void SessionTable::drop(Session& session, Closing why) {
    if (session.is_dropped) return;
    session.is_dropped = true;
    session.leave_lane();
    const ClosingRow& row = row_of(why);
    (*loop_.shared.closings)[static_cast<std::size_t>(why)].add();
    note(session, fmt::format("closed with {}: {}", row.code, row.text));
    // A client that resumes after this position has missed nothing, whatever it subscribed to.
    std::uint64_t delivered = delivered_up_to(session);
    if (session.aside) {
        for (const auto& replay : session.aside->replays) {
            if (replay->is_delayed() && !replay->is_parked && replay->awake_since)
                delivered = std::min(delivered, delivered_by(session, *replay));
        }
    }
    const auto last = loop_.position(delivered);
    session.sink->close(row.code, fmt::format("{}, last position {}", row.text, last.to_string()));
}

void SessionTable::note(Session& session, std::string what) {
    auto& decisions = session.with_aside().decisions;
    if (decisions.size() == kMaxDecisions) decisions.erase(decisions.begin());
    decisions.push_back({base::unix_ms(loop_.shared.clock.wall()), std::move(what)});
}

std::uint64_t SessionTable::delivered_up_to(const Session& session) const {
    if (session.is_live) return processed(session);
    return session.aside->next - (is_half_sent(session) ? 2 : 1);
}

store::JournaledSession SessionTable::record_of(const Session& session) const {
    store::JournaledSession out;
    out.id = session.id;
    out.subscriptions.reserve(session.subscriptions.size());
    const auto add = [&](const Subscription& subscription, std::uint64_t from, store::Unfinished unfinished) {
        if (subscription.is_late) unfinished = store::Unfinished::past;
        const Topic& topic = *subscription.topic;
        out.subscriptions.push_back({topic.uri.whole().to_string(), from, unfinished, topic.decodes, topic.certainty});
    };
    // When the session joined the decoding audience, a half-sent event counted as received; a session that resumes this
    // one has not received it.
    const std::uint64_t half = is_half_sent(session) ? session.aside->next - 1 : 0;
    for (const auto& each : session.subscriptions) {
        const bool begins_at_half = half > 0 && each->from == half;
        if (each->replay == 0) add(*each, begins_at_half ? half - 1 : each->from, store::Unfinished::nothing);
    }
    if (!session.aside) return out;
    for (const auto& replay : session.aside->replays) {
        for (const auto& each : replay->members) {
            if (replay->is_parked) {
                add(*each.subscription, std::max(each.after, settled(replay->finality)), store::Unfinished::nothing);
            } else if (replay->awake_since) {
                add(*each.subscription, std::max(each.after, delivered_by(session, *replay)),
                    store::Unfinished::replay);
            } else {
                add(*each.subscription, each.after, store::Unfinished::replay);
            }
        }
    }
    return out;
}

// --- subscriptions ---

Subscription* SessionTable::find_subscription(const Session& session, const wire::Uri& uri) {
    Subscription* found = nullptr;
    const auto look = [&](const Topic& topic) {
        found = find_subscription(session, topic);
        return found == nullptr;
    };
    audience_of(session).topics.each_form(uri, look);
    if (found == nullptr && !delayed_.empty()) delayed_.each_form(uri, look);
    return found;
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
    const bool is_delayed = replay != nullptr && replay->is_delayed();
    if (is_delayed) {
        const auto* const fates = loop_.shared.store.fates();
        if (fates != nullptr && !fates->taken_back()->delivers(record, replay->finality)) return Form::none;
    }
    (is_delayed ? delayed_ : audience_of(session).topics).matching(record, matching_);
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
    const std::uint64_t received = session.is_live ? plain_.processed : session.aside->next - 1;
    session.decodes = true;
    session.wake = 0;  // the wake-ups of the other audience have numbers of their own
    for (const auto& each : session.subscriptions) {
        const wire::Certainty certainty = each->topic->certainty;
        if (certainty.finality != wire::Finality::accepted) continue;
        const wire::Uri uri = each->topic->uri.whole();
        plain_.topics.remove(*each);
        if (each->replay == 0) each->from = std::max(each->from, received);
        decoding_.topics.add(decoding_.topics.of(uri, false, certainty), *each);
    }
    decoding_.newest_from = std::max(decoding_.newest_from, received);
}

/// Bytes of a subscription in the session journal; 0: the journal does not have this session.
std::size_t SessionTable::journal_bytes(const Session& session, const wire::Uri& uri) const {
    return journal_ && session.is_announced ? store::SessionJournal::bytes_of(1, bytes_of(uri)) : 0;
}

SubscribeResult SessionTable::count_subscription(const Session& session, const wire::Uri& uri) const {
    using base::Holding;
    using base::Taken;
    base::Client* const client = session.sink->client();
    if (client == nullptr) return SubscribeResult::ok;
    auto taken = client->take(Holding::subscriptions, 1);
    if (taken != Taken::yes)
        return taken == Taken::client_is_full ? SubscribeResult::too_many_of_client : SubscribeResult::too_many_of_all;
    taken = client->take(Holding::journal, journal_bytes(session, uri));
    if (taken == Taken::yes) return SubscribeResult::ok;
    client->give_back(Holding::subscriptions, 1);
    return taken == Taken::client_is_full ? SubscribeResult::journal_of_client : SubscribeResult::journal_of_all;
}

void SessionTable::count_anyway(const Session& session, const wire::Uri& uri) const {
    base::Client* const client = session.sink->client();
    if (client == nullptr) return;
    client->take_anyway(base::Holding::subscriptions, 1);
    client->take_anyway(base::Holding::journal, journal_bytes(session, uri));
}

void SessionTable::uncount_subscription(const Session& session, const wire::Uri& uri) const {
    base::Client* const client = session.sink->client();
    if (client == nullptr) return;
    client->give_back(base::Holding::subscriptions, 1);
    client->give_back(base::Holding::journal, journal_bytes(session, uri));
}

Subscription& SessionTable::subscribe(Session& session, const wire::Uri& uri, std::uint64_t from,
                                      store::Unfinished unfinished, bool decodes, const wire::Certainty& certainty) {
    if (decodes) join_decoding(session);
    Audience& audience = audience_of(session);
    session.subscriptions.push_back(std::make_unique<Subscription>());
    Subscription& out = *session.subscriptions.back();
    out.session = &session;
    out.from = from;
    out.lane = session.sink->lane();
    Topics& topics = certainty.finality == wire::Finality::accepted ? audience.topics : delayed_;
    if (&topics != &delayed_) audience.newest_from = std::max(audience.newest_from, from);
    topics.add(topics.of(uri, decodes, certainty), out);
    if (journal_ && session.is_announced)
        journal_->subscribed(session.id, uri.to_string(), from, unfinished, decodes, certainty);
    return out;
}

bool SessionTable::unsubscribe(Session& session, Subscription& subscription) {
    if (journal_ && session.is_announced)
        journal_->unsubscribed(session.id, subscription.topic->uri.whole().to_string());
    if (subscription.replay != 0) {
        auto& replays = session.aside->replays;
        const auto replay = std::ranges::find(replays, subscription.replay, [](const auto& r) { return r->tag(); });
        (*replay)->remove(subscription);
        if ((*replay)->members.empty()) replays.erase(replay);
    }
    if (subscription.until_end) --session.until_ends;
    if (session.aside) ++session.aside->removals;
    uncount_subscription(session, subscription.topic->uri.whole());
    const bool topic_is_gone = index_of(session, *subscription.topic).remove(subscription);
    const auto place = std::ranges::find(session.subscriptions, &subscription, [](const auto& s) { return s.get(); });
    std::swap(*place, session.subscriptions.back());
    session.subscriptions.pop_back();
    return topic_is_gone;
}

void SessionTable::release_subscriptions(Session& session) {
    if (session.aside) session.aside->replays.clear();
    for (const auto& subscription : session.subscriptions) {
        uncount_subscription(session, subscription->topic->uri.whole());
        index_of(session, *subscription->topic).remove(*subscription);
    }
    session.subscriptions.clear();
}

// --- replays ---

ReplayRef SessionTable::new_replay(Session& session, wire::Finality finality) {
    session.leave_lane();
    auto& replays = session.with_aside().replays;
    auto replay = std::make_shared<Replay>();
    do {
        replay->number = ++replays_;
    } while (replay->tag() == 0 || std::ranges::count(replays, replay->tag(), [](const auto& r) { return r->tag(); }));
    replay->finality = finality;
    replays.push_back(replay);
    return replay;
}

ReplayRef SessionTable::ready_replay(const Session& session) const {
    if (!session.aside) return nullptr;
    const auto found = std::ranges::find_if(session.aside->replays, [&](const ReplayRef& replay) {
        if (replay->holds > 0 || replay->is_parked || replay->members.empty()) return false;
        const std::uint64_t end = end_of(session, replay.get());
        // One that waits for finality may have come to the live end of the session, and not to its own end.
        return replay->has_late() || replay->next <= end || !replay->is_delayed() || end >= settled(replay->finality);
    });
    return found == session.aside->replays.end() ? nullptr : *found;
}

/// Writes the subscriptions of a replay to the journal. `unfinished` nullopt: nothing, or earlier events of a late one.
void SessionTable::journal_replay(const Session& session, const Replay& replay, std::uint64_t from,
                                  std::optional<store::Unfinished> unfinished) {
    if (!journal_ || !session.is_announced) return;
    for (const auto& each : replay.members) {
        const Topic& topic = *each.subscription->topic;
        // A late one gets its earlier events again, and all that follow.
        const auto present = each.subscription->is_late ? store::Unfinished::past : store::Unfinished::nothing;
        const std::uint64_t begin = replay.is_delayed() ? std::max(from, each.after) : from;
        journal_->subscribed(session.id, topic.uri.whole().to_string(), begin,
                             each.subscription->is_late ? present : unfinished.value_or(present), topic.decodes,
                             topic.certainty);
    }
}

void SessionTable::park(Session& session, Replay& replay) {
    journal_replay(session, replay, settled(replay.finality), std::nullopt);
    const ReplayRef other = session.parked(replay.finality);
    if (!other) {
        replay.is_parked = true;
        replay.is_journaled = false;
        replay.awake_since.reset();
        return;
    }
    for (const Replay::Member& each : replay.members) {
        each.subscription->replay = other->tag();
        each.subscription->member = static_cast<std::uint32_t>(other->members.size());
        other->members.push_back(each);
    }
    replay.members.clear();
    std::erase_if(session.aside->replays, [&](const auto& each) { return each.get() == &replay; });
}

void SessionTable::journal_open(const Session& session) {
    if (!session.aside) return;
    for (const ReplayRef& replay : session.aside->replays) {
        if (replay->is_parked || !replay->awake_since || replay->is_journaled) continue;
        journal_replay(session, *replay, delivered_by(session, *replay), store::Unfinished::replay);
        replay->is_journaled = true;
    }
}

void SessionTable::wake(Session& session, Replay& replay, std::uint64_t next) {
    replay.is_parked = false;
    replay.next = next;
    replay.awake_since = loop_.shared.clock.steady();
    session.leave_lane();
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
    }
    journal_replay(session, replay, from, std::nullopt);
    std::erase_if(session.aside->replays, [&](const auto& each) { return each.get() == &replay; });
}

}  // namespace rues::feed
