#include "chain/mempool.hpp"

namespace rues::chain {

const Mempool::Entry* Mempool::find(const ledger::TxId& id) const {
    const auto found = entries_.find(id);
    return found != entries_.end() ? &found->second : nullptr;
}

const Mempool::Entry* Mempool::find(const ledger::AccountKey& account, std::uint64_t nonce) const {
    const auto found = spends_.find({account, nonce});
    return found != spends_.end() ? find(found->second) : nullptr;
}

void Mempool::insert(ledger::Transaction tx, std::uint64_t entered_ms) {
    const auto id = tx.id();
    ranks_.insert({tx.gas_price(), id});
    spends_[{tx.moonlight()->sender.bytes(), tx.moonlight()->nonce}] = id;
    bytes_ += tx.size();
    entries_.insert_or_assign(id, Entry{std::move(tx), entered_ms});
}

bool Mempool::erase(const ledger::TxId& id) {
    const auto found = entries_.find(id);
    if (found == entries_.end()) return false;
    const auto& tx = found->second.tx;
    ranks_.erase({tx.gas_price(), id});
    spends_.erase({tx.moonlight()->sender.bytes(), tx.moonlight()->nonce});
    bytes_ -= tx.size();
    entries_.erase(found);
    return true;
}

std::vector<ledger::TxId> Mempool::cascade(const ledger::TxId& id) const {
    std::vector<ledger::TxId> out;
    const auto* entry = find(id);
    for (; entry != nullptr; entry = find(entry->tx.moonlight()->sender.bytes(), entry->tx.moonlight()->nonce + 1)) {
        out.push_back(entry->tx.id());
    }
    return out;
}

std::vector<ledger::TxId> Mempool::older_than(std::uint64_t ms) const {
    std::vector<ledger::TxId> out;
    for (const Rank& rank : ranks_) {
        if (find(rank.id)->entered_ms < ms) out.push_back(rank.id);
    }
    return out;
}

std::vector<const Mempool::Entry*> Mempool::eligible(std::uint64_t latest_ms) const {
    std::vector<const Entry*> out;
    for (const Rank& rank : ranks_) {
        const auto* entry = find(rank.id);
        if (entry->entered_ms <= latest_ms) out.push_back(entry);
    }
    return out;
}

std::optional<std::uint64_t> Mempool::first_entered() const {
    std::optional<std::uint64_t> out;
    for (const auto& [id, entry] : entries_) {
        if (!out || entry.entered_ms < *out) out = entry.entered_ms;
    }
    return out;
}

std::uint64_t Mempool::next_nonce(const ledger::AccountKey& account, std::uint64_t nonce) const {
    while (spends_.contains({account, nonce + 1})) ++nonce;
    return nonce + 1;
}

GasPrice Mempool::gas_price(std::size_t max) const {
    std::vector<std::uint64_t> prices;  // highest first
    for (auto rank = ranks_.begin(); rank != ranks_.end() && prices.size() < max; ++rank)
        prices.push_back(rank->gas_price);
    if (prices.empty()) return {};
    const std::uint64_t n = prices.size();
    // Quotients and remainders apart: prices may add up to more than 64 bits.
    std::uint64_t whole = 0;
    std::uint64_t rest = 0;
    for (const auto price : prices) {
        whole += price / n;
        rest += price % n;
    }
    const std::uint64_t average = whole + (rest + n - 1) / n;
    const std::uint64_t low = prices[n / 2];
    const std::uint64_t median = low + (prices[(n - 1) / 2] - low) / 2;
    return {average, prices.front(), median, prices.back()};
}

}  // namespace rues::chain
