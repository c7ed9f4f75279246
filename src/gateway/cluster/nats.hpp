#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "gateway/cluster/bus.hpp"

namespace rues::gateway::cluster {

/// How to reach the NATS servers of a cluster.
struct NatsOptions {
    /// `nats://HOST:PORT` or `tls://HOST:PORT`, perhaps with `USER:PASSWORD@`. With three or more, everything is stored
    /// by three of them; with fewer, by one.
    std::vector<std::string> servers;
    /// The cluster's name, with which the names of its stream, buckets and subjects begin: letters, digits, `-`, `_`.
    std::string cluster;
    std::string machine;      ///< this machine's name, for the operator of the servers
    std::string credentials;  ///< file of NATS credentials (JWT and seed); empty: none
    std::string ca;           ///< PEM file of the certificates that servers prove themselves with; empty: the system's
};

/// The URL of a server without user and password, for people to read.
std::string without_user(std::string_view url);

/// How long a cut connection may go unnoticed: the server is asked every `kPing`, and `kPings` answers may be missing.
inline constexpr std::chrono::milliseconds kPing{1'000};
inline constexpr int kPings = 3;
/// Between two attempts to connect again.
inline constexpr std::chrono::milliseconds kReconnect{200};
/// Replies that wait for their connection; a further one is dropped.
inline constexpr std::size_t kMostReplies = 4'096;

/// A bus over NATS and its JetStream. It begins to connect and does not wait for that. The error says which option is
/// wrong.
base::Result<std::unique_ptr<Bus>> nats_bus(const NatsOptions& options);

}  // namespace rues::gateway::cluster
