#pragma once

#include <deque>
#include <map>

#include "query/read_cache.hpp"

/// What the resolvers of one request share: the moment it reads, and what was read of it.
namespace rues::query {

/// Of one request and one thread. Objects that it gives live as long as it does. After a failed read the snapshot says
/// so, and no answer may be made of what was found.
class Context {
public:
    /// `cache`, when given, is asked before the store and told of what was read.
    explicit Context(const store::Snapshot& snapshot, ReadCache* cache = nullptr);
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;

    const store::Snapshot& snapshot() const noexcept { return snapshot_; }
    std::uint64_t tip() const noexcept { return tip_; }
    /// Up to which height blocks are final at this moment; -1: none is.
    std::int64_t last_final();

    /// nullptr: there is none, or it could not be read.
    const Block* block(std::uint64_t height);
    /// The same by hash; what is not of a hash's size finds nothing.
    const Block* block_of(ByteView hash);
    /// Those from `first` to `last`, ascending.
    std::vector<const Block*> blocks(std::uint64_t first, std::uint64_t last);
    /// Reads what `blocks` have not read yet, all of it at once. False when one could not be.
    bool read_transactions(std::span<const Block* const> blocks);
    /// One for each id: nullptr for those that are not there. Nothing when one could not be read.
    std::optional<std::vector<const Spent*>> transactions(std::span<const ledger::TxId> ids);
    const JsonValue& keep(JsonValue value) { return values_.emplace_back(std::move(value)); }

    /// Best paying first, then the larger id (GQ 3). nullptr: could not be read.
    const std::vector<Transaction>* mempool();
    const Transaction* pooled(const ledger::TxId& id);
    /// Whether the answer depends on more than the blocks.
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
