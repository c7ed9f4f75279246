#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gateway/proof.hpp"

/// Two branches of one chain. Pure. docs/decisions/0034.
namespace rues::gateway {

/// The end of the chain here: the highest block that must stay, and every block above it, which may be taken back.
struct OpenBlocks {
    std::vector<Parent> blocks;  ///< consecutive, from the block that must stay to the tip; never empty

    std::uint64_t lowest() const noexcept { return blocks.front().height; }
    const Parent& tip() const noexcept { return blocks.back(); }
    /// REQUIRES: a height from `lowest()` to that of the tip.
    const Parent& at(std::uint64_t height) const noexcept { return blocks[height - lowest()]; }
};

/// Where a node's chain leaves the chain here.
struct Fork {
    std::uint64_t height = 0;  ///< the highest block up to which both are the same, as far as the node's list goes
    bool is_other = false;     ///< the node has another block after it. Else its chain ends there, or goes on
    friend bool operator==(const Fork&, const Fork&) = default;
};

/// Compares the chain here with a node's blocks, which are those from height `own.lowest()` on, in their order. The
/// error is a sentence about the node: its list has another form, or its chain has another block in place of the lowest
/// one here.
std::expected<Fork, std::string> fork_of(const OpenBlocks& own, std::span<const LabelAnswer> theirs);

/// Bounds how often a node may change to another branch of its own: each change writes the events of its blocks into
/// the log, and blocks cost a liar nothing. One thread.
class TurnLimit {
public:
    using Time = std::chrono::steady_clock::time_point;
    static constexpr std::size_t kMost = 60;
    static constexpr std::chrono::minutes kWithin{1};

    /// False: there were `kMost` turns in the last `kWithin`. Otherwise this turn counts.
    bool take(Time now);

private:
    std::deque<Time> times_;
};

}  // namespace rues::gateway
