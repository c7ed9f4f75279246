#pragma once

#include "gateway/cluster/nats/client.hpp"

namespace rues::gateway::cluster::nats {

/// Messages of a stream as a server sends them, in order. One thread.
class Consumer {
public:
    Consumer(Shared on, std::string stream, std::string subject)
        : on_(std::move(on)), stream_(std::move(stream)), subject_(std::move(subject)) {}
    Consumer(const Consumer&) = delete;
    Consumer& operator=(const Consumer&) = delete;
    ~Consumer() { close(); }

    bool is_open() const noexcept { return subscription_ != nullptr; }
    /// Begins with the message of sequence `from`; 0: with the last one of every subject.
    BusResult<void> open(std::uint64_t from, Timeout timeout);
    void close();
    struct Next {
        Msg message;  ///< null: none came in time
        std::uint64_t sequence = 0;
    };
    /// An error closes it: messages may be missing. It is never `not_found`.
    BusResult<Next> next(Timeout timeout);

private:
    BusResult<Next> end(BusError why);
    BusResult<Next> silent();
    BusError missing() const;

    Shared on_;
    const std::string stream_;
    const std::string subject_;
    natsSubscription* subscription_ = nullptr;
    std::uint64_t received_ = 0;
    std::chrono::steady_clock::time_point heard_;  ///< the last message, or the last look at the server's consumer
    bool was_behind_ = false;                      ///< the last look found messages that did not come
};

}  // namespace rues::gateway::cluster::nats
