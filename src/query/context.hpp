#pragma once

#include <deque>
#include <map>

#include "query/read_cache.hpp"

/// The context of one request: the snapshot that its resolvers read, and everything that they have read.
namespace rues::query {

/// Belongs to one request and one thread. The objects that it returns live as long as it does. After a read, check the
/// snapshot's `failed()` and `missed()`: when one is true, the answer must not be sent.
class Context {
public:
    /// `cache`, when given, is searched before the store, and gets the final blocks and transactions that were read
    /// from the store.
    explicit Context(const store::Snapshot& snapshot, ReadCache* cache = nullptr);
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;

    const store::Snapshot& snapshot() const noexcept { return snapshot_; }
    /// Height of the snapshot's tip.
    std::uint64_t tip() const noexcept { return tip_; }
    /// Height of the last final block of the snapshot; -1 when there is none.
    std::int64_t last_final();

    /// nullptr when there is no such block, or when it could not be read.
    const Block* block(std::uint64_t height);
    /// Finds a block by its hash. Bytes of another length than a hash find nothing.
    const Block* block_of(ByteView hash);
    /// The blocks from height `first` to `last`, both included, ascending.
    std::vector<const Block*> blocks(std::uint64_t first, std::uint64_t last);
    /// Reads the transactions of those `blocks` that do not have them yet, all at once. False when a read failed.
    bool read_transactions(std::span<const Block* const> blocks);
    /// One result for each id; nullptr when there is no such transaction. nullopt when a read failed.
    std::optional<std::vector<const Spent*>> transactions(std::span<const ledger::TxId> ids);
    /// Keeps a value as long as the context lives.
    const JsonValue& keep(JsonValue value) { return values_.emplace_back(std::move(value)); }

    /// The mempool: highest gas price first, then the larger id first (docs/reference/graphql.md 3). nullptr when it
    /// could not be read.
    const std::vector<Transaction>* mempool();
    /// nullptr when the mempool has no such transaction, or when it could not be read.
    const Transaction* pooled(const ledger::TxId& id);
    /// True when the answer depends on the mempool, not only on blocks.
    bool has_read_mempool() const noexcept { return has_read_mempool_; }

private:
    using StoredPtr = std::shared_ptr<const store::StoredBlock>;
    std::size_t count_final(std::span<const std::uint64_t> heights);
    const Block& keep(StoredPtr stored);
    std::optional<std::vector<SpentPtr>> read(std::span<const ledger::TxId> ids);
    void read_blocks(std::span<const std::uint64_t> heights, std::span<StoredPtr> out);

    const store::Snapshot& snapshot_;
    ReadCache* cache_;
    std::uint64_t tip_;
    std::optional<std::int64_t> last_final_;
    std::map<std::uint64_t, Block> blocks_;  ///< by height
    std::vector<SpentPtr> spent_;
    std::deque<JsonValue> values_;
    std::deque<Transaction> pooled_;
    std::optional<std::vector<Transaction>> mempool_;
    bool has_read_mempool_ = false;
};

}  // namespace rues::query
