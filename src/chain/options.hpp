#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "base/log.hpp"
#include "chain/limits.hpp"
#include "chain/queries.hpp"
#include "crypto/keys.hpp"
#include "ledger/transaction.hpp"

namespace rues::chain {

using std::chrono::milliseconds;

enum class Mining : std::uint8_t { interval, instant, manual };

/// The most blocks until a block is final: as many as the store can take back.
inline constexpr std::uint64_t kMaxFinalAfter = 64;

/// Options that admission needs.
struct AdmissionRules {
    std::uint8_t chain_id = 0;
    std::uint64_t min_gas_limit = 75'000;
    std::size_t mempool_capacity = 10'000;
    /// A pool with this many bytes is full as well; the node counts transactions only.
    std::size_t mempool_bytes = 256 << 20;
    /// Phoenix transactions are admitted (docs/decisions/0024). Conversions into notes do not depend on it.
    bool phoenix = true;
};

/// result[i]: the proof of transactions[i] holds. With a seed, they may be checked together
/// (`phoenix::verify_proofs`). Called on verify threads.
using ProofCheck = std::function<std::vector<bool>(std::span<const ledger::Transaction* const> transactions,
                                                   const std::optional<base::ByteArray<32>>& seed)>;

struct Options : AdmissionRules {
    milliseconds block_time{1000};
    Mining mining = Mining::interval;
    milliseconds eligible_after{
        300};  ///< a transaction may enter a block this long after it entered the pool; 0 with `Mining::manual`
    /// A block is final when so many blocks follow it, 1 to kMaxFinalAfter. On a network with one provisioner: 1.
    std::uint64_t final_after = 1;
    milliseconds mempool_expiry = std::chrono::hours(72);
    /// Staged transactions of all accounts together (docs/reference/rusk-1.7.md 7.5; docs/decisions/0011).
    std::size_t future_nonces = 1'000;
    std::size_t future_nonces_per_account = 64;
    /// Bytes of all transactions that wait for their signature check; beyond: Rejection full.
    std::size_t verify_bytes = 64 << 20;
    std::size_t command_bytes = 64 << 20;  ///< the same for those that wait for the chain thread
    std::size_t verify_queue = 4'096;      ///< transactions that wait for their signature check; beyond: Rejection full
    unsigned verify_threads = 1;
    QueryBounds queries;  ///< of everything that a request lets a contract do
    /// Runs the simulations of transactions whose contracts may take long, so that they do not delay the verify
    /// threads. False: it is full, and the request gets `full`. Empty: the verify threads run them.
    std::function<bool(std::move_only_function<void()>)> long_work{};
    /// Checks the proofs of Phoenix transactions; empty: `phoenix::verify_proofs` under today's version, with the
    /// network's keys. A node gives one with the keys of its chain, a test one of the version of recorded proofs.
    ProofCheck proof_check{};
    /// Gets the lines that contracts log. It must not block, because the chain thread calls it too. Empty: the log.
    base::Log contract_lines{};
    /// without one, seeds and signatures are zeros (docs/reference/differences.md 26)
    std::optional<crypto::SecretKey> producer;
};

/// The part of the options that clients may learn.
struct Parameters {
    std::uint8_t chain_id = 0;
    milliseconds block_time{};
    Mining mining{};
    std::uint64_t min_gas_limit = 0;
    std::uint64_t block_gas_limit = kBlockGasLimit;
    bool phoenix = true;  ///< Phoenix transactions are admitted
};

}  // namespace rues::chain
