#pragma once

#include <mutex>
#include <span>

#include "base/lru_cache.hpp"
#include "query/objects.hpp"

namespace rues::query {

/// What requests have read that never changes: final blocks, and what was executed in them. Who takes something from it
/// must know that its own snapshot has it, and final: only then a height or an id stands for one block or one
/// execution. Any thread.
class ReadCache {
public:
    explicit ReadCache(std::size_t max_bytes)
        : blocks_(max_bytes / 4), lists_(max_bytes / 4), transactions_(max_bytes / 2) {}

    /// In the places of what is known, where they are nullptr.
    void find_blocks(std::span<const std::uint64_t> heights, std::span<std::shared_ptr<const store::StoredBlock>> out);
    /// REQUIRES: each is final.
    void put(std::span<const std::shared_ptr<const store::StoredBlock>> blocks);

    void find(std::span<const ledger::TxId> ids, std::span<SpentPtr> out);
    /// REQUIRES: each is of a final block.
    void put(std::span<const SpentPtr> transactions);

    std::shared_ptr<const SpentList> find_list(std::uint64_t height);
    /// REQUIRES: of a final block, and whole.
    void put_list(std::uint64_t height, std::shared_ptr<const SpentList> list);

private:
    std::mutex mutex_;
    base::LruCache<std::uint64_t, std::shared_ptr<const store::StoredBlock>> blocks_;
    base::LruCache<std::uint64_t, std::shared_ptr<const SpentList>> lists_;
    base::LruCache<ledger::TxId, SpentPtr> transactions_;
};

}  // namespace rues::query
