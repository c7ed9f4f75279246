#include "chain/pool_update.hpp"

namespace rues::chain {

std::optional<Rejection> PoolUpdate::check(const ledger::Transaction& tx) const {
    return check_before_signature(tx, rules_, pool_facts(tx, rules_, pool_), state_, Sidecars::are_checked);
}

std::optional<Rejection> PoolUpdate::check_gap(const ledger::Transaction& tx) const {
    if (tx.moonlight() == nullptr) return std::nullopt;
    return check_nonce_gap(tx, pool_.next_nonce(tx.moonlight()->sender.bytes(), account_nonce(tx, state_)));
}

Verdict PoolUpdate::submit(ledger::Transaction tx) {
    const auto id = tx.id();
    std::optional<Prequeue::Key> key;
    if (const auto* body = tx.moonlight()) key.emplace(body->sender.bytes(), body->nonce);
    auto problem = check(tx);
    if (!problem && check_gap(tx)) return stage(std::move(tx));
    if (!problem) problem = insert(std::move(tx));
    if (problem) return std::unexpected(std::move(*problem));
    if (key) drain(*key);
    return id;
}

/// The transactions that leave a full pool for `better`: the one with the lowest price and its followers
/// (docs/reference/ledger.md 3.4), and further ones while the pool is still full, which only its bytes can cause.
/// nullopt when one of them pays as much as `better`, or when `better` would push out its own predecessor and wait for
/// ever.
std::optional<std::vector<ledger::TxId>> PoolUpdate::victims(const ledger::Transaction& better) const {
    std::vector<ledger::TxId> out;
    std::set<ledger::TxId> chosen;
    std::size_t bytes = 0;
    const auto* body = better.moonlight();
    const auto is_predecessor = [&](const ledger::Moonlight* other) {
        return body != nullptr && other != nullptr && other->sender == body->sender && other->nonce < body->nonce;
    };
    for (auto lowest = pool_.ranks().rbegin(); is_full(pool_.size() - out.size(), pool_.bytes() - bytes, rules_);
         ++lowest) {
        if (lowest == pool_.ranks().rend() || lowest->gas_price >= better.gas_price()) return std::nullopt;
        if (chosen.contains(lowest->id)) continue;
        for (const auto& id : pool_.cascade(lowest->id)) {
            if (!chosen.insert(id).second) break;  // the rest of this cascade is chosen already
            const auto& tx = pool_.find(id)->tx;
            if (is_predecessor(tx.moonlight())) return std::nullopt;
            bytes += tx.size();
            out.push_back(id);
        }
    }
    return out;
}

std::optional<Rejection> PoolUpdate::insert(ledger::Transaction tx, Published what) {
    std::vector<ledger::TxId> evicted;
    const auto rivals = pool_.rivals(tx);
    for (const auto& replaced : rivals)
        remove(replaced, ledger::replaced_by(tx.id(), ledger::transaction_removed(replaced, now_.tip)));
    if (rivals.empty()) {
        auto pushed_out = victims(tx);
        if (!pushed_out) return mempool_full(tx, rules_);
        evicted = std::move(*pushed_out);
    }
    if (what == Published::included) commit_.events.push_back(ledger::transaction_included(tx, now_.tip));
    commit_.added.push_back({tx.id(), tx.encode(ledger::Envelope::boreas), now_.unix_ms});
    remove(evicted);
    if (what == Published::included) ++counters_.admitted;
    const std::lock_guard lock(view_);
    pool_.insert(std::move(tx), now_.steady);
    return std::nullopt;
}

std::optional<std::string> PoolUpdate::put_back(ledger::Transaction tx) {
    const auto id = tx.id();
    auto problem = check(tx);
    if (!problem) problem = check_gap(tx);
    if (!problem) problem = insert(std::move(tx), Published::nothing);
    if (!problem) return std::nullopt;
    std::string reason = "reverted: " + problem->text;
    give_up(id, reason);
    return reason;
}

void PoolUpdate::give_up(const ledger::TxId& id, std::string_view reason) {
    drop(id, reason);
    commit_.events.push_back(ledger::transaction_removed(id, now_.tip));
}

void PoolUpdate::remove_unless(const std::function<bool(const ledger::Transaction&)>& holds) {
    std::vector<ledger::TxId> gone;
    for (const auto& rank : pool_.ranks()) {
        if (!holds(pool_.find(rank.id)->tx)) gone.push_back(rank.id);
    }
    remove(gone);
}

/// Admits the staged transactions that directly follow `last`, until one is missing or refused.
void PoolUpdate::drain(Prequeue::Key last) {
    while (true) {
        ++last.second;
        auto next = prequeue_.take(last);
        if (!next) return;
        const auto id = next->id();
        auto problem = check(*next);
        if (!problem) problem = insert(std::move(*next));
        if (problem) return drop(id, "contiguous_drain_failed");
    }
}

/// A refusal publishes nothing: a client that is answered 400 must not be able to make the log grow.
Verdict PoolUpdate::stage(ledger::Transaction tx) {
    const auto id = tx.id();
    const auto rejection_full = prequeue_full(tx, prequeue_.limits().capacity);
    const auto rejection_account = prequeue_account_full(tx, prequeue_.limits().per_account);
    const auto result = prequeue_.stage(std::move(tx), now_.steady);
    switch (result.outcome) {
    case Prequeue::Outcome::full:
        return std::unexpected(rejection_full);
    case Prequeue::Outcome::account_full:
        return std::unexpected(rejection_account);
    case Prequeue::Outcome::superseded:
        drop(id, "superseded_by_staged_tx");
        return id;
    case Prequeue::Outcome::present:
        // UNVERIFIED for the very same transaction. A client that follows this id must not read that it was dropped.
        return id;
    case Prequeue::Outcome::replaced:
        drop(ledger::replaced_by(id, ledger::transaction_dropped(result.replaced, "replaced_in_prequeue", now_.tip)));
        break;
    case Prequeue::Outcome::staged:
        break;
    }
    for (const auto& other : result.gave_way) drop(other, "prequeue_full");
    commit_.events.push_back(ledger::transaction_deferred(id, now_.tip));
    ++counters_.deferred;
    return id;
}

void PoolUpdate::retry() {
    for (const auto& key : prequeue_.due(now_.steady)) {
        const auto* tx = prequeue_.find(key);
        if (tx == nullptr) continue;  // it was taken as the follower of one that was due earlier
        const auto id = tx->id();
        if (check(*tx)) {
            prequeue_.take(key);
            drop(id, "retry_failed");
        } else if (check_gap(*tx)) {
            if (prequeue_.try_again_later(key, now_.steady)) continue;
            prequeue_.take(key);
            drop(id, "retry_exhausted");
        } else if (insert(*prequeue_.take(key))) {
            drop(id, "retry_failed");
        } else {
            drain(key);
        }
    }
}

void PoolUpdate::expire(Mempool::Time until) {
    for (const auto& old : pool_.entered_by(until)) remove(pool_.cascade(old));
}

void PoolUpdate::remove(const std::vector<ledger::TxId>& ids) {
    for (const auto& id : ids) remove(id, ledger::transaction_removed(id, now_.tip));
}

void PoolUpdate::remove(const ledger::TxId& id, ledger::Event told) {
    commit_.removed.push_back(id);
    commit_.events.push_back(std::move(told));
    ++counters_.removed;
    const std::lock_guard lock(view_);
    pool_.erase(id);
}

void PoolUpdate::drop(const ledger::TxId& id, std::string_view reason) {
    drop(ledger::transaction_dropped(id, reason, now_.tip));
}

void PoolUpdate::drop(ledger::Event told) {
    commit_.events.push_back(std::move(told));
    ++counters_.dropped;
}

store::MempoolCommit PoolUpdate::take() {
    // The store first writes what is added and then deletes what is removed. A transaction may be in both lists, in
    // either order of time, so each list keeps only what agrees with the pool at the end.
    std::erase_if(commit_.added, [&](const auto& one) { return pool_.find(one.id) == nullptr; });
    std::erase_if(commit_.removed, [&](const auto& id) { return pool_.find(id) != nullptr; });
    return std::move(commit_);
}

}  // namespace rues::chain
