#pragma once

#include "ledger/genesis.hpp"
#include "vm/session.hpp"

/// The state of block 0. docs/reference/ledger.md 11.2.
namespace rues::chain {

using SharedState = std::shared_ptr<const vm::State>;

/// What block 0 is made of.
struct GenesisParts {
    const ledger::Genesis& genesis;
    const vm::GenesisContracts& contracts;
    base::ByteView prepared{};  ///< from `encode_genesis_state`, perhaps of another genesis; empty: none

    /// BLAKE3 of both contracts, one after the other.
    base::Hash32 contracts_hash() const;
};

/// Makes the first state by calls of the genesis contracts, as the node does. An error of kind `invalid`: the genesis
/// asks for something that the contracts refuse.
base::Result<SharedState> make_genesis_state(vm::Machine& machine, const GenesisParts& parts);

/// @name A state that was made before, when the program was built, with a hash of what it was made of.
/// @{
base::Bytes encode_genesis_state(const GenesisParts& parts, const vm::State& state);
/// nullopt: `parts.prepared` belongs to another genesis or other contracts. An error: its bytes are malformed.
base::Result<std::optional<SharedState>> decode_genesis_state(vm::Machine& machine, const GenesisParts& parts);
/// @}

/// The prepared state when it belongs to this genesis and these contracts; else it is made.
base::Result<SharedState> genesis_state(vm::Machine& machine, const GenesisParts& parts);

}  // namespace rues::chain
