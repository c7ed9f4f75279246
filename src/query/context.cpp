#include "query/context.hpp"

#include <algorithm>
#include <numeric>

namespace rues::query {

Transaction::Transaction(const ledger::TxId& of, Bytes bytes) : id(of), raw(std::move(bytes)) {
    if (auto read = ledger::UncheckedTransaction::decode(raw)) body = std::move(*read);
}

Spent::Spent(const ledger::TxId& id, store::StoredTransaction stored)
    : transaction(id, std::move(stored.raw)),
      height(stored.height),
      gas_spent(stored.gas_spent),
      error(std::move(stored.error)) {}

Context::Context(const store::Snapshot& snapshot, ReadCache* cache)
    : snapshot_(snapshot), cache_(cache), tip_(snapshot.height()) {}

std::int64_t Context::last_final() {
    if (!last_final_) {
        const auto height = snapshot_.last_final();
        last_final_ = height && *height ? static_cast<std::int64_t>(**height) : -1;
    }
    return *last_final_;
}

const Block& Context::keep(StoredPtr stored) {
    const auto height = stored->header.height;
    return blocks_.try_emplace(height, Block{std::move(stored), nullptr}).first->second;
}

/// Number of ascending heights whose blocks are final. Returns 0 when the cache cannot help.
std::size_t Context::count_final(std::span<const std::uint64_t> heights) {
    if (cache_ == nullptr || heights.front() >= tip_) return 0;  // for the tip alone the last final height is not read
    const auto end = std::ranges::upper_bound(heights, last_final(), std::less<>(),
                                              [](std::uint64_t height) { return static_cast<std::int64_t>(height); });
    return static_cast<std::size_t>(end - heights.begin());
}

/// Reads blocks into `out`, one place for each of the ascending heights. A place stays null when there is no block.
void Context::read_blocks(std::span<const std::uint64_t> heights, std::span<StoredPtr> out) {
    const std::size_t final_ones = count_final(heights);
    if (final_ones > 0) cache_->find_blocks(heights.first(final_ones), out.first(final_ones));
    std::vector<std::uint64_t> missing;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < heights.size(); ++i) {
        if (out[i] || heights[i] > tip_) continue;
        missing.push_back(heights[i]);
        places.push_back(i);
    }
    if (missing.empty()) return;
    auto found = snapshot_.blocks(missing);
    if (!found) return;
    std::vector<StoredPtr> learned;
    for (std::size_t i = 0; i < missing.size(); ++i) {
        if (!(*found)[i]) continue;
        out[places[i]] = std::make_shared<const store::StoredBlock>(std::move(*(*found)[i]));
        if (places[i] < final_ones) learned.push_back(out[places[i]]);
    }
    if (cache_ != nullptr && !learned.empty()) cache_->put(learned);
}

const Block* Context::block(std::uint64_t height) {
    if (const auto known = blocks_.find(height); known != blocks_.end()) return &known->second;
    StoredPtr stored;
    read_blocks({&height, 1}, {&stored, 1});
    return stored ? &keep(std::move(stored)) : nullptr;
}

const Block* Context::block_of(ByteView hash) {
    if (hash.size() != 32) return nullptr;
    const auto at = snapshot_.height_of(base::to_array<32>(hash));
    return at && *at ? block(**at) : nullptr;
}

std::vector<const Block*> Context::blocks(std::uint64_t first, std::uint64_t last) {
    std::vector<const Block*> out;
    if (first > tip_) return out;
    std::vector<std::uint64_t> heights(static_cast<std::size_t>(std::min(last, tip_) - first + 1));
    std::iota(heights.begin(), heights.end(), first);
    std::vector<StoredPtr> stored(heights.size());
    read_blocks(heights, stored);
    out.reserve(heights.size());
    for (auto& each : stored)
        if (each) out.push_back(&keep(std::move(each)));
    return out;
}

std::optional<std::vector<SpentPtr>> Context::read(std::span<const ledger::TxId> ids) {
    std::vector<SpentPtr> out(ids.size());
    const auto is_final = [this](const Spent& spent) {
        return static_cast<std::int64_t>(spent.height) <= last_final();
    };
    if (cache_ != nullptr) cache_->find(ids, out);
    std::vector<ledger::TxId> missing;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (out[i] && !is_final(*out[i])) out[i] = nullptr;  // its block became final after this snapshot was made
        if (out[i]) continue;
        missing.push_back(ids[i]);
        places.push_back(i);
    }
    if (missing.empty()) return out;
    auto found = snapshot_.transactions(missing);
    if (!found) return std::nullopt;
    std::vector<SpentPtr> learned;
    for (std::size_t i = 0; i < missing.size(); ++i) {
        if (!(*found)[i]) continue;
        out[places[i]] = std::make_shared<const Spent>(missing[i], std::move(*(*found)[i]));
        // Until its block is final, the transaction may be executed again in another block.
        if (cache_ != nullptr && is_final(*out[places[i]])) learned.push_back(out[places[i]]);
    }
    if (cache_ != nullptr && !learned.empty()) cache_->put(learned);
    return out;
}

std::optional<std::vector<const Spent*>> Context::transactions(std::span<const ledger::TxId> ids) {
    const auto found = read(ids);
    if (!found) return std::nullopt;
    std::vector<const Spent*> out;
    out.reserve(found->size());
    for (const auto& each : *found) out.push_back(each.get());
    spent_.insert(spent_.end(), found->begin(), found->end());
    return out;
}

bool Context::read_transactions(std::span<const Block* const> blocks) {
    std::vector<ledger::TxId> ids;
    std::vector<const Block*> unread;
    for (const Block* block : blocks) {
        if (block->transactions) continue;
        if (cache_ != nullptr && block->is_final()) block->transactions = cache_->find_list(block->header().height);
        if (block->transactions) continue;
        unread.push_back(block);
        ids.insert(ids.end(), block->stored->transactions.begin(), block->stored->transactions.end());
    }
    if (unread.empty()) return true;
    auto found = read(ids);
    if (!found) return false;
    auto next = found->begin();
    for (const Block* block : unread) {
        const auto count = static_cast<std::ptrdiff_t>(block->stored->transactions.size());
        auto list = std::make_shared<const SpentList>(next, next + count);
        next += count;
        if (cache_ != nullptr && block->is_final() && is_whole(*list)) cache_->put_list(block->header().height, list);
        block->transactions = std::move(list);
    }
    return true;
}

const std::vector<Transaction>* Context::mempool() {
    has_read_mempool_ = true;
    if (mempool_) return &*mempool_;
    auto stored = snapshot_.pooled();
    if (!stored) return nullptr;
    std::vector<Transaction> all;
    all.reserve(stored->size());
    for (auto& each : *stored) all.emplace_back(each.id, std::move(each.raw));
    const auto rank = [](const Transaction& tx) { return std::pair(tx.body ? tx.body->gas_price() : 0, tx.id); };
    std::ranges::sort(all, std::greater<>(), rank);
    return &mempool_.emplace(std::move(all));
}

const Transaction* Context::pooled(const ledger::TxId& id) {
    has_read_mempool_ = true;
    auto stored = snapshot_.pooled(id);
    return stored && *stored ? &pooled_.emplace_back(id, std::move((*stored)->raw)) : nullptr;
}

}  // namespace rues::query
