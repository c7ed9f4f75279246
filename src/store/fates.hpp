#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "store/log_records.hpp"

/// What becomes of the events of blocks: a block gets firmer (`wire::Finality`), or it is taken back. The log keeps its
/// events in both cases. docs/decisions/0032.
namespace rues::store {

/// A block that was taken back.
struct TakenBlock {
    std::uint64_t first_seq = 0;  ///< of its records
    std::uint64_t last_seq = 0;
    std::uint64_t height = 0;
    std::uint64_t timestamp = 0;
    wire::Finality reached{};  ///< before it was taken back
    friend bool operator==(const TakenBlock&, const TakenBlock&) = default;
};

/// All blocks that were taken back and whose events the log may still have. Immutable.
class TakenBack {
public:
    TakenBack() = default;
    /// REQUIRES: in order of `first_seq`.
    explicit TakenBack(std::vector<TakenBlock> blocks) : blocks_(std::move(blocks)) {}
    const std::vector<TakenBlock>& blocks() const noexcept { return blocks_; }
    /// The block that has this record; null: none that was taken back.
    const TakenBlock* block_of(std::uint64_t seq) const noexcept;
    /// Whether a subscription with this finality gets the event. An event of a block comes if the block has reached the
    /// state, also when it was taken back later; then the client also hears that it was taken back. REQUIRES: the
    /// record is decided (`Fates::decided`).
    bool delivers(const LogRecord& record, wire::Finality finality) const noexcept;

private:
    std::vector<TakenBlock> blocks_;
};

/// The fates of all blocks of a store. Any thread may read; one thread writes.
class Fates {
public:
    /// For each state, the number up to which it is decided of every event whether its block has reached the state, or
    /// was taken back before. Events without a block are decided. It never decreases, and the log holds these records.
    struct Decided {
        std::uint64_t confirmed = 0;
        std::uint64_t final = 0;
        friend bool operator==(const Decided&, const Decided&) = default;
    };
    /// `accepted` has no limit.
    std::uint64_t decided(wire::Finality finality) const;
    /// The value of `decided` before event `seq` came into the log. A client that has seen event `seq` may not have
    /// been sent anything beyond this number. nullopt: that is too long ago.
    std::optional<std::uint64_t> decided_at(wire::Finality finality, std::uint64_t seq) const;
    /// Never null.
    std::shared_ptr<const TakenBack> taken_back() const;
    /// Changes when blocks are taken back: it is odd while that is written, and even otherwise. Two snapshots show the
    /// same line of blocks, one perhaps longer than the other, when it is even and the same before the first and after
    /// the second was made.
    std::uint64_t generation() const noexcept { return generation_; }

    /// @name For the writer.
    /// @{
    /// The log ends with `last_seq` now, and `decided` follows from the blocks.
    void advance(std::uint64_t last_seq, Decided decided);
    /// Before and after blocks are taken back.
    void change_generation() noexcept { ++generation_; }
    /// Adds blocks, in any order.
    void take_back(std::vector<TakenBlock> blocks);
    /// The log does not keep the records before `first_seq` any more.
    void forget_before(std::uint64_t first_seq);
    /// @}

    /// For how many changes of the chain `decided_at` knows the answer.
    static constexpr std::size_t kHistory = 1'024;

private:
    struct Moment {
        std::uint64_t last_seq = 0;
        Decided decided;
    };
    std::atomic<std::uint64_t> generation_{0};
    mutable std::mutex mutex_;
    std::deque<Moment> moments_;  ///< oldest first
    std::shared_ptr<const TakenBack> taken_back_ = std::make_shared<const TakenBack>();
};

}  // namespace rues::store
