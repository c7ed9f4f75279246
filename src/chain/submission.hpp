#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "chain/transaction_trace.hpp"
#include "chain/verdict.hpp"
#include "ledger/event.hpp"

namespace rues::chain {

using base::Bytes;

/// Receives the answer to `preverify` or `propagate`. Called exactly once: on a verify thread or the chain thread, or
/// on the caller's thread before the call returns when the request is refused at once. It must not block and must not
/// call `Chain::stop`; every other function of the chain may be called from it.
using OnVerdict = std::move_only_function<void(Verdict)>;

/// The effect that a transaction would have in the next block.
struct Simulation {
    std::optional<std::string> error;  ///< as the node prints it (docs/reference/rusk-1.7.md 7.3)
    std::uint64_t gas_limit = 0;       ///< of the transaction
    std::uint64_t gas_spent = 0;       ///< 0: no block would include it
    std::vector<ledger::ContractEvent> events;
    std::optional<TransactionTrace> trace;  ///< if it was asked for
    std::uint64_t tip_height = 0;           ///< of the block on whose state it was executed
    base::Hash32 tip_hash{};
};
/// Receives the answer to `simulate`. Called exactly once, on the same terms as `OnVerdict`.
using OnSimulated = std::move_only_function<void(std::expected<Simulation, Rejection>)>;

/// True: nobody waits for the answer any more. Called on the thread of a simulation, while it waits for its turn or
/// runs.
using IsGone = std::function<bool()>;

/// How long an answer is wanted. A request that is not wanted any more when its turn comes, in any queue, is not worked
/// on: its callback gets `full`.
struct Wanted {
    /// By the machine's clock, as the arrival of a request; `Options` may give the chain another one.
    std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max();
    IsGone is_gone{};  ///< may be empty; it is not called after the callback

    bool is_late() const noexcept { return std::chrono::steady_clock::now() > until; }
    bool is_over() const { return is_late() || (is_gone && is_gone()); }
};

/// Takes transactions. Any thread may call every function. A function does not wait for the answer: the request enters
/// a queue, and its callback gets the answer. When a queue is full or the chain is stopping, the callback gets `full`
/// and nothing was changed; the caller may try again later. After the store failed, every request except `simulate`
/// gets `failed`.
class Submission {
public:
    virtual ~Submission() = default;

    /// Runs all checks of admission and changes nothing (`transactions/preverify`). A gap before the nonce is
    /// `refused`. The id says only that the transaction would be accepted on the present tip and mempool.
    virtual void preverify(Bytes transaction, OnVerdict done, Wanted wanted = {}) = 0;
    /// Runs all checks and puts the transaction into the mempool. The callback is called after the transaction and its
    /// `included` event are written (docs/reference/differences.md 16). A transaction with a gap before its nonce is
    /// staged for some seconds: it gets its id as well, and a `deferred` event instead of `included`. A refused
    /// transaction writes no event.
    virtual void propagate(Bytes transaction, OnVerdict done, Wanted wanted = {}) = 0;
    /// Executes the transaction on the state of the tip, at the next height, without the checks of admission, on a
    /// verify thread or on `Options::long_work` (`transactions/simulate`). Nothing is written. An error of the contract
    /// is a `Simulation`, not a rejection. A rejection's text is what the client gets after `Invalid input: `.
    virtual void simulate(Bytes transaction, Traced traced, Wanted wanted, OnSimulated done) = 0;
};

}  // namespace rues::chain
