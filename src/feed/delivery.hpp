#pragma once

#include <functional>
#include <vector>

#include "feed/catch_up.hpp"
#include "feed/runs.hpp"
#include "feed/session_table.hpp"

namespace rues::feed {

/// Delivery of new events to the live sessions of one audience of a loop: the hot path. What costs time is to touch a
/// session (its memory is in no cache when its turn comes) and to call the kernel, not the number of records. So a
/// wake-up touches only sessions that subscribed, each of them once, and writes to it once. Belongs to the loop's
/// thread.
class Delivery {
public:
    Delivery(const LoopContext& loop, SessionTable& sessions, CatchUp& catch_up, Audience& audience)
        : loop_(loop), sessions_(sessions), catch_up_(catch_up), audience_(audience) {}
    /// Delivers all records up to `head` that came into the tail since the last call, as they are stored.
    void deliver(std::uint64_t head);

    /// The decoded message of an event; null: not decoded yet.
    using Decoded = std::function<ByteView(std::uint64_t seq)>;
    /// Delivers the records up to `last`; topics that decode get what `decoded` gives. Sessions that subscribed to an
    /// event which is not decoded yet fall behind at it. REQUIRES: the audience is the decoding one.
    void deliver_decoded(std::uint64_t last, const Decoded& decoded);

private:
    /// Consecutive records of one batch that all subscribers of a topic get.
    struct TopicRun {
        const Topic* topic = nullptr;  ///< null: the topic was removed during the delivery
        std::uint32_t batch = 0;       ///< index in `runs_.batches`
        std::uint32_t first = 0;       ///< record
        std::uint32_t count = 0;
    };

    std::uint32_t use(store::LogBatch batch);
    void skip_to(std::uint64_t head);
    void find_topics(const store::LogRecords& records, std::uint32_t batch);
    void find_topics_decoded(const store::LogBatch& batch, std::uint64_t last, const Decoded& decoded);
    void hold_back(const Topic& topic, std::uint64_t seq);
    void deliver_topic_runs();
    void deliver_at_once(const TopicRun& run);
    void add_to_runs(const TopicRun& run);
    void add_to_runs(Session& session, std::uint32_t batch, std::uint32_t first, std::uint32_t count);
    std::uint64_t seq_of_last(const Run& run) const;
    void write_runs();
    void unsubscribe_ended(Session& session);

    const LoopContext& loop_;
    SessionTable& sessions_;
    CatchUp& catch_up_;
    Audience& audience_;

    /// The present wake-up. A session whose `wake` is another number has no runs yet. So nothing in the sessions has to
    /// be reset after a wake-up, which would touch each of them once more.
    std::uint64_t wake_ = 0;
    // State of one delivery. Members only to keep their memory: otherwise each wake-up would allocate it again.
    Runs runs_;
    std::vector<TopicRun> topic_runs_;
    std::vector<store::LogBatch> batches_;  ///< keeps `runs_.batches` alive
    std::vector<Session*> touched_;         ///< sessions that have runs
    std::vector<Topic*> matching_;
    Shortfalls rest_;
};

}  // namespace rues::feed
