#pragma once

#include <optional>
#include <string>

#include "app/line_writer.hpp"
#include "chain/submission.hpp"
#include "store/store.hpp"

namespace rues::app {

/// The log sentence for an event that ends a transaction: `executed`, `dropped`, or `removed` when it was not executed.
/// nullopt for any other event. `message` is a record of the event log.
std::optional<std::string> transaction_line(base::ByteView message);

/// Writes a line of the log for each executed, refused and dropped transaction, for people who watch a node. A thread
/// of its own makes and writes the lines; the threads of the chain only pass on the batch.
class TransactionLog {
public:
    explicit TransactionLog(base::Log log) : writer_(std::move(log), "blocks or refusals") {}

    /// Logs the transactions of a committed batch. Chain thread.
    void committed(const store::LogBatch& batch);
    /// Logs a transaction that the chain refused. Any thread.
    void refused(const chain::Rejection& rejection);

private:
    LineWriter writer_;
};

/// Passes every request on to `submission` and logs the transactions that `propagate` refuses. Both arguments must
/// outlive it.
std::unique_ptr<chain::Submission> with_refusals_logged(chain::Submission& submission, TransactionLog& log);

}  // namespace rues::app
