#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "chain/control.hpp"
#include "chain/genesis_state.hpp"
#include "chain/options.hpp"
#include "chain/submission.hpp"
#include "chain/view.hpp"
#include "store/store.hpp"

/// The local chain: admission, mempool, block production. docs/reference/ledger.md 3, 4; docs/reference/rusk-1.7.md 7.
namespace rues::chain {

/// The chain: it checks transactions, keeps the mempool, makes blocks and writes every event to the store. Its users
/// get the part that they need (`Submission`, `View`, `Control`); only its owner starts and stops it.
///
/// Threads. One thread of its own, the chain thread, makes every change of the mempool, the chain and the log, and
/// executes blocks. Verify threads decode transactions, check signatures and run simulations. Every function may be
/// called from any thread unless its comment says otherwise. None waits for the chain thread or a verify thread, except
/// `stop` and the destructor.
///
/// Limits. When a queue is full (`Options::verify_queue`, `Options::verify_bytes`, the commands of the chain thread) or
/// the chain is stopping, a request gets `full` and nothing was changed. The caller may try again later.
///
/// A broken store. When the store cannot be written, or the state for a block cannot be read, the chain writes nothing
/// more, makes no more blocks, and calls `on_fatal` once. From then on no request except `simulate` succeeds: the
/// answer is `failed`. The program must stop.
class Chain : public Submission, public View, public Control {
public:
    /// Opens the store's chain; an empty store first gets the block 0 of `genesis`. The error says what is wrong with
    /// the store, the genesis or the producer's key; a stored chain of another genesis or chain id is refused
    /// (origin.hpp). `store`, `machine` and `clock` must outlive the chain, and the chain every state that it gave
    /// away; `genesis` is not used after the call.
    ///
    /// `on_log` is called on the chain thread after every commit that appends to the log. It gets every new record
    /// once, in log order. No event is written and `on_log` is not called before `start`. `on_fatal` is called on the
    /// chain thread, at most once, with the text of the error. Neither may block for long, because the chain thread
    /// waits, and neither may call `stop`.
    static base::Result<std::unique_ptr<Chain>> create(store::Store& store, vm::Machine& machine,
                                                       const GenesisParts& genesis, Options options, base::Clock& clock,
                                                       base::Log log, std::function<void(store::LogBatch)> on_log,
                                                       std::function<void(std::string)> on_fatal);
    // The destructor stops as `stop` does.

    /// Starts the chain thread. Call it once. Signatures are checked and transactions simulated before that too;
    /// `propagate`, `mine` and `advance_time` wait for the chain thread.
    virtual void start() = 0;
    /// Stops the verify threads and then the chain thread, and waits for both. What these threads are doing is
    /// finished; every request that still waits is answered `full` before this returns (`failed` after a broken store),
    /// and so is every later request. The functions of `View` stay readable. Calling it again does nothing. It must not
    /// be called from a callback of the chain, nor by two threads at once.
    virtual void stop() = 0;
};

}  // namespace rues::chain
