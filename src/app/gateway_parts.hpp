#pragma once

#include "app/cluster_seat.hpp"
#include "app/node.hpp"
#include "app/settings.hpp"
#include "gateway/followed_chain.hpp"
#include "gateway/relay.hpp"

/// The parts that make a `Node` a gateway: a chain that follows other nodes, and a relay to them.
namespace rues::app {

/// The nodes of the settings. The error says what is wrong with them.
base::Result<std::vector<gateway::Upstream>> upstreams_of(const NodeSettings& settings);

/// The setup whose verifier keys the chain of these nodes has: noted in the snapshot of the settings, or told by the
/// nodes. All that answer must agree. A Rusk node does not tell, and has the network's. nullopt: `data` has a note of
/// its own. Waits `gateway::kFirstWait` at most.
base::Result<std::optional<phoenix::Keys>> keys_of_nodes(const NodeSettings& settings,
                                                         std::span<const gateway::Upstream> nodes,
                                                         const std::filesystem::path& data);

/// It outlives the node whose options it was used for.
class GatewayParts {
public:
    GatewayParts(std::vector<gateway::Upstream> nodes, const NodeSettings& settings, base::Clock& clock, base::Log log)
        : upstreams_(std::move(nodes), {settings.stale_after, settings.ejection_time}, log),
          executes_(settings.execute),
          snapshot_(settings.snapshot),
          from_(settings.follow_from),
          clock_(clock),
          log_(std::move(log)) {}
    /// Takes the place in a cluster that the settings name, for the data folder `folder`; it may wait for the cluster.
    /// Call it before `use_for`. It gives up when `is_over`. The error says why there is no place.
    base::Result<void> sit(const NodeSettings& settings, const std::filesystem::path& folder,
                           const std::function<bool()>& is_over);
    /// A gateway that executes begins with the genesis and the contracts of `options`.
    void use_for(Node::Options& options);

private:
    gateway::Upstreams upstreams_;
    std::unique_ptr<gateway::cluster::Bus> bus_;  ///< null: in no cluster
    std::optional<gateway::Seat> seat_;
    bool executes_;
    std::filesystem::path snapshot_;
    std::uint64_t from_;
    base::Clock& clock_;
    base::Log log_;
    const gateway::FollowedChain* chain_ = nullptr;  ///< the node's
};

}  // namespace rues::app
