#pragma once

#include <span>
#include <string>
#include <vector>

#include "support/process.hpp"
#include "support/publishing.hpp"

/// Programs that publish. Each runs in its own process, which is this benchmark started again with a hidden argument.
namespace rues::bench {

struct FeedSettings {
    std::size_t sessions = 0;
    unsigned ping_interval_ms = 3'600'000;  ///< by default no pings, because their cost is measured separately
    bool tls = false;
};

/// Server, API, hub and store, composed as in `rues node`, with a local chain that makes no blocks. Events are
/// committed to the store's log in the same way as events of the mempool.
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

/// Sends the same number of bytes to the sessions of a server, with one `send()` for each burst and session. It is a
/// separate process that shares the server's sockets. On sockets of its own the same loop costs 4 to 18 % more or less,
/// depending on when they were created.
class BareLoop {
public:
    BareLoop(const FeedServer& of, std::size_t sessions, const Meter& meter, int cpu);
    Process& process() { return process_; }

private:
    Process process_;
};

/// Reads the log of an unchanging store entry by entry. With the topic `send` it also sends the entries to its one
/// session, 256 KiB at a time.
class BareIterator {
public:
    BareIterator(const std::filesystem::path& store, const Meter& meter, int cpu);
    std::uint16_t port() const { return port_; }
    Process& process() { return process_; }

private:
    Process process_;
    std::uint16_t port_;
};

/// A client that publishes to a nats-server.
class NatsPublisher {
public:
    NatsPublisher(std::uint16_t port, std::size_t sessions, const Meter& meter, int cpu);
    Process& process() { return process_; }

private:
    Process process_;
};

/// `is_publisher` is true when the arguments start one of these programs; then `publish` runs it and returns its exit
/// code.
bool is_publisher(std::span<char* const> arguments);
int publish(std::span<char* const> arguments);

}  // namespace rues::bench
