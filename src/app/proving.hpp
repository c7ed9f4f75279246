#pragma once

#include "api/file.hpp"
#include "api/prover.hpp"
#include "app/settings.hpp"
#include "base/log.hpp"
#include "phoenix/verification.hpp"

namespace rues::app {

/// The setup whose verifier keys a chain has, and the prover that makes proofs for it.
struct Proving {
    phoenix::Keys keys = phoenix::Keys::network;
    std::shared_ptr<api::Prover> prover;  ///< null: this node does not prove; the log says why
};

/// A new chain gets the keys that the settings ask for: of the file `crs`, or the developers' when a node without one
/// proves. A chain that exists keeps its keys, whatever the settings say: its blocks would be executed differently with
/// others. A chain without a note of its keys began before there were any others, with the network's. `of_nodes`: the
/// keys of the nodes whose chain this one is. They are taken in place of those of the settings, and not noted: a chain
/// that has not begun yet could turn out to be another one. An error: the note cannot be read or written.
base::Result<Proving> prepare_proving(const NodeSettings& settings, const std::optional<api::File>& crs,
                                      const std::filesystem::path& data, const base::Log& log,
                                      std::optional<phoenix::Keys> of_nodes = {});

/// Notes the keys of the chain in this data folder.
base::Result<void> note_keys(const std::filesystem::path& data, phoenix::Keys keys);
/// The keys that the chain in this data folder has noted; nullopt: none.
base::Result<std::optional<phoenix::Keys>> keys_of_chain(const std::filesystem::path& data);

}  // namespace rues::app
