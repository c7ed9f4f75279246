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

/// The local chain: admission, mempool, block production. docs/reference/ledger.md 3, 4; docs/reference/rusk-1.7.md 7.
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
        300};  ///< a transaction may enter a block this long after it entered the pool; 0 with `Mining::manual`
    std::uint64_t min_gas_limit = 75'000;
    std::size_t mempool_capacity = 10'000;
    milliseconds mempool_expiry = std::chrono::hours(72);
    /// Staged transactions of all accounts together (docs/reference/rusk-1.7.md 7.5; docs/decisions/0011).
    std::size_t future_nonces = 1'000;
    std::size_t future_nonces_per_account = 64;
    std::size_t mempool_bytes = 256 << 20;  ///< the pool is full as well when its transactions have this many bytes
    /// Bytes of all transactions that wait for their signature check; beyond: Rejection full.
    std::size_t verify_bytes = 64 << 20;
    std::size_t verify_queue = 4'096;  ///< transactions that wait for their signature check; beyond: Rejection full
    unsigned verify_threads = 1;
    /// without one, seeds and signatures are zeros (docs/reference/differences.md 26)
    std::optional<crypto::SecretKey> producer;
};

/// Why the chain did not accept a transaction, an order of blocks or a move of the clock. `text` is the text for the
/// client; `api` puts `Invalid input: ` before it when the status is 400.
struct Rejection {
    enum class Kind : std::uint8_t {
        undecodable,  ///< 400 Invalid input: Data: …
        refused,      ///< 400 Invalid input: Tx <id> not accepted: …
        full,         ///< 503: the mempool or a queue is full, or the node is stopping; a later attempt may succeed
        failed,       ///< 500: our store could not be read or written
    };
    Kind kind = Kind::refused;
    std::string text;
};
using Verdict = std::expected<ledger::TxId, Rejection>;
using Numbered = std::expected<std::uint64_t, Rejection>;
/// Receives the answer to `preverify` or `propagate`. Called exactly once: on a verify thread or the chain thread, or
/// on the caller's thread before the call returns when the request is refused at once. It must not block and must not
/// call `Chain::stop`; every other function of `Chain` may be called from it.
using OnVerdict = std::move_only_function<void(Verdict)>;

/// The effect that a transaction would have in the next block.
struct Simulation {
    std::optional<std::string> error;  ///< as the node prints it (docs/reference/rusk-1.7.md 7.3)
    std::uint64_t gas_spent = 0;       ///< 0: no block would include it
    std::vector<ledger::ContractEvent> events;
};
/// Receives the answer to `simulate`. Called exactly once, on the same terms as `OnVerdict`.
using OnSimulated = std::move_only_function<void(std::expected<Simulation, Rejection>)>;

/// For metrics and status pages.
struct ChainStats {
    std::size_t mempool = 0;         ///< transactions
    std::size_t staged = 0;          ///< transactions with a gap before their nonce, at most `future_nonces`
    std::size_t verify_waiting = 0;  ///< transactions that wait for a verify thread, at most `verify_queue`
    // Counted since the start:
    std::uint64_t admitted = 0;
    std::uint64_t deferred = 0;  ///< staged
    /// Staged transactions that were given up, and pooled ones that the block builder discarded.
    std::uint64_t dropped = 0;
    std::uint64_t removed = 0;  ///< replaced, evicted or expired
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

/// The chain: it checks transactions, keeps the mempool, makes blocks and writes every event to the store.
///
/// Threads. One thread of its own, the chain thread, makes every change of the mempool, the chain and the log. Verify
/// threads decode transactions, check signatures and run simulations. Every function may be called from any thread
/// unless its comment says otherwise. None waits for the chain thread or a verify thread, except `stop` and the
/// destructor. A request (`preverify`, `propagate`, `simulate`, `mine`, `advance_time`) only enters a queue; its
/// callback gets the answer.
///
/// Limits. When a queue is full (`Options::verify_queue`, `Options::verify_bytes`, the commands of the chain thread) or
/// the chain is stopping, the callback gets `full` and nothing was changed. The caller may try again later.
///
/// A broken store. When the store cannot be written, or the state for a block cannot be read, the chain writes nothing
/// more, makes no more blocks, and calls `on_fatal` once. From then on no request except `simulate` succeeds: the
/// answer is `failed`. The program must stop.
class Chain {
public:
    /// Opens the store's chain; an empty store first gets the block 0 of `genesis`. The error says what is wrong with
    /// the store, the genesis or the producer's key; a stored chain of another genesis or chain id is refused
    /// (origin.hpp). `store` and `clock` must outlive the chain; `genesis` is not used after the call.
    ///
    /// `on_log` is called on the chain thread after every commit that appends to the log. It gets every new record
    /// once, in log order. No event is written and `on_log` is not called before `start`. `on_fatal` is called on the
    /// chain thread, at most once, with the text of the error. Neither may block for long, because the chain thread
    /// waits, and neither may call `stop`.
    static base::Result<std::unique_ptr<Chain>> create(store::Store& store, const ledger::Genesis& genesis,
                                                       Options options, base::Clock& clock, base::Log log,
                                                       std::function<void(store::LogBatch)> on_log,
                                                       std::function<void(std::string)> on_fatal);
    virtual ~Chain() = default;  ///< stops as `stop` does

    /// Starts the chain thread. Call it once. Signatures are checked and transactions simulated before that too;
    /// `propagate`, `mine` and `advance_time` wait for the chain thread.
    virtual void start() = 0;
    /// Stops the verify threads and then the chain thread, and waits for both. What these threads are doing is
    /// finished; every request that still waits is answered `full` before this returns (`failed` after a broken store),
    /// and so is every later request. The views (`tip` and below) stay readable. Calling it again does nothing. It must
    /// not be called from a callback of the chain, nor by two threads at once.
    virtual void stop() = 0;

    /// Runs all checks of admission and changes nothing (`transactions/preverify`). A gap before the nonce is
    /// `refused`. The id says only that the transaction would be accepted on the present tip and mempool.
    virtual void preverify(Bytes transaction, OnVerdict done) = 0;
    /// Runs all checks and puts the transaction into the mempool. The callback is called after the transaction and its
    /// `included` event are written (docs/reference/differences.md 16). A transaction with a gap before its nonce is
    /// staged for some seconds: it gets its id as well, and a `deferred` event instead of `included`. A refused
    /// transaction writes no event.
    virtual void propagate(Bytes transaction, OnVerdict done) = 0;
    /// Executes the transaction on the state of the tip, at the next height, without the checks of admission, on a
    /// verify thread (`transactions/simulate`). Nothing is written. An error of the contract is a `Simulation`, not a
    /// rejection. A rejection's text is what the client gets after `Invalid input: `.
    virtual void simulate(Bytes transaction, OnSimulated done) = 0;

    /// Receives the answer to `mine` or `advance_time`. Called exactly once, on the same terms as `OnVerdict`.
    using OnNumber = std::move_only_function<void(Numbered)>;
    /// Seals `count` blocks, whatever the mode of mining. The callback gets the height of the tip after the last of
    /// them; with `count` 0, the present height. More than 10,000 blocks are `refused`; an order beyond the 1,024 under
    /// way is `full`. Between two blocks of an order the chain thread does all other waiting work, so an order of many
    /// blocks delays that work by one block at most. Several orders take turns.
    virtual void mine(std::uint64_t count, OnNumber done) = 0;
    /// For a program that is stopping: ends every order of `mine` between two blocks with `full` and refuses new orders
    /// with `full`, for good. Blocks that are already sealed stay. Everything else goes on.
    virtual void end_mining() = 0;
    /// Moves the chain's clock forward by `seconds`: from the tip's timestamp if that is ahead of the clock, else from
    /// the clock. The move is stored, so a restart keeps it. The callback gets the least timestamp that the next block
    /// will have.
    virtual void advance_time(std::uint64_t seconds, OnNumber done) = 0;

    /// The views. They take a short lock and never wait for I/O. Each is up to date by itself, but two calls may see
    /// two different moments.
    virtual Tip tip() const = 0;
    /// The first nonce above `nonce` that no pooled transaction of `account` uses. `nonce` is the account's nonce in
    /// the state.
    virtual std::uint64_t next_nonce(const ledger::AccountKey& account, std::uint64_t nonce) const = 0;
    /// Prices over the `max` best-paying pooled transactions (docs/reference/ledger.md 3.5); all are 1 when the pool is
    /// empty. The first call after a change of the mempool walks the whole pool, later ones do not.
    virtual GasPrice gas_price(std::size_t max) const = 0;
    virtual std::size_t mempool_size() const = 0;
    virtual ChainStats stats() const = 0;
    /// The options that are in force; they do not change while the chain lives.
    virtual const Options& options() const noexcept = 0;
};

}  // namespace rues::chain
