#pragma once

#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "ledger/block.hpp"

/// Rolling finality of a chain with one producer (docs/reference/ledger.md 10.7). Pure.
namespace rues::chain {

/// The changes in older blocks when a block is accepted.
struct FinalityChanges {
    std::vector<std::pair<std::uint64_t, ledger::Label>> labels;  ///< by height
    std::vector<ledger::Hash32> confirmed;                        ///< from the highest block down
    std::vector<ledger::Hash32> finalized;                        ///< from the lowest block up
};

/// The blocks that are not final. A block is confirmed by the next one, and final when `final_after` blocks follow it;
/// on a network with one provisioner that is 1. A label never becomes weaker: when the blocks after a confirmed block
/// are taken back, it stays confirmed, as on the network.
class RollingFinality {
public:
    struct Block {
        std::uint64_t height = 0;
        ledger::Hash32 hash{};
        ledger::Label::Kind label{};
        bool has_transactions = false;
    };

    explicit RollingFinality(std::uint64_t final_after) : final_after_(final_after) {}
    /// The changes when a block of this height follows. The object itself stays as it is.
    FinalityChanges changes(std::uint64_t height) const;
    /// The block was accepted: `changes(block.height)` has happened.
    void accepted(const Block& block);
    /// A block of the stored chain that is not final, in order of height.
    void restore(const Block& block) { blocks_.push_back(block); }
    /// All blocks above `to` were taken back.
    void taken_back(std::uint64_t to);

    /// Height of the first block that is not final; `tip` + 1 when all are.
    std::uint64_t first_open(std::uint64_t tip) const noexcept {
        return blocks_.empty() ? tip + 1 : blocks_.front().height;
    }
    /// Whether a block with transactions is not final yet.
    bool owes() const noexcept;

private:
    const std::uint64_t final_after_;
    std::deque<Block> blocks_;  ///< lowest first
};

}  // namespace rues::chain
