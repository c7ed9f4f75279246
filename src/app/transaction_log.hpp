#pragma once

#include <optional>
#include <string>

#include "app/worker_pool.hpp"
#include "base/log.hpp"
#include "chain/chain.hpp"

namespace rues::app {

/// The sentence for an event that ends a transaction: `executed`, `dropped`, or `removed` when it was not executed.
/// nullopt for any other event. `message` is a record of the event log.
std::optional<std::string> transaction_line(base::ByteView message);

/// A line of the log for each executed, refused and dropped transaction, for people who watch a node. Lines are made
/// and written on a thread of its own, because a terminal may stand still: the threads of the chain only pass on the
/// batch. When more than `kMaxWaiting` batches wait, newer ones are left out and counted.
class TransactionLog {
public:
    static constexpr std::size_t kMaxWaiting = 1'024;

    explicit TransactionLog(base::Log log) : log_(std::move(log)), writer_(1, kMaxWaiting) {}
    ~TransactionLog() { stop(); }

    /// What the chain committed. Chain thread.
    void committed(const store::LogBatch& batch);
    /// A verdict of the chain against a transaction. Any thread.
    void refused(const chain::Rejection& rejection);
    /// Lines that still wait are dropped.
    void stop() { writer_.stop(); }

private:
    void write(std::move_only_function<void()> lines);

    base::Log log_;
    std::atomic<std::uint64_t> left_out_{0};
    WorkerPool writer_;  ///< last: its thread uses the others
};

/// The same chain, whose refusals go to `log` too. Both outlive it.
std::unique_ptr<chain::Chain> with_refusals_logged(chain::Chain& chain, TransactionLog& log);

}  // namespace rues::app
