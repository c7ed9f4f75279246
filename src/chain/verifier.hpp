#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <vector>

#include "base/random.hpp"
#include "chain/chain.hpp"

namespace rues::chain {

/// Keys that were checked to be in the subgroup, so that the check and the square root of decompression are paid once
/// per account. Any thread. When full, what was there is forgotten: the next use pays again.
class KeyCache {
public:
    explicit KeyCache(std::size_t capacity) : capacity_(capacity) {}
    std::optional<crypto::PublicKey> find(const ledger::AccountKey& key) const;
    void insert(const crypto::PublicKey& key);

private:
    std::size_t capacity_;
    mutable std::shared_mutex mutex_;
    std::map<ledger::AccountKey, crypto::PublicKey> keys_;  ///< ordered: clients choose their keys
};

/// Threads that decode transactions, ask for the checks before the signature, verify all signatures that wait in one
/// go, and say the outcome. Bounded queue; every job's `done` is called exactly once, on one of these threads or, when
/// refused, on the caller's.
class Verifier {
public:
    struct Checked {
        ledger::Transaction tx;
        bool well_signed = false;  ///< never of a Phoenix transaction
    };
    struct Job {
        Bytes transaction;
        /// What is wrong before the signature is looked at.
        std::function<std::optional<Rejection>(const ledger::Transaction&)> check;
        /// The text of what is `undecodable` is the decoder's alone.
        std::move_only_function<void(std::expected<Checked, Rejection>)> done;
    };

    struct Limits {
        std::size_t jobs = 0;
        std::size_t bytes = 0;  ///< of their transactions together
    };
    /// Without randomness from `random` signatures are checked one by one: a batch whose coefficients can be foreseen
    /// passes forged signatures that cancel out.
    Verifier(unsigned threads, Limits limits, base::RandomSource random = base::system_random);
    ~Verifier();
    void add(Job job);
    void stop();
    std::size_t waiting() const;

private:
    void run();
    void verify(std::vector<Job> jobs);
    std::vector<bool> check(std::span<const crypto::VerifyItem> items) const;

    static constexpr std::size_t kBatch = 64;
    static constexpr std::size_t kKnownKeys = 16'384;
    const Limits limits_;
    const base::RandomSource random_;
    KeyCache keys_{kKnownKeys};
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Job> queue_;
    std::size_t bytes_ = 0;  ///< in the queue
    bool stopping_ = false;
    std::vector<std::jthread> threads_;
};

}  // namespace rues::chain
