#pragma once

#include <span>
#include <string>
#include <vector>

#include "support/process.hpp"
#include "support/publishing.hpp"

/// Programs that publish, each in a process of its own: this benchmark started again with a hidden argument.
namespace rues::bench {

struct FeedSettings {
    std::size_t sessions = 0;
    unsigned ping_interval_ms = 3'600'000;  ///< by default none: what they cost is measured by itself
    bool tls = false;
};

/// Server, API, hub and store as `rues node` composes them, with a local chain that makes no blocks; events are
/// committed to the store's log as those of the mempool are.
class FeedServer {
public:
    FeedServer(const FeedSettings& settings, const Meter& meter, int cpu);
    std::uint16_t port() const { return port_; }
    Process& process() { return process_; }
    const Process& process() const { return process_; }
    std::filesystem::path store() const { return folder_.path() / "store"; }

private:
    TemporaryFolder folder_;
    Process process_;
    std::uint16_t port_;
};

/// Sends the same number of bytes to the sessions of a server, one `send()` a burst and session: a process of its own
/// that the server's sockets are given to as well. On sockets of its own the very same loop costs 4 to 18 % more or
/// less, by when they were made.
class BareLoop {
public:
    BareLoop(const FeedServer& of, std::size_t sessions, const Meter& meter, int cpu);
    Process& process() { return process_; }

private:
    Process process_;
};

/// Reads the log of a store that does not change, entry by entry, and with the topic `send` sends what it reads to its
/// one session, 256 KiB at a time.
class BareIterator {
public:
    BareIterator(const std::filesystem::path& store, const Meter& meter, int cpu);
    std::uint16_t port() const { return port_; }
    Process& process() { return process_; }

private:
    Process process_;
    std::uint16_t port_;
};

/// A client of nats-server that publishes to it.
class NatsPublisher {
public:
    NatsPublisher(std::uint16_t port, std::size_t sessions, const Meter& meter, int cpu);
    Process& process() { return process_; }

private:
    Process process_;
};

/// The life of one of these programs, when the arguments say that this is one.
bool is_publisher(std::span<char* const> arguments);
int publish(std::span<char* const> arguments);

}  // namespace rues::bench
