#pragma once

#include "base/random.hpp"
#include "ledger/transaction.hpp"
#include "phoenix/circuits/transaction.hpp"

/// Makes Phoenix transactions (docs/reference/phoenix-and-plonk.md 3.7, 3.8, 4.5). Pure; any thread.
namespace rues::phoenix {

/// A note that is to be spent, and its path in the tree of notes.
struct SpendableNote {
    Note note;  ///< at its place in the tree
    CircuitOpening opening;
};

/// What a transaction shall do. All amounts are LUX.
struct Order {
    std::uint8_t chain_id = 0;
    std::vector<SpendableNote> inputs;  ///< 1 to `kMaxInputs`
    PublicKey receiver;
    std::uint64_t value = 0;
    NoteType type = NoteType::obfuscated;  ///< transparent: everybody sees the value
    std::uint64_t deposit = 0;             ///< for the contract that `data` calls
    std::uint64_t gas_limit = 0;
    std::uint64_t gas_price = 0;
    ledger::Data data;
};

/// A transaction without its proof, and what a prover needs to make that.
struct Unproven {
    ledger::Phoenix body;
    TransactionWitness witness;  ///< secret

    ledger::Transaction with(base::Bytes proof) &&;
};

/// Makes the transaction: the note for the receiver, the note with the change, the address that gets unspent gas back,
/// all signatures. Change and refund go to the address of `key`; their amounts are what the inputs have beyond value,
/// deposit and gas. A transparent note of value 0 does not enter the tree, so it is the note of a transaction that pays
/// nobody. Errors: `invalid`: the order cannot be carried out; `io`: `random` has failed.
base::Result<Unproven> build(const SecretKey& key, Order order, const base::RandomSource& random);

/// The nullifiers of the notes in `inputs`, in the order in which the transaction publishes them. A withdrawal in the
/// data names them.
std::vector<Fr> nullifiers_of(const SecretKey& key, std::span<const SpendableNote> inputs);

}  // namespace rues::phoenix
