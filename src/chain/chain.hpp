#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "crypto/keys.hpp"
#include "ledger/genesis.hpp"
#include "store/store.hpp"

/// The local chain: admission, mempool, block production. LM 3, 4; rusk-1.7 7.
namespace rues::chain {

using base::Bytes;
using base::Hash32;
using std::chrono::milliseconds;

enum class Mining : std::uint8_t { interval, instant, manual };

struct Options {
    std::uint8_t chain_id = 0;
    milliseconds block_time{1000};
    Mining mining = Mining::interval;
    milliseconds eligible_after{
        300};  ///< a transaction may enter a block this long after it entered the pool; 0 in manual
    std::uint64_t min_gas_limit = 75'000;
    std::size_t mempool_capacity = 10'000;
    milliseconds mempool_expiry = std::chrono::hours(72);
    std::size_t future_nonces = 1'000;  ///< staged in total (rusk-1.7 7.5; docs/decisions/0011)
    std::size_t future_nonces_per_account = 64;
    std::size_t mempool_bytes = 256 << 20;  ///< transactions of that many bytes fill the pool too
    std::size_t verify_bytes = 64 << 20;    ///< of all that wait for their signature check; beyond: Rejection busy
    std::size_t verify_queue = 4'096;       ///< transactions waiting for their signature check; beyond: Rejection busy
    unsigned verify_threads = 1;
    std::optional<crypto::SecretKey> producer;  ///< none: seeds and signatures are zeros (decisions 26)
};

/// Why a transaction, or an order of blocks, was not taken. `text` is what the client gets (`Invalid input: …` with the
/// transaction's id for refusals).
struct Rejection {
    enum class Kind : std::uint8_t {
        undecodable,  ///< 400 Invalid input: Data: …
        refused,      ///< 400 Invalid input: Tx <id> not accepted: …
        full,         ///< 503: the mempool or a queue is full, or the node is stopping: come back
        failed,       ///< 500: our disk
    };
    Kind kind = Kind::refused;
    std::string text;
};
using Verdict = std::expected<ledger::TxId, Rejection>;
using Numbered = std::expected<std::uint64_t, Rejection>;
/// Called exactly once, on any thread; must not block.
using OnVerdict = std::move_only_function<void(Verdict)>;

/// What a transaction would do in the next block.
struct Simulation {
    std::optional<std::string> error;  ///< as the node prints it (rusk-1.7 7.3)
    std::uint64_t gas_spent = 0;       ///< 0: no block would take it
    std::vector<ledger::ContractEvent> events;
};
/// Called exactly once, on any thread; must not block.
using OnSimulated = std::move_only_function<void(std::expected<Simulation, Rejection>)>;

/// For metrics and status pages.
struct ChainStats {
    std::size_t mempool = 0;         ///< transactions
    std::size_t staged = 0;          ///< with a gap before their nonce, at most `future_nonces`
    std::size_t verify_waiting = 0;  ///< for their signature check, at most `verify_queue`
    // Since the start:
    std::uint64_t admitted = 0;
    std::uint64_t deferred = 0;  ///< staged
    std::uint64_t dropped = 0;   ///< staged ones given up, and what the block builder discarded
    std::uint64_t removed = 0;   ///< replaced, evicted or expired
    std::uint64_t simulated = 0;
};

struct GasPrice {
    std::uint64_t average = 1, max = 1, median = 1, min = 1;
};

struct Tip {
    std::uint64_t height = 0;
    Hash32 hash{};
    std::uint64_t timestamp = 0;
};

/// Everything public is callable from any thread unless said otherwise. One thread of its own writes.
class Chain {
public:
    /// Starts from the store's chain; an empty store first gets `genesis`. The error says what is wrong with store or
    /// genesis; a stored chain of another genesis or chain id is refused (origin.hpp). No event is written before
    /// `start`. From then on `on_log` is called on the chain thread after every commit, in log order, with every record
    /// that is appended to the log; `on_fatal` once when a commit failed: nothing is written from then on and every
    /// request is refused.
    static base::Result<std::unique_ptr<Chain>> create(store::Store& store, const ledger::Genesis& genesis,
                                                       Options options, base::Clock& clock, base::Log log,
                                                       std::function<void(store::LogBatch)> on_log,
                                                       std::function<void(std::string)> on_fatal);
    virtual ~Chain() = default;  ///< stops, finishing what was answered

    /// Begins the chain's work. What is propagated or mined before waits for it.
    virtual void start() = 0;
    virtual void stop() = 0;

    /// All checks, nothing changes (`transactions/preverify`).
    virtual void preverify(Bytes transaction, OnVerdict done) = 0;
    /// All checks, then the pool; the verdict comes after the transaction and its `included` are written (decisions
    /// 16). With a gap before its nonce it is staged for some seconds instead, which its `deferred` says.
    virtual void propagate(Bytes transaction, OnVerdict done) = 0;
    /// Executes on the state of the tip, at the height after it (`transactions/simulate`). A rejection's text is
    /// what the client gets after `Invalid input: `.
    virtual void simulate(Bytes transaction, OnSimulated done) = 0;

    /// Called exactly once, on any thread; must not block.
    using OnNumber = std::move_only_function<void(Numbered)>;
    /// Seals `count` blocks, in every mode. The number is the height of the tip after the last of them. Between two
    /// blocks of an order the chain does whatever else waits, so that an order of many blocks delays nothing by more
    /// than one block; several orders take turns.
    virtual void mine(std::uint64_t count, OnNumber done) = 0;
    /// Ends what `mine` was asked for between two blocks, with `full`, and refuses further orders: the program is
    /// stopping. Everything else goes on.
    virtual void end_mining() = 0;
    /// Moves the chain's clock forward, from the tip's timestamp if that is ahead of the clock, and for good: a restart
    /// keeps it. The number is the timestamp that the next block will have at least.
    virtual void advance_time(std::uint64_t seconds, OnNumber done) = 0;

    virtual Tip tip() const = 0;
    /// First nonce above `nonce` (the account's) that no pooled transaction uses.
    virtual std::uint64_t next_nonce(const ledger::AccountKey& account, std::uint64_t nonce) const = 0;
    /// Over the `max` best-paying pooled transactions (LM 3.5).
    virtual GasPrice gas_price(std::size_t max) const = 0;
    virtual std::size_t mempool_size() const = 0;
    virtual ChainStats stats() const = 0;
    virtual const Options& options() const noexcept = 0;
};

}  // namespace rues::chain
