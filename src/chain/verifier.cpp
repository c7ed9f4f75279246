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
    std::vector<Job> left;
    {
        const std::lock_guard lock(mutex_);
        left = queue_.clear();
        bytes_ = 0;
    }
    for (Job& job : left) job.done(std::unexpected(Rejection{Rejection::Kind::full, kStopping}));
}

void Verifier::add(Job job) {
    {
        auto client = base::ActingFor::kept();
        const std::lock_guard lock(mutex_);
        const bool has_part = client && queue_.size_of(client.get()) >= std::max<std::size_t>(limits_.jobs / 2, 1);
        if (!stopping_ && !has_part && queue_.size() < limits_.jobs &&
            bytes_ + job.transaction.size() <= limits_.bytes) {
            bytes_ += job.transaction.size();
            queue_.push(std::move(client), std::move(job));
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

/// REQUIRES: `mutex_` is locked, and the queue is not empty.
std::vector<Verifier::Waiting> Verifier::take_batch() {
    const auto forges = [](const base::Client* client) { return client != nullptr && client->sent_forged(); };
    std::vector<Waiting> out;
    const base::Client* const first = queue_.next();
    const bool alone = forges(first);
    const std::size_t most = alone ? kForgersBatch : kBatch;
    while (out.size() < most) {
        const auto client =
            queue_.next_that([&](const base::Client* each) { return alone ? each == first : !forges(each); });
        if (!client) break;
        out.push_back(queue_.take(*client));
        bytes_ -= out.back().item.transaction.size();
    }
    return out;
}

void Verifier::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
        if (stopping_) return;
        auto turns = take_batch();
        lock.unlock();
        const auto begun = base::thread_time();
        verify(turns);
        const auto cost = (base::thread_time() - begun) / static_cast<std::int64_t>(turns.size());
        const auto now = std::chrono::steady_clock::now();
        for (Waiting& turn : turns) {
            turn.item = {};
            if (turn.client) turn.client->charge(cost, now);
        }
        lock.lock();
        for (const Waiting& turn : turns) queue_.done(turn.client.get(), turn.charged, cost);
    }
}

std::vector<bool> Verifier::check(std::span<const crypto::VerifyItem> items) const {
    base::ByteArray<32> seed;
    if (items.size() > 1 && random_(seed)) return crypto::verify_batch(items, seed);
    std::vector<bool> out;
    for (const auto& item : items) out.push_back(crypto::verify(*item.key, *item.signature, item.message));
    return out;
}

void Verifier::verify(std::vector<Waiting>& turns) {
    const auto known = [](const void* cache, const ledger::AccountKey& key) {
        return static_cast<const KeyCache*>(cache)->find(key);
    };
    struct Candidate {
        Waiting* turn;
        ledger::Transaction tx;
    };
    std::vector<Candidate> candidates;
    candidates.reserve(turns.size());
    for (Waiting& turn : turns) {
        Job& job = turn.item;
        const base::ActingFor scope(turn.client.get());
        auto tx = ledger::Transaction::decode(job.transaction, known, &keys_);
        if (!tx) {
            job.done(std::unexpected(Rejection{Rejection::Kind::undecodable, std::move(tx.error().text)}));
        } else if (auto rejection = job.check(*tx)) {
            job.done(std::unexpected(std::move(*rejection)));
        } else if (tx->moonlight() == nullptr) {
            job.done(Checked{std::move(*tx), false});
        } else {
            candidates.push_back({&turn, std::move(*tx)});
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
        base::Client* const client = candidates[i].turn->client.get();
        if (client != nullptr) client->note_signature(good[i]);
        const base::ActingFor scope(client);
        candidates[i].turn->item.done(Checked{std::move(candidates[i].tx), good[i]});
    }
}

}  // namespace rues::chain
