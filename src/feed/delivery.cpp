#include "feed/delivery.hpp"

#include <algorithm>

namespace rues::feed {
namespace {

constexpr std::size_t kMaxRuns = 1 << 18;  // in one delivery; beyond it the collected runs are written first
constexpr std::size_t kMaxTopicRuns = 1 << 14;

/// How many of the `count` records that start at `first_seq` live delivery skips for this subscription, because they
/// are not after `subscription.from`.
std::uint32_t covered(const Subscription& subscription, std::uint64_t first_seq, std::uint32_t count) {
    if (subscription.from < first_seq) return 0;
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(count, subscription.from - first_seq + 1));
}

}  // namespace

void Delivery::deliver() {
    const Tail& tail = loop_.shared.tail;
    const std::uint64_t head = tail.head();
    ++wake_;
    while (sessions_.processed() < head) {
        auto batch = tail.find(sessions_.processed() + 1);
        if (!batch) {
            // The tail has dropped this record before this loop read it: live sessions continue from the log.
            deliver_topic_runs();
            for (const auto& session : sessions_.slots()) {
                if (session && session->is_live) catch_up_.fall_behind(*session, sessions_.processed() + 1);
            }
            sessions_.set_processed(head);
            break;
        }
        const auto number = static_cast<std::uint32_t>(runs_.batches.size());
        runs_.batches.push_back(batch.get());
        batches_.push_back(std::move(batch));
        const store::LogRecords& records = *runs_.batches.back();
        find_topics(records, number);
        sessions_.set_processed(records.back().seq);
        if (topic_runs_.size() > kMaxTopicRuns) deliver_topic_runs();
    }
    deliver_topic_runs();
    catch_up_.advance_all();
}

/// Consecutive records that match the same single topic become one run: the cost is to touch a session, not the number
/// of records that it gets.
void Delivery::find_topics(const store::LogRecords& records, std::uint32_t batch) {
    const auto first = static_cast<std::uint32_t>(sessions_.processed() + 1 - records.front().seq);
    const Topic* only = nullptr;  // the topic of the previous record, if exactly one matched it
    for (std::uint32_t i = first; i < records.size(); ++i) {
        sessions_.topics().matching(records[i], matching_);
        if (matching_.size() == 1 && matching_.front() == only) {
            ++topic_runs_.back().count;
            continue;
        }
        for (const Topic* const topic : matching_) topic_runs_.push_back({topic, batch, i, 1});
        only = matching_.size() == 1 ? matching_.front() : nullptr;
    }
}

/// A single run is written to each session as it is found. With several runs a session may get some of each, so they
/// are collected first and every session gets one write.
void Delivery::deliver_topic_runs() {
    if (topic_runs_.size() == 1) {
        deliver_at_once(topic_runs_.front());
    } else {
        for (const TopicRun& each : topic_runs_) {
            if (each.topic != nullptr) add_to_runs(each);
            if (runs_.all.size() > kMaxRuns) write_runs();
        }
    }
    write_runs();
    topic_runs_.clear();
    runs_.batches.clear();
    batches_.clear();
}

/// Delivers the only run of a wake-up.
///
/// The lanes get it in one call, which touches no session, sink or connection: for one event to 1,000 sessions the
/// loop's own code takes 2.4 % of the server's CPU, without lanes it took 5.8 %. All other sessions are written to one
/// after the other, so that the memory of the next session arrives while the kernel sends to this one. In two passes
/// (`add_to_runs`, then `write_runs`) a delivery took 1.11 to 1.19 times as long as a bare loop of send(), in one pass
/// 1.08 to 1.15. A session that needs more than a plain write gets a run.
void Delivery::deliver_at_once(const TopicRun& run) {
    const auto& subscriptions = run.topic->subscriptions;
    const store::LogRecords& records = *runs_.batches[run.batch];
    const ByteView all = bytes_of(records, run.first, run.count);
    rest_.clear();
    const auto lanes = sessions_.topics().lanes_of(*run.topic);
    const auto& send_to_all = loop_.shared.executors.send_to_all;
    // One comparison with `newest_from` stands for `covered` of each subscription, which would touch all of them.
    if (send_to_all && !lanes.empty() && records[run.first].seq > sessions_.newest_from()) {
        send_to_all(loop_.number, lanes, all, rest_);
    } else {
        for (std::uint32_t i = 0; i < subscriptions.size(); ++i) rest_.emplace_back(i, 0);
    }
    // A subscription, its session and its sink are a chain of pointers. Each step of the chain is prefetched one turn
    // before the next step needs it. (See `write_runs` for the cost of not doing so.)
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
            catch_up_.fall_behind(session, stopped_within(session, records, run.first, sent));
            continue;
        }
        if (!session.is_live) continue;
        const std::uint32_t without = covered(*subscriptions[i], records[run.first].seq, run.count);
        if (without == run.count) continue;
        const std::uint32_t first = run.first + without;
        if (session.until_ends > 0 || session.is_held_up()) {
            add_to_runs(session, run.batch, first, run.count - without);
            continue;
        }
        const ByteView bytes = without == 0 ? all : bytes_of(records, first, run.count - without);
        const std::size_t taken = session.sink->write(std::span(&bytes, 1), true);
        if (taken < bytes.size()) {
            catch_up_.fall_behind(session, stopped_within(session, records, first, taken));
        } else {
            session.use_lane();
        }
    }
}

/// Adds the records to the runs of all live sessions that subscribed to the topic.
void Delivery::add_to_runs(const TopicRun& run) {
    // Subscriptions whose memory is prefetched before their turn: the session of the fourth next one, and the eighth
    // next one itself, whose pointer to the session must have arrived four turns later.
    constexpr std::size_t kAhead = 4;
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

/// REQUIRES: the records come after all records in the session's runs, or its last run has them already, under another
/// topic.
void Delivery::add_to_runs(Session& session, std::uint32_t batch, std::uint32_t first, std::uint32_t count) {
    const auto fresh = static_cast<std::uint32_t>(runs_.all.size());
    if (session.wake != wake_) {
        session.wake = wake_;
        session.first_run = session.last_run = fresh;
        touched_.push_back(&session);
    } else {
        Run& last = runs_.all[session.last_run];
        if (last.batch == batch) {
            if (last.first + last.count > first) return;  // the event matches two subscriptions
            if (last.first + last.count == first) {       // one buffer of the write instead of two
                last.count += count;
                return;
            }
        }
        last.next = fresh;
        session.last_run = fresh;
    }
    runs_.all.push_back({batch, first, count, kNoRun});
}

/// Writes the collected runs, with one write for each session.
void Delivery::write_runs() {
    for (std::size_t i = 0; i < touched_.size(); ++i) {
        // A session, its sink and its socket lie apart in memory. With thousands of sessions, waiting for that memory
        // would take a fifth of the time that the kernel takes to send.
        if (i + 3 < touched_.size()) touched_[i + 3]->expect();
        if (i + 2 < touched_.size()) __builtin_prefetch(touched_[i + 2]->sink);
        if (i + 1 < touched_.size()) touched_[i + 1]->sink->expect_write();
        Session& session = *touched_[i];
        if (session.is_held_up()) {
            const Run& first = runs_.all[session.first_run];
            catch_up_.fall_behind(session, (*runs_.batches[first.batch])[first.first].seq);
            continue;
        }
        if (const auto stopped = write(session, runs_, session.first_run)) {
            catch_up_.fall_behind(session, *stopped);
        } else if (session.until_ends > 0) {
            unsubscribe_ended(session);
        }
    }
    touched_.clear();
    runs_.all.resize(1);
    ++wake_;
}

/// Ends the subscriptions whose last event the session has just got.
void Delivery::unsubscribe_ended(Session& session) {
    for (Subscription* const each : ended_by(session, runs_, session.first_run)) {
        const Topic* const topic = each->topic;
        if (!sessions_.unsubscribe(session, *each)) continue;
        // This delivery may have more records for the topic, which is gone now.
        for (TopicRun& run : topic_runs_) {
            if (run.topic == topic) run.topic = nullptr;
        }
    }
}

}  // namespace rues::feed
