#pragma once

#include "chain/chain.hpp"
#include "chain/executor.hpp"
#include "chain/mempool.hpp"

/// Choosing transactions and making the next block of them. LM 4.4, 10; decisions 25, 26, 28. Pure: state, pool and
/// times are passed in.
namespace rues::chain {

struct Sealed {
    ledger::Block block;
    store::BlockCommit commit;  ///< `block` of it is set by whoever owns the Sealed
    std::size_t discarded = 0;
};

/// A pooled transaction that no block will ever take, and why.
struct Discarded {
    ledger::TxId id{};
    std::string why;
};

struct SealInput {
    const ledger::StateReader& state;
    const ledger::StateCommitment& commitment;  ///< of that state
    const ledger::Header& previous;
    const Mempool& pool;
    std::vector<const Mempool::Entry*> candidates;  ///< best first
    std::uint64_t timestamp = 0;
    const Options& options;
    const crypto::PublicKey& generator;
};

Sealed seal(const SealInput& input);

/// Contract events, headers' certificates and the like as one local producer makes them.
ledger::Attestation certificate_of(const ledger::Header& previous);

/// The events of a block in the order in which clients receive them (RP 7.2, rusk-1.7 5), and all contract events with
/// their origins. What was `discarded` leaves the pool with the block's own transactions, before `accepted`, which
/// stays the last (decisions 28: the recorded node says nothing of it).
void append_events(store::BlockCommit& commit, const ledger::Block& block, const BlockExecution::Outcome& outcome,
                   const std::function<bool(const ledger::TxId&)>& was_pooled,
                   const std::vector<Discarded>& discarded = {});

}  // namespace rues::chain
