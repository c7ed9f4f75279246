#include "chain/verifier.hpp"

namespace rues::chain {

Verifier::Verifier(unsigned threads, Limits limits, base::RandomSource random)
    : limits_(limits), random_(std::move(random)) {
    for (unsigned i = 0; i < std::max(threads, 1U); ++i) threads_.emplace_back([this] { run(); });
}

Verifier::~Verifier() {
    stop();
}

void Verifier::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    threads_.clear();
    std::deque<Job> left;
    {
        const std::lock_guard lock(mutex_);
        left.swap(queue_);
        bytes_ = 0;
    }
    for (Job& job : left) job.done(std::unexpected(Rejection{Rejection::Kind::full, kStopping}));
}

void Verifier::add(Job job) {
    {
        const std::lock_guard lock(mutex_);
        if (!stopping_ && queue_.size() < limits_.jobs && bytes_ + job.transaction.size() <= limits_.bytes) {
            bytes_ += job.transaction.size();
            queue_.push_back(std::move(job));
            wake_.notify_one();
            return;
        }
    }
    job.done(std::unexpected(Rejection{Rejection::Kind::full, "too many transactions wait for their signature check"}));
}

std::size_t Verifier::waiting() const {
    const std::lock_guard lock(mutex_);
    return queue_.size();
}

void Verifier::run() {
    for (;;) {
        std::vector<Job> jobs;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
            if (stopping_) return;
            while (!queue_.empty() && jobs.size() < kBatch) {
                bytes_ -= queue_.front().transaction.size();
                jobs.push_back(std::move(queue_.front()));
                queue_.pop_front();
            }
        }
        verify(std::move(jobs));
    }
}

std::vector<bool> Verifier::check(std::span<const crypto::VerifyItem> items) const {
    base::ByteArray<32> seed;
    if (items.size() > 1 && random_(seed)) return crypto::verify_batch(items, seed);
    std::vector<bool> out;
    for (const auto& item : items) out.push_back(crypto::verify(*item.key, *item.signature, item.message));
    return out;
}

void Verifier::verify(std::vector<Job> jobs) {
    const auto known = [](const void* cache, const ledger::AccountKey& key) {
        return static_cast<const KeyCache*>(cache)->find(key);
    };
    struct Candidate {
        Job* job;
        ledger::Transaction tx;
    };
    std::vector<Candidate> candidates;
    candidates.reserve(jobs.size());
    for (Job& job : jobs) {
        auto tx = ledger::Transaction::decode(job.transaction, known, &keys_);
        if (!tx) {
            job.done(std::unexpected(Rejection{Rejection::Kind::undecodable, std::move(tx.error().text)}));
        } else if (auto rejection = job.check(*tx)) {
            job.done(std::unexpected(std::move(*rejection)));
        } else if (tx->moonlight() == nullptr) {
            job.done(Checked{std::move(*tx), false});
        } else {
            candidates.push_back({&job, std::move(*tx)});
        }
    }
    std::vector<crypto::VerifyItem> items;
    for (const Candidate& c : candidates) {
        const auto& body = *c.tx.moonlight();
        items.push_back({&body.sender, &body.signature, c.tx.signature_message()});
    }
    const auto good = check(items);
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        if (good[i]) {
            const auto& body = *candidates[i].tx.moonlight();
            keys_.insert(body.sender);
            if (body.receiver) keys_.insert(*body.receiver);
        }
        candidates[i].job->done(Checked{std::move(candidates[i].tx), good[i]});
    }
}

}  // namespace rues::chain
