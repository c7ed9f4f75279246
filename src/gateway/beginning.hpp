#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "chain/genesis_state.hpp"
#include "gateway/upstreams.hpp"
#include "store/store.hpp"

/// How a gateway's store begins, and with which contracts it goes on (docs/decisions/0033, 0037).
namespace rues::gateway {

/// The parts of a gateway that executes the blocks.
struct ExecuteOptions {
    ledger::Genesis genesis;
    std::shared_ptr<const vm::GenesisContracts> contracts;  ///< null: the network's, which the program has
    base::ByteView prepared{};                              ///< as `chain::GenesisParts::prepared`; it outlives the use
    /// A data folder of `rues node`, or of a gateway that executes, which is not in use: a new store begins after its
    /// last final block. Empty: it begins with the genesis.
    std::filesystem::path snapshot{};
};

struct FollowOptions {
    std::uint64_t from = 0;  ///< the block after which a new store begins; 0 for one that executes
    std::optional<ExecuteOptions> execute{};
};

struct Begun {
    std::uint8_t chain_id = 0;
    std::shared_ptr<const vm::State> state{};  ///< of the tip; null: the gateway does not execute
    bool is_whole = false;                     ///< the store has every block of the chain and executes them
};

/// Goes on with the chain of the store, or gives a new one its first block: `nodes` show it, at most `kFirstWait` from
/// now, and all that answer must agree on it. The state of a gateway that executes has the root that the header of that
/// block says. The error says what is wrong with the store, the nodes, the genesis or the snapshot.
base::Result<Begun> begin(store::Store& store, vm::Machine& machine, const Upstreams& nodes,
                          const FollowOptions& options);

inline constexpr std::chrono::seconds kFirstWait{10};

}  // namespace rues::gateway
