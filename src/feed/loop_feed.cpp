#include "feed/loop_feed.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "wire/topics.hpp"

namespace rues::feed {
namespace {

/// Most replays of a session that start at a position which the client named. A session may have two more: one of late
/// subscriptions, and one whose late subscriptions are done and that is on its way to the live end.
constexpr std::ptrdiff_t kMaxReplays = 4;
/// Subscriptions that are taken over, or restored, in one turn of the client: a tenth of a millisecond.
constexpr std::size_t kRestoredInTurn = 64;

bool gets_decoded(const Restored::Subscription& subscription) {
    return subscription.decodes && subscription.uri.component == wire::Component::contracts;
}

}  // namespace

std::pair<std::uint64_t, bool> resolve(const store::Store& store, std::uint64_t head, const wire::Position& after) {
    const auto last = store.last_seq_of(after.epoch);
    if (!last) return {head, false};
    if (after.seq > *last) return {std::min(*last, head), false};
    const std::uint64_t first = store.first_seq();
    if (after.seq + 1 < first) return {first - 1, false};
    return {after.seq, true};
}

// --- opening and closing ---

std::optional<wire::SessionId> LoopFeed::open(Sink& sink, Opening opening) {
    Session* const session = sessions_.open(sink, opening.is_announced);
    if (session == nullptr) return std::nullopt;
    session->decodes_new = opening.decodes;
    session->retracts_new = opening.certainty.retractions;
    session->finality_new = opening.certainty.finality;
    if (!opening.restored) {
        announce(*session, nullptr);
    } else {
        restore(*session, std::move(*opening.restored), std::move(opening.resuming));
    }
    return session->id;
}

/// Sends the client the id of its session, and where it continues.
void LoopFeed::announce(Session& session, const Restored* restored) const {
    if (!session.is_announced) return;
    session.sink->send_text(wire::to_string(session.id));
    if (restored == nullptr) return;
    session.sink->send_text(fmt::format(R"({{"recovered":{},"from":"{}","session":"{}"}})", restored->recovered,
                                        restored->from.to_string(), wire::to_string(session.id)));
}

/// While only some of its subscriptions are restored, a session is behind, so nothing is delivered to it, and its
/// client does not know its id, so nobody changes its subscriptions.
void LoopFeed::restore(Session& session, Restored restored, base::Held resuming) {
    const bool is_at_once = restored.subscriptions.size() <= kRestoredInTurn || !session.is_announced;
    if (is_at_once) announce(session, &restored);
    if (session.is_announced) session.with_aside().parent = restored.old;
    if (std::ranges::any_of(restored.subscriptions, gets_decoded)) sessions_.join_decoding(session);
    std::uint64_t next = UINT64_MAX;
    for (const auto& each : restored.subscriptions) {
        if (each.unfinished == store::Unfinished::nothing && each.certainty.finality == wire::Finality::accepted)
            next = std::min(next, each.from + 1);
    }
    sessions_.note(
        session, fmt::format("opened with {} subscriptions from {}", restored.subscriptions.size(), restored.from.seq));
    const std::uint64_t live = sessions_.processed(session) + 1;
    Restoring restoring{std::move(restored), 0, {}, {}, std::move(resuming)};
    if (!is_at_once) {
        session.is_restoring = true;
        session.sink->pause();
        catch_up_.fall_behind(session, std::min(next, live));
        return restore_in_turns(session.id, std::move(restoring));
    }
    while (restoring.restored < restoring.from.subscriptions.size()) restore_some(session, restoring);
    if (next < live) catch_up_.fall_behind(session, next);
    // In a task of its own, because the socket is just being opened.
    if (next < live || restoring.has_replays()) catch_up_.advance_later(session.id);
}

void LoopFeed::restore_some(Session& session, Restoring& restoring) {
    const auto& all = restoring.from.subscriptions;
    const std::size_t begin = restoring.restored;
    restoring.restored = std::min(all.size(), begin + kRestoredInTurn);
    for (std::size_t i = begin; i < restoring.restored; ++i) {
        const auto& [uri, after, unfinished, decodes, certainty] = all[i];
        if (sessions_.find_subscription(session, uri) != nullptr) continue;
        // The subscriptions of an ended session are never refused. They count, so its client may get no new ones.
        sessions_.count_anyway(session, uri);
        const bool is_delayed = certainty.finality != wire::Finality::accepted;
        // Until its replay is parked, the journal must not say that it follows the position that a client names.
        const bool is_open = is_delayed && unfinished == store::Unfinished::nothing;
        Subscription& subscription = sessions_.subscribe(
            session, uri, after, is_open ? store::Unfinished::replay : unfinished, gets_decoded(all[i]), certainty);
        if (unfinished == store::Unfinished::nothing && !is_delayed) continue;
        const bool is_late = unfinished == store::Unfinished::past;
        ReplayRef& joined =
            (is_late ? restoring.late : restoring.replays)[static_cast<std::size_t>(certainty.finality)];
        if (!joined) joined = sessions_.new_replay(session, certainty.finality);
        if (is_delayed) catch_up_.is_delayed(session);
        joined->add(subscription, after, is_late);
    }
}

void LoopFeed::restore_in_turns(const wire::SessionId& id, Restoring restoring) {
    const Session* const asked = sessions_.find(id);
    const base::ActingFor scope(asked->sink->client());
    loop_.in_turn([this, id, restoring = std::move(restoring)]() mutable {
        Session* const session = sessions_.find(id);
        if (session == nullptr) return;
        restore_some(*session, restoring);
        if (restoring.restored < restoring.from.subscriptions.size()) return restore_in_turns(id, std::move(restoring));
        session->is_restoring = false;
        announce(*session, &restoring.from);
        session->sink->resume();
        catch_up_.advance(*session);
    });
}

void LoopFeed::writable(const wire::SessionId& id) {
    Session* const session = sessions_.find(id);
    if (session == nullptr) return;
    session->is_blocked = false;
    catch_up_.advance(*session);
}

/// Keeps the session, so that it can be resumed from now on.
void LoopFeed::keep_for_resume(const Session& session) {
    const auto now = loop_.shared.clock.steady();
    auto record = sessions_.record_of(session);
    record.ended_ms = steady_ms(now);
    record.position = sessions_.delivered_up_to(session);
    if (auto* const journal = sessions_.journal()) journal->ended(session.id, *record.ended_ms, record.position);
    loop_.shared.ended.add(std::move(record), loop_.number, now + loop_.limits.resume_time,
                           session.aside ? session.aside->parent : std::nullopt, session.sink->client());
}

void LoopFeed::closed(const wire::SessionId& id, bool for_good) {
    Session* const session = sessions_.find(id);
    if (session == nullptr) return;
    if (session->is_announced && !session->is_taken && !session->subscriptions.empty()) {
        // The client does not know a session that is still being restored: it comes back with its earlier id.
        if (!for_good && !session->is_restoring && loop_.limits.resume_time.count() > 0) {
            keep_for_resume(*session);
        } else if (auto* const journal = sessions_.journal()) {
            journal->forgotten(id);
        }
    }
    catch_up_.forget(*session);
    sessions_.remove(*session);
}

void LoopFeed::drain(const wire::SessionId& id) {
    if (Session* const session = sessions_.find(id)) sessions_.drop(*session, Closing::restart);
}

/// Closes a session whose place another connection has taken.
void LoopFeed::end_taken(Session& session) {
    session.is_taken = true;
    sessions_.release_subscriptions(session);
    sessions_.drop(session, Closing::taken_over);
}

void LoopFeed::supersede(const wire::SessionId& id) {
    if (Session* const session = sessions_.find_open(id)) {
        if (auto* const journal = sessions_.journal()) journal->forgotten(id);
        end_taken(*session);
    }
    loop_.shared.ended.forget(id);
}

/// Where a subscription that waits for finality continues for a client that has seen everything up to `seen`: what was
/// not decided then may not have been sent. `covered_from`: where the journal says that it continues.
std::uint64_t LoopFeed::undecided_at(wire::Finality finality, std::uint64_t seen, std::uint64_t covered_from) const {
    const auto* const fates = loop_.shared.store.fates();
    const auto decided = fates != nullptr ? fates->decided_at(finality, seen) : std::optional(seen);
    return decided ? std::min(*decided, seen) : std::min(covered_from, seen);
}

void LoopFeed::take_over(const wire::SessionId& id, const std::optional<wire::Position>& after,
                         std::move_only_function<void(Restored)> done) {
    if (Session* const session = sessions_.find_open(id); session != nullptr && session->is_announced) {
        keep_for_resume(*session);
        end_taken(*session);
    }
    const std::uint64_t head = loop_.shared.tail.head();
    const store::Store& store = loop_.shared.store;
    // The old session is kept until its time is over: a client that loses its connection before it learns its new id
    // comes again with the old one.
    auto old = loop_.shared.ended.find(id, loop_.shared.clock.steady());
    if (!old) return done({{}, loop_.position(head), false});
    const auto [from, recovered] = after           ? resolve(store, head, *after)
                                   : old->position ? resolve(store, head, loop_.position(*old->position))
                                                   : std::pair(head, false);
    Restored out{{}, loop_.position(from), recovered && old->complete, 0, id};
    out.subscriptions.reserve(old->subscriptions.size());
    take_over_some({std::move(old), after.has_value(), std::move(done), std::move(out)});
}

void LoopFeed::take_over_some(TakingOver taking) {
    const auto& all = taking.old->subscriptions;
    const std::uint64_t from = taking.out.from.seq;
    for (const std::size_t end = std::min(all.size(), taking.taken + kRestoredInTurn); taking.taken < end;
         ++taking.taken) {
        const auto& [text, covered_from, unfinished, decodes, certainty] = all[taking.taken];
        auto uri = wire::Uri::of_canonical(text);
        if (!uri) continue;
        if (certainty.finality != wire::Finality::accepted) {
            // Its own cursor may be far behind the position that the client names.
            auto begin = covered_from;
            if (taking.has_position && unfinished != store::Unfinished::replay)
                begin = undecided_at(certainty.finality, from, begin);
            taking.out.subscriptions.push_back({std::move(*uri), begin, unfinished, decodes, certainty});
            taking.out.uri_bytes += text.size();
            continue;
        }
        const bool begins_again = unfinished == store::Unfinished::replay;
        // A client that names a position gets every event after it, even for a subscription that was made later: it may
        // not have received the end of a replay that the kernel took whole, and it may want to go back.
        const auto counts_from = taking.has_position ? from : std::max(covered_from, from);
        taking.out.subscriptions.push_back(
            {std::move(*uri), begins_again ? covered_from : counts_from, unfinished, decodes, certainty});
        taking.out.uri_bytes += text.size();
    }
    if (taking.taken == all.size()) return taking.done(std::move(taking.out));
    loop_.in_turn([this, taking = std::move(taking)]() mutable { take_over_some(std::move(taking)); });
}

// --- subscriptions ---

/// Whether a late subscription to `uri` must look for earlier events.
bool LoopFeed::has_earlier_events(const wire::Uri& uri) const {
    const store::EventFilter of{uri.component, wire::text_hash(uri.topic), wire::text_hash(*uri.entity), 0};
    const auto earlier = loop_.shared.store.past_events(of, 1, store::Store::Reads::memory);
    // If the look-up would have to wait for the disk, or fails, subscribe as if there were earlier events: the pool
    // then reads them, and an error shows there.
    return !earlier || !earlier->empty();
}

Subscribed LoopFeed::subscribe(const wire::SessionId& id, const wire::Uri& uri, const SubscribeOptions& options) {
    Session* const session = sessions_.find_open(id);
    if (session == nullptr) return {SubscribeResult::unknown_session};
    if (is_too_long(uri)) return {SubscribeResult::too_long};
    const std::uint64_t head = loop_.shared.tail.head();
    Subscribed out{SubscribeResult::ok, loop_.position(head)};
    if (const auto* const known = sessions_.find_subscription(*session, uri)) {
        out.decodes = known->topic->decodes;
        out.certainty = known->topic->certainty;
        return out;
    }
    if (session->subscriptions.size() >= loop_.limits.max_subscriptions) return {SubscribeResult::too_many};

    const wire::Certainty certainty{options.finality.value_or(session->finality_new),
                                    options.retractions.value_or(bool{session->retracts_new})};
    const bool is_delayed = certainty.finality != wire::Finality::accepted;
    out.certainty = certainty;
    std::uint64_t from = head;
    bool is_late = false;
    if (options.after) {
        const auto [begins, recovered] = resolve(loop_.shared.store, head, *options.after);
        from = begins;
        out.position = loop_.position(from);
        out.recovered = recovered;
    } else if (loop_.limits.late_subscriptions && options.late_replay && wire::is_terminal(uri)) {
        is_late = has_earlier_events(uri);
        if (is_late && is_delayed) {  // what is not decided yet comes when it is
            from = std::min(sessions_.settled(certainty.finality), head);
            out.position = loop_.position(from);
        }
    }
    // One that waits for finality has a replay in any case. What begins beyond the parked one joins that.
    const bool is_settled = is_delayed && !is_late && from >= sessions_.settled(certainty.finality);
    const bool replays = is_late || (!is_settled && from < head);
    ReplayRef joined = replays ? session->replay_to_join(from, is_late, certainty.finality) : nullptr;
    if (replays && !is_late && !joined && session->aside &&
        std::ranges::count_if(session->aside->replays, [](const auto& r) { return !r->has_late() && !r->is_parked; }) >=
            kMaxReplays) {
        return {SubscribeResult::too_many_replays};
    }
    out.fresh = true;
    out.decodes = uri.component == wire::Component::contracts && options.decodes.value_or(bool{session->decodes_new});
    if (const auto counted = sessions_.count_subscription(*session, uri); counted != SubscribeResult::ok)
        return {counted};
    const auto unfinished = is_late   ? store::Unfinished::past
                            : replays ? store::Unfinished::replay
                                      : store::Unfinished::nothing;
    Subscription& subscription = sessions_.subscribe(*session, uri, from, unfinished, out.decodes, certainty);
    if (options.until_end) {
        subscription.until_end = true;
        ++session->until_ends;
        session->leave_lane();
    }
    if (is_settled) {
        ReplayRef parked = session->parked(certainty.finality);
        if (!parked) {
            parked = sessions_.new_replay(*session, certainty.finality);
            parked->is_parked = true;
        }
        parked->add(subscription, from, false);
    }
    if (replays) {
        if (is_delayed) catch_up_.is_delayed(*session);
        if (!joined) joined = sessions_.new_replay(*session, certainty.finality);
        joined->add(subscription, from, is_late);
        out.hold = catch_up_.hold(*session, *joined);
        sessions_.note(*session,
                       fmt::format("{} {}", is_late ? "replays earlier events of" : "replays", uri.to_string()));
    }
    return out;
}

Subscribed LoopFeed::unsubscribe(const wire::SessionId& id, const wire::Uri& uri) {
    Session* const session = sessions_.find_open(id);
    if (session == nullptr) return {SubscribeResult::unknown_session};
    Subscription* const subscription = sessions_.find_subscription(*session, uri);
    if (subscription == nullptr) return {SubscribeResult::not_subscribed};
    sessions_.unsubscribe(*session, *subscription);
    catch_up_.unsubscribed(*session);
    return {SubscribeResult::ok, loop_.position(loop_.shared.tail.head())};
}

// --- care ---

void LoopFeed::tick() {
    loop_.shared.decoded.tick();
    catch_up_.tick();
    loop_.shared.ended.expire(loop_.shared.clock.steady());
    journal_care_.tick();
}

}  // namespace rues::feed
