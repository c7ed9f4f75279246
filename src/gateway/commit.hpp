#pragma once

#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "gateway/block_answer.hpp"
#include "gateway/checkpoint.hpp"
#include "gateway/pool_events.hpp"

/// Everything that changes a gateway's store, as values. Pure.
///
/// The same commits, applied in the same order to two new stores of one epoch, give the same log: each commit holds
/// what the store does not know, and no time or random number is taken when it is applied. docs/decisions/0034.
namespace rues::gateway {

/// A block that `prove` found good as the child of the tip.
struct NewBlock {
    BlockAnswer block;
    std::vector<LabelAnswer> labels;       ///< what the node says of this block and of older ones
    std::vector<ledger::Event> meanwhile;  ///< of the mempool: as in `append_block_events`
};

/// The blocks above `to` are taken back. Their transactions return to the mempool.
struct BlocksTakenBack {
    std::uint64_t to = 0;       ///< height of the block that becomes the tip
    base::Hash32 hash{};        ///< of that block
    base::Hash32 tip{};         ///< hash of the tip until now
    std::uint64_t unix_ms = 0;  ///< when the transactions enter the mempool
    friend bool operator==(const BlocksTakenBack&, const BlocksTakenBack&) = default;
};

/// From now on there is no checkpoint.
struct CheckpointForgotten {
    friend bool operator==(CheckpointForgotten, CheckpointForgotten) = default;
};

/// One atomic change of a gateway's store.
struct Commit {
    std::variant<NewBlock, PoolChange, BlocksTakenBack, CheckpointForgotten> what;
    std::optional<Checkpoint> checkpoint{};  ///< nullopt: the one that is there stays

    /// At most `kMostBytes` for all that a follower makes. docs/formats/commits.md.
    base::Bytes encode() const;
    /// nullopt: the bytes are not those that `encode` makes of a commit. Never throws; the memory that it takes is
    /// bounded by the size of `bytes`, which is at most `kMostBytes`.
    static std::optional<Commit> decode(base::ByteView bytes);

    static constexpr std::size_t kMostBytes = 256 << 20;
};

/// Where a follower's commits go. The follower calls it from its one thread.
class CommitSink {
public:
    virtual ~CommitSink() = default;
    /// Returns after `FollowedLog::apply` has applied the commit to the follower's own log. An error ends the follower;
    /// then the commit may have been applied or not.
    virtual base::Result<void> commit(Commit commit) = 0;
};

}  // namespace rues::gateway
