#pragma once

#include "chain/execution.hpp"
#include "chain/finality.hpp"
#include "chain/mempool.hpp"
#include "chain/options.hpp"
#include "store/store.hpp"

/// Chooses transactions and makes the next block of them. docs/reference/ledger.md 4.4, 10;
/// docs/reference/differences.md 26, 28. State, pool and times are passed in.
namespace rues::chain {

struct Sealed {
    ledger::Block block;
    store::BlockCommit commit;  ///< the owner of the Sealed sets its `block` and its `memory`
    vm::Commit machine;         ///< the state after the block, and what changed in the memory of contracts
    /// Pooled transactions that `commit` removes although no block executes them.
    std::size_t discarded = 0;
};

/// A pooled transaction that no block will ever take, and why.
struct Discarded {
    ledger::TxId id{};
    std::string why;
};

struct SealInput {
    vm::Machine& machine;
    std::shared_ptr<const vm::State> state;
    const ledger::Header& previous;
    const Mempool& pool;
    std::vector<const Mempool::Entry*> candidates;  ///< best first
    std::uint64_t timestamp = 0;
    const Options& options;
    const crypto::PublicKey& generator;
    FinalityChanges finality{};  ///< that this block causes
    /// True when the block has taken its time: no further candidate is executed. Asked before each of them.
    std::function<bool()> enough = [] { return false; };
    /// True when the transaction that is executed has taken too long and must be left out. Asked at ticks of the
    /// machine.
    std::function<bool()> too_long{};
    ContractLog* contract_log = nullptr;  ///< as for `BlockExecution`
};

/// Executes candidates until the block is full, and makes the block and the commit that stores it. A candidate that no
/// block could ever include leaves the pool with its followers. An error: the machine or its contracts are broken.
base::Result<Sealed> seal(const SealInput& input);

/// The certificate that a block carries for `previous`, as one local producer makes it. Empty for block 0.
ledger::Attestation certificate_of(const ledger::Header& previous);

/// The context of a block that this producer makes.
BlockContext context_of_next(const Options& options, const crypto::PublicKey& generator, std::uint64_t height);

/// Appends the events of a block in the order in which clients receive them (docs/reference/protocol.md 7.2,
/// docs/reference/rusk-1.7.md 5), and all contract events with their origins. `rivals` gives the pooled transactions
/// that a transaction of the block ends: itself, and those with one of its spend ids. They and the `discarded`
/// transactions leave the pool before `accepted`, which stays the last event (docs/reference/differences.md 28: the
/// recorded node publishes nothing about those that it discards).
void append_events(store::BlockCommit& commit, const ledger::Block& block, const BlockExecution::Outcome& outcome,
                   const FinalityChanges& finality,
                   const std::function<std::vector<ledger::TxId>(const ledger::Transaction&)>& rivals,
                   const std::vector<Discarded>& discarded = {});

}  // namespace rues::chain
