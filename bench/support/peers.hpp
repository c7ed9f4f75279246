#pragma once

#include <string>
#include <utility>
#include <vector>

#include "support/process.hpp"

/// Other projects' programs for comparison; `./dev bench` unpacks them.
namespace rues::bench {

/// nginx in one process, with fast settings: no log, files stay open, no limit of requests for one connection.
class Nginx {
public:
    /// `files`: name and content of each served file.
    Nginx(const std::vector<std::pair<std::string, std::string>>& files, int cpu);
    std::uint16_t port() const { return port_; }
    const Process& process() const { return process_; }

private:
    TemporaryFolder folder_;
    std::uint16_t port_;
    Process process_;
};

/// nats-server with its default settings, except that it sends no pings.
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
