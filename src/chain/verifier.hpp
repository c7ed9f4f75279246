#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/fair_queue.hpp"
#include "base/random.hpp"
#include "chain/key_cache.hpp"
#include "chain/options.hpp"
#include "chain/verdict.hpp"

namespace rues::chain {

/// Threads that decode transactions, call the checks before the signature, and verify waiting signatures in one batch,
/// and the proofs of Phoenix transactions in another. What is said of signatures here holds for proofs too.
/// Clients have their turns by what their jobs have cost (`base::FairQueue`); a job belongs to the client for whom the
/// caller of `add` acts. Batches are small while several clients are served. A forged signature makes the others of its
/// batch dear, so the jobs of a client that sent one (`base::Client::sent_forged`) are checked one by one. A large
/// transaction has blobs, whose proofs take some 4 ms each. It is a batch alone, and while several clients are served
/// one thread is kept free of them, so that a signature does not wait for them. A client pays for the checks of its own
/// jobs and for its part of the signatures of a batch. The queue is bounded. `done` of every job is called exactly
/// once: on one of these threads, or on the caller's thread when the job is refused or `stop` ends it.
class Verifier {
public:
    struct Checked {
        ledger::Transaction tx;
        bool well_signed = false;  ///< or well proved
    };
    struct Job {
        base::Bytes transaction;
        /// The checks before the signature; nullopt when they pass.
        std::function<std::optional<Rejection>(const ledger::Transaction&)> check;
        /// Kind `undecodable`: the text is the decoder's alone.
        std::move_only_function<void(std::expected<Checked, Rejection>)> done;
        /// True: the job is not wanted any more, and gets `full` instead of its turn. May be empty.
        std::function<bool()> is_over{};
    };

    struct Limits {
        std::size_t jobs = 0;
        std::size_t bytes = 0;  ///< of the transactions of all waiting jobs
    };
    /// Without randomness from `random`, signatures are checked one by one: if the coefficients of a batch can be
    /// foreseen, forged signatures that cancel out pass the batch check.
    Verifier(unsigned threads, Limits limits, ProofCheck proofs, base::RandomSource random = base::system_random);
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
    /// Finishes the jobs. Returns what each cost alone, without the signatures of the batch.
    std::vector<std::chrono::nanoseconds> verify(std::vector<Waiting>& turns);
    struct Candidate;
    void check(std::span<Candidate> candidates) const;
    std::vector<bool> check_signatures(std::span<const crypto::VerifyItem> items) const;
    std::vector<bool> check_proofs(std::span<const ledger::Transaction* const> transactions) const;

    using Time = std::chrono::steady_clock::time_point;
    std::vector<Waiting> take_batch(base::Client* first, Time now);
    std::optional<base::Client*> next(Time now) const;
    bool serves_several(Time now) const;
    bool is_large(const base::Client* client) const { return queue_.front(client).transaction.size() > kLarge; }
    void note_client(const base::Client* client, Time now);

    static constexpr std::size_t kBatch = 64;
    /// A transaction of more bytes has blobs: without them it has at most a contract, whose bytecode is only hashed.
    static constexpr std::size_t kLarge = 131'072;
    /// A batch while several clients are served. The next one waits until it is done, and each of its signatures may be
    /// forged, whoever sent good ones before. Of larger batches only the final exponentiation is cheaper.
    static constexpr std::size_t kSharedBatch = 8;
    /// A batch with a forged signature costs more than its signatures one by one.
    static constexpr std::size_t kForgersBatch = 1;
    /// How long the verifier remembers that it has worked for another client.
    static constexpr std::chrono::milliseconds kMemory{1'000};
    static constexpr std::size_t kKnownKeys = 16'384;
    const Limits limits_;
    const std::size_t most_large_;  ///< large transactions that are checked at once while several clients are served
    const ProofCheck proofs_;
    const base::RandomSource random_;
    KeyCache keys_{kKnownKeys};
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    Queue queue_;
    std::size_t bytes_ = 0;                           ///< of the transactions in the queue
    std::size_t large_ = 0;                           ///< number of large transactions that are being checked
    std::optional<const base::Client*> last_client_;  ///< only compared; nullopt: no job was taken yet
    Time last_change_{};
    bool stopping_ = false;
    std::vector<std::jthread> threads_;
};

}  // namespace rues::chain
