#pragma once

#include "ledger/stake.hpp"
#include "phoenix/keys.hpp"

/// Withdrawals from contracts into notes (docs/reference/ledger.md 1.8, 5.3). Pure.
namespace rues::phoenix {

/// From `contract` into a new transparent note of `receiver`. `seed` must be secret. It may be used for several
/// withdrawals: they have one address, and each message is signed with a number of its own.
ledger::SignedWithdraw withdraw_to_note(const ledger::ContractId& contract, std::uint64_t value,
                                        const SecretKey& receiver, const wire::layouts::ReplayToken& token,
                                        const crypto::Secret<ByteArray<64>>& seed);

/// The nullifiers of a transaction as the token of a withdrawal in it.
wire::layouts::ReplayToken token_of(std::span<const Fr> nullifiers);

}  // namespace rues::phoenix
