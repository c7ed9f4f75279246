#pragma once

#include <mutex>
#include <span>

#include "base/lru_cache.hpp"
#include "query/objects.hpp"

namespace rues::query {

/// Final blocks and their transactions that requests have read. They never change. A caller may use an entry only when
/// the block is final in the caller's own snapshot: only then does a height name one block, and a transaction id one
/// execution. Any thread.
class ReadCache {
public:
    explicit ReadCache(std::size_t max_bytes)
        : blocks_(max_bytes / 4), lists_(max_bytes / 4), transactions_(max_bytes / 2) {}

    /// Puts the known blocks into `out`, one place for each height. Places of unknown blocks are not changed.
    void find_blocks(std::span<const std::uint64_t> heights, std::span<std::shared_ptr<const store::StoredBlock>> out);
    /// REQUIRES: each block is final.
    void put(std::span<const std::shared_ptr<const store::StoredBlock>> blocks);

    void find(std::span<const ledger::TxId> ids, std::span<SpentPtr> out);
    /// REQUIRES: each transaction is in a final block.
    void put(std::span<const SpentPtr> transactions);

    std::shared_ptr<const SpentList> find_list(std::uint64_t height);
    /// REQUIRES: the block is final and the list is complete.
    void put_list(std::uint64_t height, std::shared_ptr<const SpentList> list);

    /// Estimate of the memory in use.
    std::size_t bytes() const;

private:
    mutable std::mutex mutex_;
    base::LruCache<std::uint64_t, std::shared_ptr<const store::StoredBlock>> blocks_;
    base::LruCache<std::uint64_t, std::shared_ptr<const SpentList>> lists_;
    base::LruCache<ledger::TxId, SpentPtr> transactions_;
};

}  // namespace rues::query
