#include "store/recent_blocks.hpp"

#include <gtest/gtest.h>

namespace rues::store {
namespace {

StoredBlock stored_block(std::uint64_t height) {
    StoredBlock out;
    out.header.height = height;
    out.label = {ledger::Label::Kind::attested, 1};
    return out;
}

std::vector<ledger::ContractEvent> events_of_size(std::size_t bytes) {
    ledger::ContractEvent out;
    out.data = base::Bytes(bytes);
    return {out};
}

TEST(RecentBlocks, the_newest_are_kept_with_their_events_and_labels) {
    RecentBlocks blocks;
    for (std::uint64_t height = 1; height <= RecentBlocks::kMost + 1; ++height)
        blocks.put(stored_block(height), events_of_size(height));
    blocks.relabel(3, {ledger::Label::Kind::final, 0});

    EXPECT_EQ(blocks.find(1), nullptr);
    EXPECT_EQ(blocks.size(), RecentBlocks::kMost);
    ASSERT_NE(blocks.find(3), nullptr);
    EXPECT_EQ(blocks.find(3)->events, events_of_size(3));
    EXPECT_TRUE(blocks.find(3)->stored.label.is_final());
    EXPECT_FALSE(blocks.find(2)->stored.label.is_final());
    blocks.clear();
    EXPECT_EQ(blocks.find(3), nullptr);
}

TEST(RecentBlocks, a_block_with_many_bytes_is_not_kept) {
    RecentBlocks blocks;
    blocks.put(stored_block(1), events_of_size(RecentBlocks::kMostBytes));
    auto many = stored_block(2);
    many.transactions.resize(RecentBlocks::kMostBytes / 32 + 1);
    blocks.put(std::move(many), {});
    blocks.put(stored_block(3), events_of_size(RecentBlocks::kMostBytes / 2));

    EXPECT_EQ(blocks.find(1), nullptr);
    EXPECT_EQ(blocks.find(2), nullptr);
    EXPECT_NE(blocks.find(3), nullptr);
}

}  // namespace
}  // namespace rues::store
