#pragma once

#include <span>

#include "phoenix/transaction.hpp"
#include "plonk/version.hpp"

/// Checks the proofs of Phoenix transactions with the four circuits of the network (docs/reference/phoenix-and-plonk.md
/// 4.1, 5). Pure; any thread.
namespace rues::phoenix {

/// The verifier data of the circuit for this many nullifiers, as the transfer contract holds it. Empty: there is none.
ByteView verifier_data(std::size_t nullifiers) noexcept;

/// The reference string with which the proofs are made (docs/decisions/0031).
enum class Keys : std::uint8_t { network, developer };

/// result[i] is true when the proof of transactions[i] holds under `version`. It is false when the bytes are not
/// exactly one proof, when there is no circuit for so many nullifiers, or when a contract is the sender of an output.
/// With a seed, all proofs are checked together, and only the bad ones are false; the seed must be drawn after the
/// transactions are known
/// (`plonk::verify_batch`). REQUIRES: Phoenix transactions whose points were checked.
std::vector<bool> verify_proofs(std::span<const ledger::Transaction* const> transactions, plonk::Version version,
                                const std::optional<ByteArray<32>>& seed, Keys keys = Keys::network);

}  // namespace rues::phoenix
