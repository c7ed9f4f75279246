#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "feed/loop_feed.hpp"
#include "wire/frame.hpp"
#include "wire/topics.hpp"

/// Delivery of events to the sessions of one loop.
namespace rues::feed {
namespace {

// Buffers in one write. A run is one buffer, and hundreds of events make only a few runs.
constexpr std::size_t kMaxBuffers = 64;
constexpr std::size_t kMaxRuns = 1 << 18;  // in one delivery; beyond it the collected runs are written first
constexpr std::size_t kMaxTopicRuns = 1 << 14;
constexpr std::size_t kFirstRead = 64 << 10;

bool is_one_piece(const store::LogRecord& first, const store::LogRecord& second) {
    return first.message.data() + first.message.size() == second.message.data();
}

ByteView bytes_of(const store::LogRecords& records, std::uint32_t first, std::uint32_t count) {
    const auto& last = records[first + count - 1].message;
    const std::byte* const begin = records[first].message.data();
    return {begin, last.data() + last.size()};
}

}  // namespace

// --- live ---

void LoopFeed::deliver() {
    const std::uint64_t head = shared_.tail.head();
    ++wake_;
    while (processed_ < head) {
        auto batch = shared_.tail.find(processed_ + 1);
        if (!batch) {
            // The tail has dropped this record before this loop read it: live sessions continue from the log.
            deliver_topic_runs();
            for (auto& session : slots_) {
                if (session && session->is_live) fall_behind(*session, processed_ + 1);
            }
            processed_ = head;
            break;
        }
        const auto number = static_cast<std::uint32_t>(runs_.batches.size());
        runs_.batches.push_back(batch.get());
        batches_.push_back(std::move(batch));
        const store::LogRecords& records = *runs_.batches.back();
        find_topics(records, number);
        processed_ = records.back().seq;
        if (topic_runs_.size() > kMaxTopicRuns) deliver_topic_runs();
    }
    deliver_topic_runs();
    const std::vector<Session*> behind(behind_.begin(), behind_.end());  // a session that catches up leaves `behind_`
    for (Session* const session : behind) {
        if (is_past_limits(*session)) drop(*session, 1013, "Slow consumer");
        // A session that the tail overtook has no write under way, so no `writable` would wake it.
        advance(*session);
    }
}

/// Consecutive records that match the same single topic are delivered together: the cost is to touch a session, not the
/// number of records that it gets.
void LoopFeed::find_topics(const store::LogRecords& records, std::uint32_t batch) {
    const auto first = static_cast<std::uint32_t>(processed_ + 1 - records.front().seq);
    const Topic* only = nullptr;  // the topic of the previous record, if exactly one matched it
    for (std::uint32_t i = first; i < records.size(); ++i) {
        topics_.matching(records[i], matching_);
        if (matching_.size() == 1 && matching_.front() == only) {
            ++topic_runs_.back().count;
            continue;
        }
        for (const Topic* const topic : matching_) topic_runs_.push_back({topic, batch, i, 1});
        only = matching_.size() == 1 ? matching_.front() : nullptr;
    }
}

void LoopFeed::deliver_topic_runs() {
    if (topic_runs_.size() == 1) {
        deliver_at_once(topic_runs_.front());
    } else {
        for (const TopicRun& each : topic_runs_) {
            if (each.topic != nullptr) add_to_runs(each);
            if (runs_.all.size() > kMaxRuns) flush_runs();
        }
    }
    flush_runs();
    topic_runs_.clear();
    runs_.batches.clear();
    batches_.clear();
}

/// How many of the `count` records that start at `first_seq` live delivery skips for this subscription, because they
/// are not after `subscription.from`.
std::uint32_t LoopFeed::covered(const Subscription& subscription, std::uint64_t first_seq, std::uint32_t count) {
    if (subscription.from < first_seq) return 0;
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(count, subscription.from - first_seq + 1));
}

void LoopFeed::add_to_runs(const TopicRun& run) {
    constexpr std::size_t kAhead = 4;  // subscriptions whose memory is prefetched before their turn
    const auto& subscriptions = run.topic->subscriptions;
    const std::uint64_t first_seq = (*runs_.batches[run.batch])[run.first].seq;
    for (std::size_t i = 0; i < subscriptions.size(); ++i) {
        if (i + 2 * kAhead < subscriptions.size()) __builtin_prefetch(subscriptions[i + 2 * kAhead]);
        if (i + kAhead < subscriptions.size()) subscriptions[i + kAhead]->session->expect();
        Session& session = *subscriptions[i]->session;
        if (!session.is_live) continue;
        const std::uint32_t without = covered(*subscriptions[i], first_seq, run.count);
        if (without < run.count) add_to_runs(session, run.batch, run.first + without, run.count - without);
    }
}

/// Delivers the only hand-out of a wake-up. The lanes get it in one call, which touches no session. All other sessions
/// are written to one after the other, so that the memory of the next session arrives while the kernel sends to this
/// one. A session that needs more than a plain write gets a run.
void LoopFeed::deliver_at_once(const TopicRun& run) {
    const auto& subscriptions = run.topic->subscriptions;
    const store::LogRecords& records = *runs_.batches[run.batch];
    const ByteView all = bytes_of(records, run.first, run.count);
    rest_.clear();
    const auto lanes = topics_.lanes_of(*run.topic);
    const auto& send_to_all = shared_.executors.send_to_all;
    if (send_to_all && !lanes.empty() && records[run.first].seq > newest_from_) {
        send_to_all(loop_, lanes, all, rest_);
    } else {
        for (std::uint32_t i = 0; i < subscriptions.size(); ++i) rest_.emplace_back(i, 0);
    }
    const auto ahead = [&](std::size_t n) { return subscriptions[rest_[n].first]; };
    for (std::size_t n = 0; n < rest_.size(); ++n) {
        if (n + 4 < rest_.size()) __builtin_prefetch(ahead(n + 4));
        if (n + 3 < rest_.size()) ahead(n + 3)->session->expect();
        if (n + 2 < rest_.size()) __builtin_prefetch(ahead(n + 2)->session->sink);
        if (n + 1 < rest_.size()) ahead(n + 1)->session->sink->expect_write();
        const auto [i, sent] = rest_[n];
        Session& session = *subscriptions[i]->session;
        if (sent > 0) {
            session.sink->stopped_in_lane();
            stopped_within(session, records, run.first, sent, nullptr);
            continue;
        }
        if (!session.is_live) continue;
        const std::uint32_t without = covered(*subscriptions[i], records[run.first].seq, run.count);
        if (without == run.count) continue;
        const std::uint32_t first = run.first + without;
        if (session.until_ends > 0 || is_held_up(session)) {
            add_to_runs(session, run.batch, first, run.count - without);
            continue;
        }
        const ByteView bytes = without == 0 ? all : bytes_of(records, first, run.count - without);
        const std::size_t taken = session.sink->write(std::span(&bytes, 1), true);
        if (taken < bytes.size()) {
            stopped_within(session, records, first, taken, nullptr);
        } else {
            use_lane(session);
        }
    }
}

/// REQUIRES: the session is live, its socket takes bytes, and none of its subscriptions ends by itself.
void LoopFeed::use_lane(Session& session) {
    const bool has_replays = session.aside && !session.aside->replays.empty();
    if (session.uses_lane || session.is_dropped || has_replays) return;
    session.uses_lane = true;
    session.sink->use_lane(true);
}

/// Call it before the session is sent anything but the next live event, and before it is closed.
void LoopFeed::leave_lane(Session& session) {
    if (!session.uses_lane) return;
    session.uses_lane = false;
    session.sink->use_lane(false);
}

/// REQUIRES: the records come after all records in the session's runs, or its last run has them already, under another
/// topic.
void LoopFeed::add_to_runs(Session& session, std::uint32_t batch, std::uint32_t first, std::uint32_t count) {
    const auto fresh = static_cast<std::uint32_t>(runs_.all.size());
    if (session.wake != wake_) {
        session.wake = wake_;
        session.first_run = session.last_run = fresh;
        touched_.push_back(&session);
    } else {
        Run& last = runs_.all[session.last_run];
        if (last.batch == batch) {
            if (last.first + last.count > first) return;  // the event matches two subscriptions
            if (last.first + last.count == first) {
                last.count += count;
                return;
            }
        }
        last.next = fresh;
        session.last_run = fresh;
    }
    runs_.all.push_back({batch, first, count, kNoRun});
}

void LoopFeed::flush_runs() {
    for (std::size_t i = 0; i < touched_.size(); ++i) {
        // A session, its sink and its socket lie apart in memory. With thousands of sessions, waiting for that memory
        // would take a fifth of the time that the kernel takes to send.
        if (i + 3 < touched_.size()) touched_[i + 3]->expect();
        if (i + 2 < touched_.size()) __builtin_prefetch(touched_[i + 2]->sink);
        if (i + 1 < touched_.size()) touched_[i + 1]->sink->expect_write();
        Session* const session = touched_[i];
        if (is_held_up(*session)) {
            const Run& first = runs_.all[session->first_run];
            fall_behind(*session, (*runs_.batches[first.batch])[first.first].seq);
            continue;
        }
        if (write(*session, runs_, session->first_run, nullptr) && session->until_ends > 0)
            end_what_ends(*session, runs_, session->first_run);
    }
    touched_.clear();
    runs_.all.resize(1);
    ++wake_;
}

bool LoopFeed::write(Session& session, const Runs& runs, std::uint32_t first_run, Replay* replay) {
    for (std::uint32_t at = first_run; at != kNoRun;) {
        std::array<ByteView, kMaxBuffers> buffers;
        std::size_t count = 0;
        std::size_t bytes = 0;
        std::uint32_t end = at;
        for (; count < kMaxBuffers && end != kNoRun; end = runs.all[end].next, ++count) {
            const Run& run = runs.all[end];
            buffers[count] = bytes_of(*runs.batches[run.batch], run.first, run.count);
            bytes += buffers[count].size();
        }
        std::size_t taken = session.sink->write(std::span(buffers).first(count), true);
        if (taken == bytes) {
            at = end;
            continue;
        }
        for (std::size_t i = 0; taken >= buffers[i].size(); ++i, at = runs.all[at].next) taken -= buffers[i].size();
        stopped_within(session, *runs.batches[runs.all[at].batch], runs.all[at].first, taken, replay);
        return false;
    }
    return true;
}

/// The kernel took only `sent` bytes of the records that start at `first`.
void LoopFeed::stopped_within(Session& session, const store::LogRecords& records, std::uint32_t first, std::size_t sent,
                              Replay* replay) {
    for (; sent >= records[first].message.size(); ++first) sent -= records[first].message.size();
    stopped_in(session, records[first], sent, replay);
}

/// The kernel took only the first `sent` bytes of this record's message.
void LoopFeed::stopped_in(Session& session, const store::LogRecord& record, std::size_t sent, Replay* replay) {
    session.is_blocked = true;
    Aside& aside = aside_of(session);
    if (sent > 0) {
        aside.half = {record.seq, sent, replay != nullptr && replay->has_late()};
    } else {
        // No byte of this message is sent, so the socket is between messages. Whether the session still wants the
        // message is checked again before the next write.
        session.sink->write({}, true);
    }
    const std::uint64_t next = record.seq + (sent > 0 ? 1 : 0);
    if (replay == nullptr) return fall_behind(session, next);
    if (!replay->has_late()) replay->next = next;
}

/// Ends the subscriptions that were made for one transaction (`until_end`) after its last event.
void LoopFeed::end_what_ends(Session& session, const Runs& runs, std::uint32_t first_run) {
    static const std::array kLast{wire::text_hash(wire::topic::kRemoved), wire::text_hash(wire::topic::kDropped)};
    std::vector<Subscription*> over;
    for (std::uint32_t at = first_run; at != kNoRun; at = runs.all[at].next) {
        const Run& run = runs.all[at];
        for (std::uint32_t i = run.first; i < run.first + run.count; ++i) {
            const auto& filter = (*runs.batches[run.batch])[i].filter;
            if (filter.component != wire::Component::transactions || std::ranges::count(kLast, filter.topic) == 0)
                continue;
            for (const auto& each : session.subscriptions) {
                const auto& entity = each->topic->uri.entity;
                if (each->until_end && entity && wire::text_hash(*entity) == filter.entity) over.push_back(each.get());
            }
        }
    }
    std::ranges::sort(over);
    const auto repeated = std::ranges::unique(over);
    over.erase(repeated.begin(), repeated.end());
    for (Subscription* const subscription : over) remove_subscription(session, *subscription);
}

// --- behind ---

void LoopFeed::fall_behind(Session& session, std::uint64_t next) {
    leave_lane(session);
    Aside& aside = aside_of(session);
    if (session.is_live) {
        aside.behind_since = shared_.clock.steady();
        aside.allowance = processed_ + 1 - std::min(processed_ + 1, next) + limits_.catch_up_distance;
        aside.read_bytes = kFirstRead;
        behind_.insert(&session);
        note(session, fmt::format("fell behind at {}", next - 1));
    }
    session.is_live = false;
    session.next = next;
}

bool LoopFeed::is_past_limits(const Session& session) const {
    if (session.next + session.aside->allowance < processed_) return true;
    return shared_.clock.steady() - session.aside->behind_since > limits_.catch_up_age;
}

void LoopFeed::writable(const wire::SessionId& id) {
    Session* const session = find(id);
    if (session == nullptr) return;
    session->is_blocked = false;
    if (session->aside) advance(*session);
}

/// Continues where the session stopped, until its socket is full, it needs a read, or nothing is left.
void LoopFeed::advance(Session& session) {
    if (session.is_blocked || session.is_reading || !session.aside) return;
    if (!finish_half(session, nullptr) || session.is_dropped) return;
    if (!session.is_live && !catch_up(session)) return;
    replay(session);
}

/// Sends the rest of a half-sent message. `record`: its record if it was just read, else null. False: the socket is
/// full, or the record is being read.
bool LoopFeed::finish_half(Session& session, const store::LogRecord* record) {
    HalfSent& half = session.aside->half;
    if (half.sent == 0) return true;
    store::LogBatch batch;
    if (record == nullptr) {
        batch = shared_.tail.find(half.seq);
        if (!batch) {
            read(session, Purpose::half);
            return false;
        }
        record = &(*batch)[half.seq - batch->front().seq];
    }
    base::Bytes marked;
    ByteView message = record->message;
    if (half.is_marked) message = marked = wire::as_replay(message);
    const ByteView rest = message.subspan(half.sent);
    const std::size_t taken = session.sink->write(std::span(&rest, 1), true);
    if (taken < rest.size()) {
        half.sent += taken;
        session.is_blocked = true;
        return false;
    }
    half = {};
    return true;
}

bool LoopFeed::catch_up(Session& session) {
    while (session.next <= processed_) {
        const auto batch = shared_.tail.find(session.next);
        if (!batch) {
            read(session, Purpose::cursor);
            return false;
        }
        if (!offer(session, *batch, nullptr, std::nullopt)) return false;
    }
    session.is_live = true;
    behind_.erase(&session);
    note(session, fmt::format("live again at {}", processed_));
    return true;
}

bool LoopFeed::replay(Session& session) {
    for (;;) {
        const auto& replays = session.aside->replays;
        const auto free = std::ranges::find(replays, 0U, [](const auto& each) { return each->holds; });
        if (free == replays.end()) return true;
        const ReplayRef replay = *free;
        if (replay->has_late()) {
            read(session, Purpose::late, replay.get());
            return false;
        }
        if (replay->next > processed_) {
            finish_replay(session, *replay);
            continue;
        }
        const auto batch = shared_.tail.find(replay->next);
        if (!batch) {
            read(session, Purpose::replay, replay.get());
            return false;
        }
        if (!offer(session, *batch, replay, std::nullopt)) return false;
    }
}

/// Whether a subscription of the session wants `record`: one that the session's own cursor covers or, with `replay`, a
/// member of that replay.
bool LoopFeed::matches(const Session& session, const store::LogRecord& record, const Replay* replay) {
    topics_.matching(record, matching_);
    return std::ranges::any_of(matching_, [&](const Topic* topic) {
        const Subscription* const subscription = find_subscription(session, *topic);
        if (subscription == nullptr) return false;
        if (replay == nullptr) return record.seq > subscription->from;
        return subscription->replay == replay->tag() && record.seq > replay->members[subscription->member].after;
    });
}

bool LoopFeed::offer(Session& session, const store::LogRecords& records, const ReplayRef replay,
                     std::optional<std::uint32_t> checked_at) {
    std::uint64_t& next = replay ? replay->next : session.next;
    const auto is_wanted = [&](const store::LogRecord& record) {
        return checked_at == session.removals || matches(session, record, replay.get());
    };
    const auto first = std::ranges::lower_bound(records, next, {}, &store::LogRecord::seq);
    auto at = static_cast<std::uint32_t>(first - records.begin());
    Runs runs;
    runs.batches.push_back(&records);
    std::size_t bytes = 0;
    const auto send = [&] {
        if (runs.all.size() == 1) return true;
        const bool taken = write(session, runs, 1, replay.get());
        if (taken && session.until_ends > 0) end_what_ends(session, runs, 1);
        runs.all.resize(1);
        bytes = 0;
        return taken;
    };
    for (; at < records.size() && records[at].seq <= processed_; ++at) {
        if (!is_wanted(records[at])) continue;
        Run& last = runs.all.back();
        if (runs.all.size() > 1 && last.first + last.count == at && is_one_piece(records[at - 1], records[at])) {
            ++last.count;
        } else {
            if (runs.all.size() > 1) last.next = static_cast<std::uint32_t>(runs.all.size());
            runs.all.push_back({0, at, 1, kNoRun});
        }
        bytes += records[at].message.size();
        if (bytes < limits_.catch_up_bytes) continue;
        if (!send()) return false;  // the write that stopped set the cursor
        next = records[at].seq + 1;
    }
    if (!send()) return false;
    if (at > 0) next = std::max(next, records[at - 1].seq + 1);
    return true;
}

void LoopFeed::drop(Session& session, std::uint16_t code, std::string_view why) {
    if (session.is_dropped) return;
    session.is_dropped = true;
    leave_lane(session);
    note(session, fmt::format("closed with {}: {}", code, why));
    session.sink->close(code, fmt::format("{}, last position {}", why, at(delivered_up_to(session)).to_string()));
}

}  // namespace rues::feed
