#include "chain/mempool.hpp"

#include <algorithm>

namespace rues::chain {

const Mempool::Entry* Mempool::find(const ledger::TxId& id) const {
    const auto found = entries_.find(id);
    return found != entries_.end() ? &found->second : nullptr;
}

const Mempool::Entry* Mempool::find(const ledger::AccountKey& account, std::uint64_t nonce) const {
    const auto found = spends_.find({account, nonce});
    return found != spends_.end() ? find(found->second) : nullptr;
}

std::vector<ledger::TxId> Mempool::rivals(const ledger::Transaction& tx) const {
    if (const auto* body = tx.moonlight()) {
        const auto* same = find(body->sender.bytes(), body->nonce);
        return same != nullptr ? std::vector{same->tx.id()} : std::vector<ledger::TxId>{};
    }
    std::set<ledger::TxId> out;
    for (const auto& nullifier : tx.phoenix()->nullifiers) {
        if (const auto found = nullifiers_.find(nullifier); found != nullifiers_.end()) out.insert(found->second);
    }
    return {out.begin(), out.end()};
}

void Mempool::insert(ledger::Transaction tx, Time entered) {
    const auto id = tx.id();
    ranks_.insert({tx.gas_price(), id});
    prices_.insert(tx.gas_price());
    ages_.insert({entered, id});
    bytes_ += tx.size();
    const auto [entry, _] = entries_.emplace(id, Entry{std::move(tx), entered});
    insert_spend(entry->second.tx, {entered, id});
}

bool Mempool::erase(const ledger::TxId& id) {
    const auto found = entries_.find(id);
    if (found == entries_.end()) return false;
    const auto& [tx, entered] = found->second;
    erase_spend(tx, {entered, id});
    ranks_.erase({tx.gas_price(), id});
    prices_.erase(tx.gas_price());
    ages_.erase({entered, id});
    bytes_ -= tx.size();
    entries_.erase(found);
    return true;
}

void Mempool::insert_spend(const ledger::Transaction& tx, Aged aged) {
    if (const auto* body = tx.moonlight()) {
        const Spend spend{body->sender.bytes(), body->nonce};
        const auto head_before = head(spend.first);
        spends_.emplace(spend, aged.second);
        add_to_runs(spend);
        replace_head(head_before, spend.first);
        return;
    }
    for (const auto& nullifier : tx.phoenix()->nullifiers) nullifiers_.emplace(nullifier, aged.second);
    heads_.insert(std::move(aged));
}

void Mempool::erase_spend(const ledger::Transaction& tx, const Aged& aged) {
    if (const auto* body = tx.moonlight()) {
        const Spend spend{body->sender.bytes(), body->nonce};
        const auto head_before = head(spend.first);
        spends_.erase(spend);
        take_from_runs(spend);
        replace_head(head_before, spend.first);
        return;
    }
    for (const auto& nullifier : tx.phoenix()->nullifiers) nullifiers_.erase(nullifier);
    heads_.erase(aged);
}

std::optional<Mempool::Aged> Mempool::head(const ledger::AccountKey& account) const {
    const auto first = spends_.lower_bound({account, 0});
    if (first == spends_.end() || first->first.first != account) return std::nullopt;
    return Aged{find(first->second)->entered, first->second};
}

void Mempool::replace_head(const std::optional<Aged>& before, const ledger::AccountKey& account) {
    const auto now = head(account);
    if (now == before) return;
    if (before) heads_.erase(*before);
    if (now) heads_.insert(*now);
}

void Mempool::add_to_runs(const Spend& spend) {
    const auto& [account, nonce] = spend;
    auto behind = runs_.upper_bound(spend);
    std::uint64_t last = nonce;
    if (behind != runs_.end() && behind->first == Spend{account, nonce + 1}) {
        last = behind->second;
        behind = runs_.erase(behind);
    }
    if (behind != runs_.begin()) {
        const auto before = std::prev(behind);
        if (before->first.first == account && before->second + 1 == nonce) {
            before->second = last;
            return;
        }
    }
    runs_.emplace_hint(behind, spend, last);
}

void Mempool::take_from_runs(const Spend& spend) {
    const auto& [account, nonce] = spend;
    const auto run = std::prev(runs_.upper_bound(spend));
    const auto last = run->second;
    if (run->first == spend) {
        runs_.erase(run);
    } else {
        run->second = nonce - 1;
    }
    if (last != nonce) runs_.emplace(Spend{account, nonce + 1}, last);
}

std::vector<ledger::TxId> Mempool::cascade(const ledger::TxId& id) const {
    std::vector<ledger::TxId> out;
    const auto* entry = find(id);
    if (entry != nullptr && entry->tx.moonlight() == nullptr) return {id};
    for (; entry != nullptr; entry = find(entry->tx.moonlight()->sender.bytes(), entry->tx.moonlight()->nonce + 1)) {
        out.push_back(entry->tx.id());
    }
    return out;
}

std::vector<ledger::TxId> Mempool::entered_by(Time until) const {
    std::vector<ledger::TxId> out;
    for (auto at = ages_.begin(); at != ages_.end() && at->first <= until; ++at) out.push_back(at->second);
    return out;
}

std::vector<const Mempool::Entry*> Mempool::eligible(Time until) const {
    std::vector<const Entry*> out;
    for (const Rank& rank : ranks_) {
        const auto* entry = find(rank.id);
        if (entry->entered <= until) out.push_back(entry);
    }
    return out;
}

std::optional<Mempool::Time> Mempool::oldest() const {
    return ages_.empty() ? std::nullopt : std::optional(ages_.begin()->first);
}

std::optional<Mempool::Time> Mempool::oldest_head() const {
    return heads_.empty() ? std::nullopt : std::optional(heads_.begin()->first);
}

std::uint64_t Mempool::next_nonce(const ledger::AccountKey& account, std::uint64_t nonce) const {
    const auto behind = runs_.upper_bound({account, nonce + 1});
    if (behind == runs_.begin()) return nonce + 1;
    const auto& [spend, last] = *std::prev(behind);
    return spend.first == account && last > nonce ? last + 1 : nonce + 1;
}

}  // namespace rues::chain
