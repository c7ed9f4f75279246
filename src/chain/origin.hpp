#pragma once

#include "chain/genesis_state.hpp"
#include "store/store.hpp"

/// A stored chain continues only with the chain id, the genesis and the genesis contracts that it
/// began with.
namespace rues::chain {

store::ChainOrigin origin_of(const GenesisParts& parts, std::uint8_t chain_id, bool contract_log);

/// @name The chain of a gateway that executes the blocks of other nodes. It need not know their genesis: the header of
/// its first block names the state with which it begins.
/// @{
store::ChainOrigin followed_origin(std::uint8_t chain_id, bool contract_log);
bool is_followed(const store::ChainOrigin& origin);
/// @}

/// Refuses (kind `invalid`) when the stored chain began with something else than `given`; the text names each part that
/// differs. REQUIRES: the store has a chain.
base::Result<void> check_origin(const store::Store& store, const store::ChainOrigin& given);

}  // namespace rues::chain
