#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/fair_queue.hpp"
#include "base/random.hpp"
#include "chain/key_cache.hpp"
#include "chain/verdict.hpp"

namespace rues::chain {

/// Threads that decode transactions, call the checks before the signature, and verify waiting signatures in one batch.
/// Clients have their turns by what their jobs have cost (`base::FairQueue`); a job belongs to the client for whom the
/// caller of `add` acts. A forged signature makes the others of its batch dear, so the jobs of a client that sent one
/// (`base::Client::sent_forged`) come in small batches of their own. The queue is bounded. `done` of every job is
/// called exactly once: on one of these threads, or on the caller's thread when the job is refused or `stop` ends it.
class Verifier {
public:
    struct Checked {
        ledger::Transaction tx;
        bool well_signed = false;  ///< always false for a Phoenix transaction
    };
    struct Job {
        base::Bytes transaction;
        /// The checks before the signature; nullopt when they pass.
        std::function<std::optional<Rejection>(const ledger::Transaction&)> check;
        /// Kind `undecodable`: the text is the decoder's alone.
        std::move_only_function<void(std::expected<Checked, Rejection>)> done;
    };

    struct Limits {
        std::size_t jobs = 0;
        std::size_t bytes = 0;  ///< of the transactions of all waiting jobs
    };
    /// Without randomness from `random`, signatures are checked one by one: if the coefficients of a batch can be
    /// foreseen, forged signatures that cancel out pass the batch check.
    Verifier(unsigned threads, Limits limits, base::RandomSource random = base::system_random);
    ~Verifier();
    /// Any thread. Beyond `Limits`, of which one client gets half, and after `stop`, the job gets `full` before this
    /// returns.
    void add(Job job);
    /// Finishes the batches under way, ends the threads, and gives `full` to every job that still waits. Not from
    /// `done`.
    void stop();
    /// Jobs in the queue. Any thread.
    std::size_t waiting() const;

private:
    void run();
    using Queue = base::FairQueue<Job>;
    using Waiting = Queue::Turn;
    void verify(std::vector<Waiting>& turns);
    std::vector<bool> check(std::span<const crypto::VerifyItem> items) const;

    std::vector<Waiting> take_batch();

    static constexpr std::size_t kBatch = 64;
    static constexpr std::size_t kForgersBatch = 4;  ///< some milliseconds, if all are forged
    static constexpr std::size_t kKnownKeys = 16'384;
    const Limits limits_;
    const base::RandomSource random_;
    KeyCache keys_{kKnownKeys};
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    Queue queue_;
    std::size_t bytes_ = 0;  ///< of the transactions in the queue
    bool stopping_ = false;
    std::vector<std::jthread> threads_;
};

}  // namespace rues::chain
