#pragma once

#include <filesystem>

#include "app/settings.hpp"
#include "gateway/cluster/nats.hpp"
#include "gateway/followed_chain.hpp"

/// The place of a gateway in a cluster, by its settings and its data folder.
namespace rues::app {

/// The file of a data folder that says to which cluster it belongs: docs/formats/stream.md.
inline constexpr std::string_view kClusterFile = "cluster.json";

/// Null: the settings name no cluster. The error says what is wrong with them.
base::Result<std::unique_ptr<gateway::cluster::Bus>> cluster_bus(const NodeSettings& settings);

/// The seat of this machine. A new data folder joins the cluster, and so waits for it until `is_over`; one that has
/// joined needs nobody. nullopt: there is no bus. The error says why the folder cannot be used so.
base::Result<std::optional<gateway::Seat>> cluster_seat(const NodeSettings& settings,
                                                        const std::filesystem::path& folder, gateway::cluster::Bus* bus,
                                                        const gateway::Upstreams& nodes,
                                                        const std::function<bool()>& is_over);

}  // namespace rues::app
