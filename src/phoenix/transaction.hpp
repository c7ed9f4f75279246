#pragma once

#include <vector>

#include "ledger/transaction.hpp"
#include "phoenix/note.hpp"

/// The public inputs and the refund of a Phoenix transaction. Its bytes and its id are in `ledger`. Pure; any thread.
namespace rues::phoenix {

inline constexpr std::size_t kMaxInputs = 4;  ///< nullifiers of a transaction; there is no circuit for more

/// The scalar that a transaction's owner signs. REQUIRES: a Phoenix transaction.
Fr payload_hash(const ledger::Transaction& tx);

/// The public inputs of the proof in the order of the circuit's rows (docs/reference/phoenix-and-plonk.md 4.2).
/// nullopt when a contract is the sender of an output: no circuit proves that. REQUIRES: a Phoenix transaction whose
/// points were checked, as those of `ledger::Transaction::decode` are.
std::optional<std::vector<Fr>> public_inputs(const ledger::Transaction& tx);

/// The note that gives back the gas that a transaction did not spend, and `deposit` if no contract took it. nullopt
/// when nothing is left: then there is no such note. REQUIRES: points that were checked.
std::optional<Note> refund_note(const ledger::Phoenix& tx, std::uint64_t gas_spent, std::uint64_t deposit);

}  // namespace rues::phoenix
