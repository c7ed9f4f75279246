#include "chain/verifier.hpp"

#include "base/thread_rank.hpp"

namespace rues::chain {
namespace {

constexpr auto kTooManyWait = "too many transactions wait for their signature check";

}  // namespace

struct Verifier::Candidate {
    std::size_t turn;
    ledger::Transaction tx;
    bool good = false;
};

Verifier::Verifier(unsigned threads, Limits limits, ProofCheck proofs, base::RandomSource random)
    : limits_(limits),
      most_large_(threads > 1 ? threads - 1 : 1),
      proofs_(std::move(proofs)),
      random_(std::move(random)) {
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
    job.done(std::unexpected(Rejection{Rejection::Kind::full, kTooManyWait}));
}

std::size_t Verifier::waiting() const {
    const std::lock_guard lock(mutex_);
    return queue_.size();
}

/// Whether several clients wait, or did a moment ago. REQUIRES: as `take_batch`.
bool Verifier::serves_several(Time now) const {
    return queue_.clients() > 1 || (last_client_ && (*last_client_ != queue_.next() || now - last_change_ < kMemory));
}

void Verifier::note_client(const base::Client* client, Time now) {
    if (last_client_ == client) return;
    if (last_client_) last_change_ = now;  // the first client has no others
    last_client_ = client;
}

/// The client whose turn it is, of those whose next job may begin now; nullopt: there is none. REQUIRES: `mutex_` is
/// locked.
std::optional<base::Client*> Verifier::next(Time now) const {
    if (queue_.empty()) return std::nullopt;
    const bool may_be_large = large_ < most_large_ || !serves_several(now);
    return queue_.next_that([&](const base::Client* each) { return may_be_large || !is_large(each); });
}

/// The first job of `first`, and further ones that are checked with it. REQUIRES: as `next`, which gave `first`.
std::vector<Verifier::Waiting> Verifier::take_batch(base::Client* first, Time now) {
    const auto forges = [](const base::Client* client) { return client != nullptr && client->sent_forged(); };
    std::vector<Waiting> out;
    const auto take = [&](base::Client* client) {
        out.push_back(queue_.take(client));
        bytes_ -= out.back().item.transaction.size();
        note_client(client, now);
    };
    const bool alone = is_large(first) || forges(first);
    const std::size_t most = alone ? kForgersBatch : serves_several(now) ? kSharedBatch : kBatch;
    take(first);
    while (out.size() < most) {
        const auto client =
            queue_.next_that([&](const base::Client* each) { return !is_large(each) && !forges(each); });
        if (!client) break;
        take(*client);
    }
    return out;
}

void Verifier::run() {
    base::use_rank(base::ThreadRank::work);
    std::unique_lock lock(mutex_);
    for (;;) {
        std::optional<base::Client*> first;
        wake_.wait(lock, [&] {
            if (!stopping_) first = next(std::chrono::steady_clock::now());
            return stopping_ || first;
        });
        if (stopping_) return;
        const bool has_large = is_large(*first);
        if (has_large) ++large_;
        auto turns = take_batch(*first, std::chrono::steady_clock::now());
        lock.unlock();
        const auto begun = base::thread_time();
        auto costs = verify(turns);
        auto shared = base::thread_time() - begun;
        for (const auto& cost : costs) shared -= cost;
        const auto now = std::chrono::steady_clock::now();
        for (std::size_t i = 0; i < turns.size(); ++i) {
            costs[i] += shared / static_cast<std::int64_t>(turns.size());
            turns[i].item = {};
            if (turns[i].client) turns[i].client->charge(costs[i], now);
        }
        lock.lock();
        for (std::size_t i = 0; i < turns.size(); ++i) queue_.done(turns[i].client.get(), turns[i].charged, costs[i]);
        if (!has_large) continue;
        --large_;
        wake_.notify_one();  // a thread may wait because of it
    }
}

std::vector<bool> Verifier::check_signatures(std::span<const crypto::VerifyItem> items) const {
    base::ByteArray<32> seed;
    if (items.size() > 1 && random_(seed)) return crypto::verify_batch(items, seed);
    std::vector<bool> out;
    for (const auto& item : items) out.push_back(crypto::verify(*item.key, *item.signature, item.message));
    return out;
}

std::vector<bool> Verifier::check_proofs(std::span<const ledger::Transaction* const> transactions) const {
    if (transactions.empty()) return {};
    base::ByteArray<32> seed;
    if (transactions.size() > 1 && random_(seed)) return proofs_(transactions, seed);
    return proofs_(transactions, std::nullopt);
}

void Verifier::check(std::span<Candidate> candidates) const {
    std::vector<crypto::VerifyItem> signatures;
    std::vector<const ledger::Transaction*> proofs;
    for (const Candidate& c : candidates) {
        if (const auto* body = c.tx.moonlight()) {
            signatures.push_back({&body->sender, &body->signature, c.tx.signature_message()});
        } else {
            proofs.push_back(&c.tx);
        }
    }
    const auto well_signed = check_signatures(signatures);
    const auto well_proved = check_proofs(proofs);
    std::size_t next_signature = 0, next_proof = 0;
    for (Candidate& c : candidates)
        c.good = c.tx.moonlight() != nullptr ? well_signed[next_signature++] : well_proved[next_proof++];
}

std::vector<std::chrono::nanoseconds> Verifier::verify(std::vector<Waiting>& turns) {
    const auto known = [](const void* cache, const ledger::AccountKey& key) {
        return static_cast<const KeyCache*>(cache)->find(key);
    };
    std::vector<Candidate> candidates;
    candidates.reserve(turns.size());
    std::vector<std::chrono::nanoseconds> costs(turns.size());
    for (std::size_t i = 0; i < turns.size(); ++i) {
        Job& job = turns[i].item;
        const base::ActingFor scope(turns[i].client.get());
        const auto begun = base::thread_time();
        if (job.is_over && job.is_over()) {
            job.done(std::unexpected(Rejection{Rejection::Kind::full, kTooManyWait}));
            continue;
        }
        auto tx = ledger::Transaction::decode(job.transaction, known, &keys_);
        if (!tx) {
            job.done(std::unexpected(Rejection{Rejection::Kind::undecodable, std::move(tx.error().text)}));
        } else if (auto rejection = job.check(*tx)) {
            job.done(std::unexpected(std::move(*rejection)));
        } else {
            candidates.push_back({i, std::move(*tx)});
        }
        costs[i] = base::thread_time() - begun;
    }
    check(candidates);
    for (Candidate& c : candidates) {
        if (const auto* body = c.tx.moonlight(); body != nullptr && c.good) {
            keys_.insert(body->sender);
            if (body->receiver) keys_.insert(*body->receiver);
        }
        Waiting& turn = turns[c.turn];
        if (turn.client) turn.client->note_signature(c.good);
        const base::ActingFor scope(turn.client.get());
        const auto begun = base::thread_time();
        turn.item.done(Checked{std::move(c.tx), c.good});
        costs[c.turn] += base::thread_time() - begun;
    }
    return costs;
}

}  // namespace rues::chain
