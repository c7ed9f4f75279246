#include "feed/loop_feed.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "wire/topics.hpp"

namespace rues::feed {
namespace {

/// Most replays of a session that start at a position which the client named. A session may have two more: one that
/// looks back, and one that has looked back and is on its way to the live end.
constexpr std::ptrdiff_t kMaxReplays = 4;
constexpr std::size_t kMaxDecisions = 8;
constexpr std::size_t kMaxShown = 100;  // subscriptions in a report
// Digits of a session's id in a report. The other digits stay secret: with them a reader could speak for the session.
constexpr std::size_t kReportedDigits = 8;
constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

}  // namespace

std::pair<std::uint64_t, bool> resolve(const store::Store& store, std::uint64_t head, const wire::Position& after) {
    const auto last = store.last_seq_of(after.epoch);
    if (!last) return {head, false};
    if (after.seq > *last) return {std::min(*last, head), false};
    const std::uint64_t first = store.first_seq();
    if (after.seq + 1 < first) return {first - 1, false};
    return {after.seq, true};
}

LoopFeed::LoopFeed(std::size_t loop, const Shared& shared, const Limits& limits)
    : loop_(loop), shared_(shared), limits_(limits), processed_(shared.tail.head()) {}

LoopFeed::~LoopFeed() {
    *alive_ = false;
}

Session* LoopFeed::find(const wire::SessionId& id) const {
    const auto slot = shared_.cipher.open(id).slot;
    if (slot >= slots_.size() || !slots_[slot] || !wire::equal_in_constant_time(slots_[slot]->id, id)) return nullptr;
    return slots_[slot].get();
}

Session* LoopFeed::find_open(const wire::SessionId& id) const {
    Session* const session = find(id);
    return session == nullptr || session->is_taken ? nullptr : session;
}

Aside& LoopFeed::aside_of(Session& session) {
    if (!session.aside) session.aside = std::make_unique<Aside>();
    return *session.aside;
}

void LoopFeed::note(Session& session, std::string what) {
    auto& decisions = aside_of(session).decisions;
    if (decisions.size() == kMaxDecisions) decisions.erase(decisions.begin());
    decisions.push_back({static_cast<std::uint64_t>(shared_.clock.unix_time().count()), std::move(what)});
}

// --- opening and closing ---

std::optional<wire::SessionId> LoopFeed::open(Sink& sink, Opening opening) {
    if (count_ >= std::min(limits_.max_sessions_per_loop, wire::SessionAddress::kMaxSlots)) return std::nullopt;
    if (free_.empty()) {
        free_.push_back(static_cast<std::uint32_t>(slots_.size()));
        slots_.emplace_back();
    }
    const std::uint32_t slot = free_.back();
    wire::SessionAddress address;
    address.loop = static_cast<std::uint16_t>(loop_);  // Hub::create knows the bound
    address.slot = slot;
    if (!shared_.random(address.random)) return std::nullopt;
    free_.pop_back();
    slots_[slot] = std::make_unique<Session>();
    Session& session = *slots_[slot];
    session.id = shared_.cipher.seal(address);
    session.sink = &sink;
    session.is_announced = opening.is_announced;
    ++count_;
    if (opening.is_announced) sink.send_text(wire::to_string(session.id));
    if (opening.restored) restore(session, *opening.restored);
    return session.id;
}

void LoopFeed::restore(Session& session, const Restored& restored) {
    if (session.is_announced) {
        session.sink->send_text(fmt::format(R"({{"recovered":{},"from":"{}","session":"{}"}})", restored.recovered,
                                            restored.from.to_string(), wire::to_string(session.id)));
    }
    if (session.is_announced) aside_of(session).parent = restored.old;
    std::uint64_t next = processed_ + 1;
    ReplayRef replay;   // all replays that were under way continue as one
    ReplayRef looking;  // all subscriptions that look back join another one
    for (const auto& [uri, from, unfinished] : restored.subscriptions) {
        const Topic* const known = topics_.find(uri);
        if (known != nullptr && find_subscription(session, *known) != nullptr) continue;
        Subscription& subscription = add_subscription(session, uri, from, unfinished);
        if (unfinished == store::Unfinished::nothing) {
            next = std::min(next, from + 1);
            continue;
        }
        const bool is_late = unfinished == store::Unfinished::past;
        ReplayRef& joined = is_late ? looking : replay;
        if (!joined) joined = new_replay(session);
        join(session, *joined, subscription, from, is_late);
    }
    note(session,
         fmt::format("opened with {} subscriptions from {}", restored.subscriptions.size(), restored.from.seq));
    if (next > processed_ && aside_of(session).replays.empty()) return;
    if (next <= processed_) fall_behind(session, next);
    // In a task of its own, because the socket is just being opened.
    shared_.executors.on_loop(loop_, [this, alive = alive_, id = session.id] {
        Session* const found = *alive ? find(id) : nullptr;
        if (found != nullptr) advance(*found);
    });
}

std::uint64_t LoopFeed::delivered_up_to(const Session& session) const {
    if (session.is_live) return processed_;
    const bool is_half = session.aside && session.aside->half.sent > 0 && session.aside->half.seq + 1 == session.next;
    return session.next - (is_half ? 2 : 1);
}

store::JournaledSession LoopFeed::record_of(const Session& session) const {
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

/// Keeps the session, so that it can be resumed from now on.
void LoopFeed::keep_for_resume(const Session& session) {
    const auto now = shared_.clock.steady();
    auto record = record_of(session);
    record.ended_ms = steady_ms(now);
    record.position = delivered_up_to(session);
    if (journal_) journal_->ended(session.id, *record.ended_ms, record.position);
    shared_.ended.add(std::move(record), loop_, now + limits_.resume_time,
                      session.aside ? session.aside->parent : std::nullopt);
}

void LoopFeed::closed(const wire::SessionId& id, bool for_good) {
    Session* const session = find(id);
    if (session == nullptr) return;
    if (session->is_announced && !session->is_taken && !session->subscriptions.empty()) {
        if (!for_good && limits_.resume_time.count() > 0) {
            keep_for_resume(*session);
        } else if (journal_) {
            journal_->forgotten(id);
        }
    }
    for (const auto& subscription : session->subscriptions) topics_.remove(*subscription);
    behind_.erase(session);
    const auto slot = shared_.cipher.open(id).slot;
    slots_[slot].reset();
    free_.push_back(slot);
    --count_;
}

void LoopFeed::drain(const wire::SessionId& id) {
    if (Session* const session = find(id)) drop(*session, 1012, "Service restart");
}

/// Closes a session whose place another connection has taken.
void LoopFeed::end_taken(Session& session) {
    session.is_taken = true;
    if (session.aside) session.aside->replays.clear();
    for (const auto& subscription : session.subscriptions) topics_.remove(*subscription);
    session.subscriptions.clear();
    drop(session, 4001, "Session taken over");
}

void LoopFeed::supersede(const wire::SessionId& id) {
    if (Session* const session = find_open(id)) {
        if (journal_) journal_->forgotten(id);
        end_taken(*session);
    }
    shared_.ended.forget(id);
}

Restored LoopFeed::take_over(const wire::SessionId& id, const std::optional<wire::Position>& after) {
    if (Session* const session = find_open(id); session != nullptr && session->is_announced) {
        keep_for_resume(*session);
        end_taken(*session);
    }
    const std::uint64_t head = shared_.tail.head();
    // The old session is kept until its time is over: a client that loses its connection before it learns its new id
    // comes again with the old one.
    const auto old = shared_.ended.find(id, shared_.clock.steady());
    if (!old) return {{}, at(head), false};
    auto [from, recovered] = after           ? resolve(shared_.store, head, *after)
                             : old->position ? resolve(shared_.store, head, at(*old->position))
                                             : std::pair(head, false);
    Restored out{{}, at(from), recovered && old->complete, id};
    out.subscriptions.reserve(old->subscriptions.size());
    for (const auto& [text, covered_from, unfinished] : old->subscriptions) {
        auto uri = wire::Uri::of_canonical(text);
        if (!uri) continue;
        const bool begins_again = unfinished == store::Unfinished::replay;
        // A client that names a position gets every event after it, even for a subscription that was made later: it may
        // not have received the end of a replay that the kernel took whole, and it may want to go back.
        const auto counts_from = after ? from : std::max(covered_from, from);
        out.subscriptions.push_back({std::move(*uri), begins_again ? covered_from : counts_from, unfinished});
    }
    return out;
}

// --- subscriptions ---

/// Searches the shorter of the two lists.
Subscription* LoopFeed::find_subscription(const Session& session, const Topic& topic) const {
    if (session.subscriptions.size() <= topic.subscriptions.size()) {
        const auto found = std::ranges::find(session.subscriptions, &topic, [](const auto& s) { return s->topic; });
        return found == session.subscriptions.end() ? nullptr : found->get();
    }
    const auto found = std::ranges::find(topic.subscriptions, &session, &Subscription::session);
    return found == topic.subscriptions.end() ? nullptr : *found;
}

Subscription& LoopFeed::add_subscription(Session& session, const wire::Uri& uri, std::uint64_t from,
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

void LoopFeed::remove_subscription(Session& session, Subscription& subscription) {
    if (journal_ && session.is_announced) journal_->unsubscribed(session.id, subscription.topic->uri.to_string());
    if (subscription.replay != 0) {
        auto& replays = session.aside->replays;
        const auto replay = std::ranges::find(replays, subscription.replay, [](const auto& r) { return r->tag(); });
        (*replay)->remove(subscription);
        if ((*replay)->members.empty()) replays.erase(replay);
    }
    if (subscription.until_end) --session.until_ends;
    ++session.removals;
    const Topic* const topic = subscription.topic;
    if (topics_.remove(subscription)) {
        // A delivery may be under way that has more records for this topic; nobody wants them now.
        for (TopicRun& each : topic_runs_) {
            if (each.topic == topic) each.topic = nullptr;
        }
    }
    const auto place = std::ranges::find(session.subscriptions, &subscription, [](const auto& s) { return s.get(); });
    std::swap(*place, session.subscriptions.back());
    session.subscriptions.pop_back();
}

Subscribed LoopFeed::subscribe(const wire::SessionId& id, const wire::Uri& uri, const SubscribeOptions& options) {
    Session* const session = find_open(id);
    if (session == nullptr) return {SubscribeResult::unknown_session};
    if (is_too_long(uri)) return {SubscribeResult::too_long};
    const std::uint64_t head = shared_.tail.head();
    Subscribed out{SubscribeResult::ok, at(head)};
    const Topic* const known = topics_.find(uri);
    if (known != nullptr && find_subscription(*session, *known) != nullptr) return out;
    if (session->subscriptions.size() >= limits_.max_subscriptions) return {SubscribeResult::too_many};

    std::uint64_t from = head;
    bool is_late = false;
    if (options.after) {
        const auto [begins, recovered] = resolve(shared_.store, head, *options.after);
        from = begins;
        out.position = at(from);
        out.recovered = recovered;
    } else if (limits_.late_subscriptions && options.late_replay && wire::is_terminal(uri)) {
        const store::EventFilter of{uri.component, wire::text_hash(uri.topic), wire::text_hash(*uri.entity), 0};
        const auto earlier = shared_.store.past_events(of, 1, store::Store::Reads::memory);
        // If the look-up would have to wait for the disk, or fails, subscribe as if there were earlier events: the pool
        // then reads them, and an error shows there.
        is_late = !earlier || !earlier->empty();
    }
    const bool replays = is_late || from < head;
    ReplayRef joined = replays ? replay_to_join(*session, from, is_late) : nullptr;
    if (replays && !is_late && !joined && session->aside &&
        std::ranges::count_if(session->aside->replays, [](const auto& r) { return !r->has_late(); }) >= kMaxReplays) {
        return {SubscribeResult::too_many_replays};
    }
    out.fresh = true;
    const auto unfinished = is_late   ? store::Unfinished::past
                            : replays ? store::Unfinished::replay
                                      : store::Unfinished::nothing;
    Subscription& subscription = add_subscription(*session, uri, from, unfinished);
    if (options.until_end) {
        subscription.until_end = true;
        ++session->until_ends;
        leave_lane(*session);
    }
    if (replays) {
        if (!joined) joined = new_replay(*session);
        join(*session, *joined, subscription, from, is_late);
        out.hold = hold(id, *joined);
        note(*session, fmt::format("{} {}", is_late ? "looks for the past of" : "replays", uri.to_string()));
    }
    return out;
}

/// The replay that a new subscription can join; null: none. Subscriptions that look back share a replay. A subscription
/// that begins after a position joins a replay that has not started and begins at the same position, so that
/// subscriptions which are made at once are read once.
ReplayRef LoopFeed::replay_to_join(const Session& session, std::uint64_t after, bool is_late) const {
    if (!session.aside) return nullptr;
    const auto found = std::ranges::find_if(session.aside->replays, [&](const auto& replay) {
        if (is_late) return replay->has_late();
        return replay->holds > 0 && replay->late_end == 0 && replay->next == after + 1;
    });
    return found == session.aside->replays.end() ? nullptr : *found;
}

ReplayRef LoopFeed::new_replay(Session& session) {
    leave_lane(session);
    auto& replays = aside_of(session).replays;
    auto replay = std::make_shared<Replay>();
    do {
        replay->number = ++replays_;
    } while (replay->tag() == 0 || std::ranges::count(replays, replay->tag(), [](const auto& r) { return r->tag(); }));
    replays.push_back(replay);
    return replay;
}

void LoopFeed::join(Session& session, Replay& replay, Subscription& subscription, std::uint64_t after, bool is_late) {
    leave_lane(session);
    subscription.from = kNever;
    subscription.is_late = is_late;
    replay.add(subscription, after, is_late);
}

/// Ends a replay that has reached the live end: the session's own cursor covers its subscriptions from here on.
void LoopFeed::finish_replay(Session& session, Replay& replay) {
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

/// A handle whose destruction releases the replay. Its pointer is never used; it is not null, so that the deleter runs.
std::shared_ptr<void> LoopFeed::hold(const wire::SessionId& id, Replay& replay) {
    ++replay.holds;
    return {static_cast<void*>(this), [this, alive = std::weak_ptr(alive_), &executors = shared_.executors,
                                       loop = loop_, id, number = replay.number](void*) {
                executors.on_loop(loop, [this, alive, id, number] {
                    const auto still = alive.lock();
                    if (still && *still) release(id, number);
                });
            }};
}

void LoopFeed::release(const wire::SessionId& id, std::uint64_t number) {
    Session* const session = find_open(id);
    const ReplayRef replay = session == nullptr ? nullptr : find_replay(*session, number);
    if (replay && --replay->holds == 0) advance(*session);
}

Subscribed LoopFeed::unsubscribe(const wire::SessionId& id, const wire::Uri& uri) {
    Session* const session = find_open(id);
    if (session == nullptr) return {SubscribeResult::unknown_session};
    const Topic* const topic = topics_.find(uri);
    Subscription* const subscription = topic == nullptr ? nullptr : find_subscription(*session, *topic);
    if (subscription == nullptr) return {SubscribeResult::not_subscribed};
    remove_subscription(*session, *subscription);
    return {SubscribeResult::ok, at(shared_.tail.head())};
}

// --- care ---

void LoopFeed::tick() {
    const std::vector<Session*> behind(behind_.begin(), behind_.end());
    for (Session* const session : behind) {
        if (is_past_limits(*session)) drop(*session, 1013, "Slow consumer");
    }
    shared_.ended.expire(shared_.clock.steady());
    const auto gone = shared_.ended.take_gone(loop_);
    start_reads();
    if (!journal_) return;
    for (const auto& id : gone) journal_->forgotten(id);
    journal_->tick();
    rewrite_journal();
}

Report LoopFeed::report_of(const Session& session, bool whole) const {
    Report out;
    out.id = wire::to_string(session.id).substr(0, kReportedDigits);
    out.loop = loop_;
    out.subscription_count = session.subscriptions.size();
    out.cursor = at(delivered_up_to(session));
    out.lag = lag_of(session);
    out.is_blocked = session.is_blocked;
    out.replays = session.aside ? session.aside->replays.size() : 0;
    out.state = session.is_dropped ? "closing" : !session.is_live ? "behind" : out.replays > 0 ? "replaying" : "live";
    if (!session.is_live) {
        out.behind_for =
            std::chrono::duration_cast<std::chrono::milliseconds>(shared_.clock.steady() - session.aside->behind_since);
    }
    if (!whole) return out;
    for (const auto& subscription : session.subscriptions) {
        if (out.subscriptions.size() == kMaxShown) break;
        out.subscriptions.push_back(subscription->topic->uri.to_string());
    }
    if (session.aside) out.decisions = session.aside->decisions;
    return out;
}

std::uint64_t LoopFeed::lag_of(const Session& session) const {
    const std::uint64_t head = shared_.tail.head();
    return head - std::min(head, delivered_up_to(session));
}

std::vector<Report> LoopFeed::list(std::size_t most) const {
    std::vector<std::pair<std::uint64_t, const Session*>> all;
    for (const auto& session : slots_) {
        if (session) all.emplace_back(lag_of(*session), session.get());
    }
    const auto end = all.begin() + static_cast<std::ptrdiff_t>(std::min(most, all.size()));
    std::ranges::partial_sort(all, end, std::ranges::greater(), &std::pair<std::uint64_t, const Session*>::first);
    std::vector<Report> out;
    for (auto at = all.begin(); at != end; ++at) out.push_back(report_of(*at->second, false));
    return out;
}

std::optional<Report> LoopFeed::inspect(std::span<const std::byte> first_bytes) const {
    for (const auto& session : slots_) {
        if (session && std::ranges::equal(std::span(session->id).first(first_bytes.size()), first_bytes))
            return report_of(*session, true);
    }
    return std::nullopt;
}

}  // namespace rues::feed
