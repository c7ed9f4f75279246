#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "chain/genesis_state.hpp"
#include "gateway/cluster/member.hpp"
#include "gateway/first_block.hpp"
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

/// The place of this gateway in a cluster.
struct Seat {
    cluster::Bus* bus = nullptr;  ///< outlives the chain
    cluster::LogBegin begin;      ///< of the cluster's log; the store has its epoch
    cluster::Member::Options member;
};

/// At most one of `execute` and `seat` is there.
struct FollowOptions {
    /// The block after which a new store begins, outside of a cluster; 0 for one that executes.
    std::uint64_t from = 0;
    std::optional<ExecuteOptions> execute{};
    std::optional<Seat> seat{};  ///< nullopt: in no cluster
};

/// Where a store begins or goes on.
struct Begun {
    std::uint8_t chain_id = 0;
    std::uint64_t height = 0;                  ///< of the tip
    base::Hash32 hash{};                       ///< the same
    std::shared_ptr<const vm::State> state{};  ///< of the tip; null: the gateway does not execute
    bool is_whole = false;                     ///< the store has every block of the chain and executes them
};

/// Goes on with the chain of the store, or gives a new one its first block: `nodes` show it, at most `kFirstWait` from
/// now, and all that answer must agree on it. The state of a gateway that executes has the root that the header of that
/// block says. The error says what is wrong with the store, the nodes, the genesis or the snapshot.
base::Result<Begun> begin(store::Store& store, vm::Machine& machine, const Upstreams& nodes,
                          const FollowOptions& options);

}  // namespace rues::gateway
