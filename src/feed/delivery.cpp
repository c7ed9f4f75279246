#include "feed/delivery.hpp"

#include <algorithm>

#include "feed/decoded_events.hpp"

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

void Delivery::deliver(std::uint64_t head) {
    const Tail& tail = loop_.shared.tail;
    ++wake_;
    while (audience_.processed < head) {
        auto batch = tail.find(audience_.processed + 1);
        if (!batch) {
            skip_to(head);
            break;
        }
        const std::uint32_t number = use(std::move(batch));
        const store::LogRecords& records = *runs_.batches.back();
        find_topics(records, number);
        audience_.processed = records.back().seq;
        if (topic_runs_.size() > kMaxTopicRuns) deliver_topic_runs();
    }
    deliver_topic_runs();
}

void Delivery::deliver_decoded(std::uint64_t last, const Decoded& decoded) {
    ++wake_;
    while (audience_.processed < last) {
        const auto batch = loop_.shared.tail.find(audience_.processed + 1);
        if (!batch) {
            skip_to(last);
            break;
        }
        find_topics_decoded(batch, last, decoded);
        if (topic_runs_.size() > kMaxTopicRuns) deliver_topic_runs();
    }
    deliver_topic_runs();
}

/// Keeps the batch until `deliver_topic_runs`. Returns its index in the runs' batches.
std::uint32_t Delivery::use(store::LogBatch batch) {
    const auto number = static_cast<std::uint32_t>(runs_.batches.size());
    runs_.batches.push_back(batch.get());
    batches_.push_back(std::move(batch));
    return number;
}

/// The tail has dropped the next record before this loop read it: live sessions continue from the log.
void Delivery::skip_to(std::uint64_t head) {
    deliver_topic_runs();
    for (const auto& session : sessions_.slots()) {
        if (session && session->is_live && &sessions_.audience_of(*session) == &audience_)
            catch_up_.fall_behind(*session, audience_.processed + 1);
    }
    audience_.processed = head;
}

/// Consecutive records that match the same single topic become one run: the cost is to touch a session, not the number
/// of records that it gets.
void Delivery::find_topics(const store::LogRecords& records, std::uint32_t batch) {
    const auto first = static_cast<std::uint32_t>(audience_.processed + 1 - records.front().seq);
    const Topic* only = nullptr;  // the topic of the previous record, if exactly one matched it
    for (std::uint32_t i = first; i < records.size(); ++i) {
        audience_.topics.matching(records[i], matching_);
        if (matching_.size() == 1 && matching_.front() == only) {
            ++topic_runs_.back().count;
            continue;
        }
        for (const Topic* const topic : matching_) topic_runs_.push_back({topic, batch, i, 1});
        only = matching_.size() == 1 ? matching_.front() : nullptr;
    }
}

/// The same for the audience that gets decoded events, up to the record `last`. Decoded messages are put side by side
/// in a batch of their own, so that a run of them is one piece of memory too.
void Delivery::find_topics_decoded(const store::LogBatch& batch, std::uint64_t last, const Decoded& decoded) {
    constexpr std::uint32_t kNoBatch = UINT32_MAX;
    const store::LogRecords& records = *batch;
    std::uint32_t stored_number = kNoBatch;
    std::uint32_t decoded_number = kNoBatch;
    std::shared_ptr<store::LogRecords> made;
    const auto begin_runs = [&] {
        stored_number = use(batch);
        made = std::make_shared<store::LogRecords>();
        decoded_number = use(made);
    };
    begin_runs();
    const Topic* only = nullptr;
    auto i = static_cast<std::uint32_t>(audience_.processed + 1 - records.front().seq);
    for (; i < records.size() && records[i].seq <= last; ++i) {
        const store::LogRecord& record = records[i];
        audience_.topics.matching(record, matching_);
        const bool has_form = std::ranges::any_of(matching_, &Topic::decodes) && is_decodable(record);
        const ByteView message = has_form ? decoded(record.seq) : ByteView();
        if (has_form && message.empty()) {
            // Its sessions get what came before, and nothing that comes after.
            deliver_topic_runs();
            for (const Topic* const topic : matching_) {
                if (topic->decodes) hold_back(*topic, record.seq);
            }
            std::erase_if(matching_, &Topic::decodes);
            begin_runs();
            only = nullptr;
        }
        std::uint32_t decoded_at = 0;
        if (!message.empty()) {
            // A session that matches under several topics gets the event once, by the first of these runs.
            std::ranges::partition(matching_, &Topic::decodes);
            decoded_at = static_cast<std::uint32_t>(made->size());
            made->add({record.seq, record.filter, message});
        }
        for (const Topic* const topic : matching_) {
            const bool is_decoded = topic->decodes && !message.empty();
            const TopicRun run{topic, is_decoded ? decoded_number : stored_number, is_decoded ? decoded_at : i, 1};
            TopicRun* const before = topic_runs_.empty() ? nullptr : &topic_runs_.back();
            if (matching_.size() == 1 && topic == only && before->batch == run.batch &&
                before->first + before->count == run.first) {
                ++before->count;
            } else {
                topic_runs_.push_back(run);
            }
        }
        only = matching_.size() == 1 ? matching_.front() : nullptr;
        audience_.processed = record.seq;
    }
}

/// The live sessions of the topic fall behind at event `seq`, unless they are not to get it.
void Delivery::hold_back(const Topic& topic, std::uint64_t seq) {
    for (const Subscription* const subscription : topic.subscriptions) {
        Session& session = *subscription->session;
        if (session.is_live && covered(*subscription, seq, 1) == 0) catch_up_.fall_behind(session, seq);
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
    const auto lanes = audience_.topics.lanes_of(*run.topic);
    const auto& send_to_all = loop_.shared.executors.send_to_all;
    // One comparison with `newest_from` stands for `covered` of each subscription, which would touch all of them.
    if (send_to_all && !lanes.empty() && records[run.first].seq > audience_.newest_from) {
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
        if (session.is_crowd) {
            catch_up_.fall_behind(session, records[first].seq);
            continue;
        }
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
        } else if (session.decodes && seq_of_last(last) >= (*runs_.batches[batch])[first].seq) {
            return;  // the same, decoded under the other topic
        }
        last.next = fresh;
        session.last_run = fresh;
    }
    runs_.all.push_back({batch, first, count, kNoRun});
}

std::uint64_t Delivery::seq_of_last(const Run& run) const {
    return (*runs_.batches[run.batch])[run.first + run.count - 1].seq;
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
        if (session.is_held_up() || session.is_crowd) {
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
