#pragma once

#include <functional>
#include <string>
#include <vector>

#include "support/meter.hpp"
#include "support/process.hpp"

namespace rues::bench {

/// Clients that receive events, all in one separate process on one CPU. They count the received bytes and compare them
/// with the published bytes. They do not sleep while they read (load.cpp says why).
class Subscribers {
public:
    enum class Speaks : std::uint8_t { nothing, rues, nats };
    struct Options {
        std::uint16_t port = 0;
        std::size_t count = 0;
        Speaks speaks = Speaks::rues;
        /// Returns the URIs of a session, given its number.
        std::function<std::vector<std::string>(std::size_t)> subscriptions{};
        bool tls = false;
    };
    /// Returns when all clients are connected and subscribed.
    Subscribers(Options options, Meter& meter, int cpu);
    ~Subscribers();
    Subscribers(const Subscribers&) = delete;
    Subscribers& operator=(const Subscribers&) = delete;
    std::size_t count() const noexcept { return count_; }

    /// `begin` starts reading; `wait` returns when each client has received `bytes_each` bytes, or, if that is 0, all
    /// published bytes.
    void begin(std::uint64_t bytes_each = 0);
    void wait();
    /// From now on the clients only answer pings.
    void idle();

private:
    std::size_t count_;
    pid_t pid_;
    int orders_;
    int reports_;
};

}  // namespace rues::bench
