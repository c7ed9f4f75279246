#include "gateway/pool_view.hpp"

#include <set>

namespace rues::gateway {
namespace {

bool are_distinct(const ledger::Transaction& tx) {
    const auto* notes = tx.phoenix();
    if (notes == nullptr) return true;
    const std::set<base::Hash32> all(notes->nullifiers.begin(), notes->nullifiers.end());
    return all.size() == notes->nullifiers.size();
}

}  // namespace

void PoolView::add(std::span<const store::PooledTransaction> added) {
    for (const auto& one : added) {
        auto tx = ledger::Transaction::decode(one.raw);
        if (!tx || !are_distinct(*tx)) continue;
        const std::lock_guard lock(mutex_);
        if (pool_.size() >= kMost || pool_.bytes() + tx->size() > kMostBytes || !pool_.rivals(*tx).empty()) continue;
        pool_.insert(std::move(*tx), {});
    }
}

void PoolView::remove(std::span<const ledger::TxId> removed) {
    const std::lock_guard lock(mutex_);
    for (const auto& id : removed) pool_.erase(id);
}

std::uint64_t PoolView::next_nonce(const ledger::AccountKey& account, std::uint64_t nonce) const {
    const std::lock_guard lock(mutex_);
    return pool_.next_nonce(account, nonce);
}

chain::GasPrice PoolView::gas_price(std::size_t max) const {
    const std::lock_guard lock(mutex_);
    return pool_.gas_price(max);
}

}  // namespace rues::gateway
