#pragma once

#include <optional>
#include <string>

#include "app/worker_pool.hpp"
#include "base/log.hpp"
#include "chain/submission.hpp"
#include "store/store.hpp"

namespace rues::app {

/// The log sentence for an event that ends a transaction: `executed`, `dropped`, or `removed` when it was not executed.
/// nullopt for any other event. `message` is a record of the event log.
std::optional<std::string> transaction_line(base::ByteView message);

/// Writes a line of the log for each executed, refused and dropped transaction, for people who watch a node. A thread
/// of its own makes and writes the lines, because a terminal may block; the threads of the chain only pass on the
/// batch. When `kMaxWaiting` batches wait, newer ones are left out and counted.
class TransactionLog {
public:
    static constexpr std::size_t kMaxWaiting = 1'024;

    explicit TransactionLog(base::Log log) : log_(std::move(log)), writer_(1, kMaxWaiting) {}
    ~TransactionLog() { stop(); }

    /// Logs the transactions of a committed batch. Chain thread.
    void committed(const store::LogBatch& batch);
    /// Logs a transaction that the chain refused. Any thread.
    void refused(const chain::Rejection& rejection);
    /// Ends the thread; lines that still wait are dropped.
    void stop() { writer_.stop(); }

private:
    void write(std::move_only_function<void()> lines);

    base::Log log_;
    std::atomic<std::uint64_t> left_out_{0};
    WorkerPool writer_;  ///< last: its thread uses the others
};

/// Passes every request on to `submission` and logs the transactions that `propagate` refuses. Both arguments must
/// outlive it.
std::unique_ptr<chain::Submission> with_refusals_logged(chain::Submission& submission, TransactionLog& log);

}  // namespace rues::app
