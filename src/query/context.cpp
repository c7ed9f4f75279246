#include "query/context.hpp"

#include <algorithm>

namespace rues::query {

const ledger::UncheckedTransaction* Transaction::body() const {
    if (!body_) {
        auto read = ledger::UncheckedTransaction::decode(raw_);
        if (!read) return nullptr;
        body_ = std::move(*read);
    }
    return &*body_;
}

Spent Spent::of(const ledger::TxId& id, store::StoredTransaction stored) {
    return {{id, std::move(stored.raw)}, stored.height, stored.gas_spent, std::move(stored.error)};
}

const Block& Context::keep(store::StoredBlock stored) {
    const auto height = stored.header.height;
    return blocks_.try_emplace(height, Block{std::move(stored), std::nullopt}).first->second;
}

const Block* Context::block(std::uint64_t height) {
    if (const auto known = blocks_.find(height); known != blocks_.end()) return &known->second;
    auto stored = snapshot_.block(height);
    return stored && *stored ? &keep(std::move(**stored)) : nullptr;
}

const Block* Context::block_of(ByteView hash) {
    if (hash.size() != 32) return nullptr;
    const auto at = snapshot_.height_of(base::to_array<32>(hash));
    return at && *at ? block(**at) : nullptr;
}

std::vector<const Block*> Context::blocks(std::uint64_t first, std::uint64_t last) {
    std::vector<const Block*> out;
    auto stored = snapshot_.blocks(first, last);
    if (!stored) return out;
    out.reserve(stored->size());
    for (auto& each : *stored) out.push_back(&keep(std::move(each)));
    return out;
}

bool Context::read_transactions(std::span<const Block* const> blocks) {
    std::vector<ledger::TxId> ids;
    std::vector<const Block*> unread;
    for (const Block* block : blocks) {
        if (block->transactions) continue;
        block->transactions.emplace();
        unread.push_back(block);
        ids.insert(ids.end(), block->stored.transactions.begin(), block->stored.transactions.end());
    }
    if (ids.empty()) return true;
    auto found = snapshot_.transactions(ids);
    if (!found) return false;
    auto next = found->begin();
    for (const Block* block : unread) {
        block->transactions->reserve(block->stored.transactions.size());
        for (const auto& id : block->stored.transactions) {
            if (*next) block->transactions->push_back(Spent::of(id, std::move(**next)));
            ++next;
        }
    }
    return true;
}

const std::deque<Transaction>* Context::mempool() {
    has_read_mempool_ = true;
    if (mempool_) return &*mempool_;
    auto stored = snapshot_.pooled();
    if (!stored) return nullptr;
    std::deque<Transaction> all;
    for (auto& each : *stored) all.emplace_back(each.id, std::move(each.raw));
    const auto price = [](const Transaction& tx) { return tx.body() != nullptr ? tx.body()->gas_price() : 0; };
    std::ranges::sort(all, [&](const Transaction& a, const Transaction& b) {
        return std::pair(price(a), a.id()) > std::pair(price(b), b.id());
    });
    return &mempool_.emplace(std::move(all));
}

const Transaction* Context::pooled(const ledger::TxId& id) {
    has_read_mempool_ = true;
    auto stored = snapshot_.pooled(id);
    return stored && *stored ? &pooled_.emplace_back(id, std::move((*stored)->raw)) : nullptr;
}

}  // namespace rues::query
