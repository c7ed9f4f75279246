#pragma once

#include "ledger/genesis.hpp"
#include "store/store.hpp"

/// A stored chain goes on with the chain id and the genesis that it was begun with, or not at all.
namespace rues::chain {

/// Refuses (kind `invalid`) when the stored chain was begun with another origin than `given`; the text names each part
/// that differs. A chain of an earlier version of the program has no stored origin: it is compared with what its blocks
/// say of it, and `given` is written down. REQUIRES: the store has a chain. Called before the chain's thread runs.
base::Result<void> check_origin(store::Store& store, const ledger::Genesis& genesis, std::uint8_t chain_id);

}  // namespace rues::chain
