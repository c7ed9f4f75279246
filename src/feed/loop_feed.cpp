#include "feed/loop_feed.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "wire/topics.hpp"

namespace rues::feed {
namespace {

/// Most replays of a session that start at a position which the client named. A session may have two more: one of late
/// subscriptions, and one whose late subscriptions are done and that is on its way to the live end.
constexpr std::ptrdiff_t kMaxReplays = 4;

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
    if (opening.is_announced) sink.send_text(wire::to_string(session->id));
    if (opening.restored) restore(*session, *opening.restored);
    return session->id;
}

void LoopFeed::restore(Session& session, const Restored& restored) {
    if (session.is_announced) {
        session.sink->send_text(fmt::format(R"({{"recovered":{},"from":"{}","session":"{}"}})", restored.recovered,
                                            restored.from.to_string(), wire::to_string(session.id)));
    }
    if (session.is_announced) session.with_aside().parent = restored.old;
    std::uint64_t next = UINT64_MAX;
    ReplayRef replay;  // all replays that were under way continue as one
    ReplayRef late;    // all late subscriptions join another one
    const auto gets_decoded = [](const Restored::Subscription& each) {
        return each.decodes && each.uri.component == wire::Component::contracts;
    };
    if (std::ranges::any_of(restored.subscriptions, gets_decoded)) sessions_.join_decoding(session);
    for (const auto& each : restored.subscriptions) {
        const auto& [uri, from, unfinished, decodes] = each;
        if (sessions_.find_subscription(session, uri) != nullptr) continue;
        Subscription& subscription = sessions_.subscribe(session, uri, from, unfinished, gets_decoded(each));
        if (unfinished == store::Unfinished::nothing) {
            next = std::min(next, from + 1);
            continue;
        }
        const bool is_late = unfinished == store::Unfinished::past;
        ReplayRef& joined = is_late ? late : replay;
        if (!joined) joined = sessions_.new_replay(session);
        joined->add(subscription, from, is_late);
    }
    sessions_.note(
        session, fmt::format("opened with {} subscriptions from {}", restored.subscriptions.size(), restored.from.seq));
    const bool is_behind = next <= sessions_.processed(session);
    if (is_behind) catch_up_.fall_behind(session, next);
    // In a task of its own, because the socket is just being opened.
    if (is_behind || replay || late) catch_up_.advance_later(session.id);
    // Those of an ended session are not refused. They count, and so its client may get no others.
    (void)session.counted_subscriptions.resize(session.subscriptions.size());
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
                           session.aside ? session.aside->parent : std::nullopt);
}

void LoopFeed::closed(const wire::SessionId& id, bool for_good) {
    Session* const session = sessions_.find(id);
    if (session == nullptr) return;
    if (session->is_announced && !session->is_taken && !session->subscriptions.empty()) {
        if (!for_good && loop_.limits.resume_time.count() > 0) {
            keep_for_resume(*session);
        } else if (auto* const journal = sessions_.journal()) {
            journal->forgotten(id);
        }
    }
    catch_up_.forget(*session);
    sessions_.remove(*session);
}

void LoopFeed::drain(const wire::SessionId& id) {
    if (Session* const session = sessions_.find(id)) sessions_.drop(*session, 1012, "Service restart");
}

/// Closes a session whose place another connection has taken.
void LoopFeed::end_taken(Session& session) {
    session.is_taken = true;
    sessions_.release_subscriptions(session);
    sessions_.drop(session, 4001, "Session taken over");
}

void LoopFeed::supersede(const wire::SessionId& id) {
    if (Session* const session = sessions_.find_open(id)) {
        if (auto* const journal = sessions_.journal()) journal->forgotten(id);
        end_taken(*session);
    }
    loop_.shared.ended.forget(id);
}

Restored LoopFeed::take_over(const wire::SessionId& id, const std::optional<wire::Position>& after) {
    if (Session* const session = sessions_.find_open(id); session != nullptr && session->is_announced) {
        keep_for_resume(*session);
        end_taken(*session);
    }
    const std::uint64_t head = loop_.shared.tail.head();
    const store::Store& store = loop_.shared.store;
    // The old session is kept until its time is over: a client that loses its connection before it learns its new id
    // comes again with the old one.
    const auto old = loop_.shared.ended.find(id, loop_.shared.clock.steady());
    if (!old) return {{}, loop_.position(head), false};
    auto [from, recovered] = after           ? resolve(store, head, *after)
                             : old->position ? resolve(store, head, loop_.position(*old->position))
                                             : std::pair(head, false);
    Restored out{{}, loop_.position(from), recovered && old->complete, id};
    out.subscriptions.reserve(old->subscriptions.size());
    for (const auto& [text, covered_from, unfinished, decodes] : old->subscriptions) {
        auto uri = wire::Uri::of_canonical(text);
        if (!uri) continue;
        const bool begins_again = unfinished == store::Unfinished::replay;
        // A client that names a position gets every event after it, even for a subscription that was made later: it may
        // not have received the end of a replay that the kernel took whole, and it may want to go back.
        const auto counts_from = after ? from : std::max(covered_from, from);
        out.subscriptions.push_back({std::move(*uri), begins_again ? covered_from : counts_from, unfinished, decodes});
    }
    return out;
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
        return out;
    }
    if (session->subscriptions.size() >= loop_.limits.max_subscriptions) return {SubscribeResult::too_many};

    std::uint64_t from = head;
    bool is_late = false;
    if (options.after) {
        const auto [begins, recovered] = resolve(loop_.shared.store, head, *options.after);
        from = begins;
        out.position = loop_.position(from);
        out.recovered = recovered;
    } else if (loop_.limits.late_subscriptions && options.late_replay && wire::is_terminal(uri)) {
        is_late = has_earlier_events(uri);
    }
    const bool replays = is_late || from < head;
    ReplayRef joined = replays ? session->replay_to_join(from, is_late) : nullptr;
    if (replays && !is_late && !joined && session->aside &&
        std::ranges::count_if(session->aside->replays, [](const auto& r) { return !r->has_late(); }) >= kMaxReplays) {
        return {SubscribeResult::too_many_replays};
    }
    out.fresh = true;
    out.decodes = uri.component == wire::Component::contracts && options.decodes.value_or(bool{session->decodes_new});
    if (session->counted_subscriptions.resize(session->subscriptions.size() + 1) != base::Taken::yes)
        return {SubscribeResult::too_many_of_client};
    const auto unfinished = is_late   ? store::Unfinished::past
                            : replays ? store::Unfinished::replay
                                      : store::Unfinished::nothing;
    Subscription& subscription = sessions_.subscribe(*session, uri, from, unfinished, out.decodes);
    if (options.until_end) {
        subscription.until_end = true;
        ++session->until_ends;
        session->leave_lane();
    }
    if (replays) {
        if (!joined) joined = sessions_.new_replay(*session);
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
