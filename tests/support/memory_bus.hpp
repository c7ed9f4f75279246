#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "gateway/cluster/bus.hpp"

/// A `Bus` in memory, with faults that a test orders.
namespace rues::test {

namespace cluster = gateway::cluster;

class MemoryBus;

/// A subject that is served, or a bucket that is watched, and the thread that takes what comes.
struct MemoryTarget {
    std::mutex running;  ///< held while `handler` runs
    bool is_over = false;
    cluster::Handler handler;
    MemoryBus* bus = nullptr;
    std::string subject;  ///< of a watch: empty
    std::string bucket;   ///< of a served subject: empty
};

/// The servers: buckets, the stream, and who serves what. It outlives its buses. Any thread.
class MemoryNetwork {
public:
    /// The time to live of values is measured with `clock`.
    explicit MemoryNetwork(const base::Clock& clock) : clock_(clock) {}

    /// While it is full, whatever would store something fails with `full`.
    void set_full(bool is_full);
    /// Removes the messages below `first`.
    void purge(std::uint64_t first);
    /// Loses the messages after `last`, as a server does whose disk had not written them.
    void lose_after(std::uint64_t last);
    /// Publishes that were held back by `MemoryBus::hold_publishes` arrive now, in their order.
    void deliver_held();
    /// The bodies of all messages that the stream holds.
    std::vector<base::Bytes> messages() const;
    std::size_t most_bytes = 1 << 20;  ///< set it before the first use

private:
    friend class MemoryBus;
    friend class MemoryBucket;
    friend class MemoryStream;

    struct Value {
        base::Bytes bytes;
        std::uint64_t revision = 0;
        base::SteadyTime written{};
    };
    struct Values {
        std::map<std::string, Value, std::less<>> values;
        std::uint64_t last_revision = 0;
        std::chrono::milliseconds to_live{0};
    };
    using Write = std::function<cluster::BusResult<std::uint64_t>()>;

    // Those with `locked` need `mutex_`.
    void forget_expired_locked(Values& bucket);
    cluster::BusResult<std::uint64_t> append_locked(cluster::ByteView body, const std::string& id,
                                                    std::uint64_t expected);
    void told_locked(const std::string& bucket, const std::string& key, const Value& value);

    const base::Clock& clock_;
    mutable std::mutex mutex_;
    std::condition_variable grown_;
    bool is_full_ = false;
    std::map<std::string, Values, std::less<>> buckets_;
    std::deque<cluster::Message> messages_;
    std::uint64_t last_ = 0;
    std::map<std::string, std::uint64_t> ids_;
    std::vector<std::function<void()>> held_;
    std::vector<std::shared_ptr<MemoryTarget>> targets_;
    std::set<MemoryBus*> buses_;
};

/// One machine's connection to the network. Its thread runs handlers.
class MemoryBus final : public cluster::Bus {
public:
    explicit MemoryBus(MemoryNetwork& network);
    ~MemoryBus() override;
    MemoryBus(const MemoryBus&) = delete;
    MemoryBus& operator=(const MemoryBus&) = delete;

    void cut();
    void join();
    /// Of the next `count` calls the request is lost, or only the reply: the caller gets `unclear`.
    void lose_requests(unsigned count);
    void lose_replies(unsigned count);
    /// Reading brings nothing more until it is paused, as when a server has forgotten who reads.
    void stall_reading();
    /// The next `count` publishes get `unclear`, and arrive with `MemoryNetwork::deliver_held`.
    void hold_publishes(unsigned count);

    cluster::Link link() const override;
    std::size_t most_bytes() const override { return network_.most_bytes; }
    cluster::BusResult<cluster::Bytes> request(std::string_view subject, cluster::ByteView body,
                                               cluster::Timeout timeout) override;
    cluster::BusResult<void> tell(std::string_view subject, cluster::ByteView body) override;
    cluster::BusResult<std::unique_ptr<cluster::Serving>> serve(std::string_view subject, cluster::Handler handler,
                                                                cluster::Timeout timeout) override;
    cluster::BusResult<std::unique_ptr<cluster::Bucket>> bucket(std::string_view name,
                                                                std::chrono::milliseconds to_live,
                                                                cluster::Timeout timeout) override;
    cluster::BusResult<std::unique_ptr<cluster::Stream>> stream(cluster::Timeout timeout) override;

private:
    friend class MemoryNetwork;
    friend class MemoryBucket;
    friend class MemoryStream;

    /// Does `what`, unless the link or an ordered fault prevents it or its answer. REQUIRES: the network's lock.
    template <typename T, typename What>
    cluster::BusResult<T> attempt_locked(What what);
    std::unique_ptr<cluster::Serving> added(std::shared_ptr<MemoryTarget> target);
    void post_locked(std::shared_ptr<MemoryTarget> target, cluster::Bytes body, cluster::Reply reply);
    void work();

    struct Task {
        std::shared_ptr<MemoryTarget> target;
        cluster::Bytes body;
        cluster::Reply reply;
    };

    MemoryNetwork& network_;
    // Guarded by the network's lock.
    bool is_up_ = true;
    bool is_over_ = false;
    bool is_stalled_ = false;
    std::uint64_t losses_ = 0;
    unsigned lost_requests_ = 0;
    unsigned lost_replies_ = 0;
    unsigned held_publishes_ = 0;
    std::deque<Task> tasks_;
    std::condition_variable has_tasks_;
    std::thread thread_;
};

}  // namespace rues::test
