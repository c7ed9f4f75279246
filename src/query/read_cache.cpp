#include "query/read_cache.hpp"

namespace rues::query {
namespace {

/// Approximate bytes of an entry's own objects and of its place in the map.
constexpr std::size_t kOverhead = 160;

std::size_t bytes_of(const store::StoredBlock& block) {
    return kOverhead + sizeof block + block.transactions.size() * sizeof(ledger::TxId) +
           block.header.failed_iterations.size() * sizeof(std::optional<ledger::FailedIteration>);
}

/// The transaction's bytes are held twice: raw and decoded.
std::size_t bytes_of(const Spent& spent) {
    return kOverhead + sizeof spent + 2 * spent.transaction.raw.size() + spent.error.value_or("").size();
}

}  // namespace

void ReadCache::find_blocks(std::span<const std::uint64_t> heights,
                            std::span<std::shared_ptr<const store::StoredBlock>> out) {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < heights.size(); ++i)
        if (const auto* known = blocks_.find(heights[i])) out[i] = *known;
}

void ReadCache::put(std::span<const std::shared_ptr<const store::StoredBlock>> blocks) {
    const std::lock_guard lock(mutex_);
    for (const auto& block : blocks) blocks_.put(block->header.height, block, bytes_of(*block));
}

void ReadCache::find(std::span<const ledger::TxId> ids, std::span<SpentPtr> out) {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < ids.size(); ++i)
        if (const auto* known = transactions_.find(ids[i])) out[i] = *known;
}

void ReadCache::put(std::span<const SpentPtr> transactions) {
    const std::lock_guard lock(mutex_);
    for (const auto& spent : transactions)
        if (spent) transactions_.put(spent->transaction.id, spent, bytes_of(*spent));
}

std::shared_ptr<const SpentList> ReadCache::find_list(std::uint64_t height) {
    const std::lock_guard lock(mutex_);
    const auto* known = lists_.find(height);
    return known != nullptr ? *known : nullptr;
}

void ReadCache::put_list(std::uint64_t height, std::shared_ptr<const SpentList> list) {
    std::size_t bytes = kOverhead;
    // The list keeps the transactions alive, even when they are cached elsewhere too.
    for (const auto& spent : *list) bytes += bytes_of(*spent);
    const std::lock_guard lock(mutex_);
    lists_.put(height, std::move(list), bytes);
}

std::size_t ReadCache::bytes() const {
    const std::lock_guard lock(mutex_);
    return blocks_.bytes() + lists_.bytes() + transactions_.bytes();
}

}  // namespace rues::query
