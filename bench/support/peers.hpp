#pragma once

#include <string>
#include <utility>
#include <vector>

#include "support/process.hpp"

/// Programs of others to measure against; `./dev bench` unpacks them.
namespace rues::bench {

/// nginx in one process, made fast: no log, files are kept open, no limit of requests a connection.
class Nginx {
public:
    /// `files`: names and contents.
    Nginx(const std::vector<std::pair<std::string, std::string>>& files, int cpu);
    std::uint16_t port() const { return port_; }
    const Process& process() const { return process_; }

private:
    TemporaryFolder folder_;
    std::uint16_t port_;
    Process process_;
};

/// nats-server with its default settings, but that it asks no client whether it lives.
class Nats {
public:
    explicit Nats(int cpu);
    std::uint16_t port() const { return port_; }
    const Process& process() const { return process_; }

private:
    TemporaryFolder folder_;
    std::uint16_t port_;
    Process process_;
};

}  // namespace rues::bench
