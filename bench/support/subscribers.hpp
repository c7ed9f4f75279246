#pragma once

#include <functional>
#include <string>
#include <vector>

#include "support/meter.hpp"
#include "support/process.hpp"

namespace rues::bench {

/// Clients that receive, all in one process of their own, on one CPU. They count what they get and compare it with what
/// was published; they spin while they are at it (see Load).
class Subscribers {
public:
    enum class Speaks : std::uint8_t { nothing, rues, nats };
    struct Options {
        std::uint16_t port = 0;
        std::size_t count = 0;
        Speaks speaks = Speaks::rues;
        /// URIs of one session, by its number.
        std::function<std::vector<std::string>(std::size_t)> subscriptions{};
        bool tls = false;
    };
    /// Returns when all are connected and subscribed.
    Subscribers(Options options, Meter& meter, int cpu);
    ~Subscribers();
    Subscribers(const Subscribers&) = delete;
    Subscribers& operator=(const Subscribers&) = delete;
    std::size_t count() const noexcept { return count_; }

    /// They read until everything published is there / until each has got this many bytes.
    void begin(std::uint64_t bytes_each = 0);
    void wait();
    /// From now on they do nothing but answer pings.
    void idle();

private:
    std::size_t count_;
    pid_t pid_;
    int orders_;
    int reports_;
};

}  // namespace rues::bench
