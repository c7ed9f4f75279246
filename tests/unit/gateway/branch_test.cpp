#include "gateway/branch.hpp"

#include <gtest/gtest.h>

namespace rues::gateway {
namespace {

/// The hash of a block of branch `branch`.
base::Hash32 hash(std::uint64_t height, unsigned branch) {
    return {static_cast<std::byte>(height), static_cast<std::byte>(branch)};
}

/// Blocks `first` to `last`: those up to `fork` of branch 0, those above of branch `branch`.
std::vector<LabelAnswer> blocks(std::uint64_t first, std::uint64_t last, std::uint64_t fork, unsigned branch) {
    std::vector<LabelAnswer> out;
    for (auto height = first; height <= last; ++height)
        out.push_back({height, hash(height, height <= fork ? 0 : branch), {}});
    return out;
}

OpenBlocks own(std::uint64_t lowest, std::uint64_t tip) {
    OpenBlocks out;
    for (const auto& each : blocks(lowest, tip, tip, 0)) out.blocks.push_back({each.height, each.hash, 0});
    return out;
}

TEST(Branch, leaves_the_chain_after_the_highest_block_that_both_have) {
    for (std::uint64_t lowest = 0; lowest < 4; ++lowest) {
        for (std::uint64_t tip = lowest; tip < 8; ++tip) {
            for (std::uint64_t fork = lowest; fork < 8; ++fork) {
                for (std::uint64_t theirs = lowest; theirs < 10; ++theirs) {
                    const auto found = fork_of(own(lowest, tip), blocks(lowest, theirs, fork, 1));
                    const auto both = std::min({tip, fork, theirs});
                    ASSERT_TRUE(found) << found.error();
                    EXPECT_EQ(*found, (Fork{both, fork < std::min(tip, theirs)}))
                        << lowest << " " << tip << " " << fork << " " << theirs;
                }
            }
        }
    }
}

TEST(Branch, below_the_block_that_must_stay_is_an_error) {
    const auto found = fork_of(own(3, 6), blocks(3, 9, 2, 1));
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error(), "it has another block 3, and this gateway cannot take its own back");
    EXPECT_FALSE(fork_of(own(3, 3), blocks(3, 3, 2, 1)));
}

TEST(Branch, of_blocks_in_another_order_or_without_the_first_is_an_error) {
    auto mixed = blocks(3, 6, 6, 0);
    std::swap(mixed[1], mixed[2]);
    EXPECT_EQ(fork_of(own(3, 6), mixed).error(), "block 5 stands where block 4 was asked for");
    EXPECT_EQ(fork_of(own(3, 6), blocks(4, 6, 6, 0)).error(), "block 4 stands where block 3 was asked for");
    EXPECT_EQ(fork_of(own(3, 6), {}).error(), "it does not show block 3");
}

TEST(Branch, is_changed_so_often_within_a_minute_and_not_more) {
    TurnLimit limit;
    const TurnLimit::Time start{std::chrono::seconds(100)};
    for (std::size_t i = 0; i < TurnLimit::kMost; ++i) EXPECT_TRUE(limit.take(start + std::chrono::milliseconds(i)));
    EXPECT_FALSE(limit.take(start + TurnLimit::kWithin - std::chrono::milliseconds(1)));
    EXPECT_TRUE(limit.take(start + TurnLimit::kWithin));
    EXPECT_FALSE(limit.take(start + TurnLimit::kWithin));
}

}  // namespace
}  // namespace rues::gateway
