#pragma once

#include "ledger/genesis.hpp"
#include "store/store.hpp"

/// A stored chain continues only with the chain id and the genesis that it began with.
namespace rues::chain {

/// Refuses (kind `invalid`) when the stored chain began with another genesis or chain id; the text names each part that
/// differs. A chain of an earlier version of the program has no stored origin: it is compared with what its blocks say,
/// and the given origin is then stored. REQUIRES: the store has a chain. Call it before the chain's thread runs.
base::Result<void> check_origin(store::Store& store, const ledger::Genesis& genesis, std::uint8_t chain_id);

}  // namespace rues::chain
