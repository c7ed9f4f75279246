#include "feed/tail.hpp"

#include <gtest/gtest.h>

namespace rues::feed {
namespace {

store::LogBatch batch(std::uint64_t first, std::size_t records, std::size_t bytes = 10) {
    auto out = std::make_shared<store::LogRecords>();
    const base::Bytes message(bytes);
    for (std::size_t i = 0; i < records; ++i) out->add({first + i, {}, message});
    return out;
}

TEST(Tail, starts_at_the_end_of_the_log_and_finds_the_batch_of_each_later_record) {
    Tail tail(1'000, 7);
    EXPECT_EQ(tail.head(), 7U);
    EXPECT_EQ(tail.find(7), nullptr);

    tail.append(batch(8, 2));
    tail.append(batch(10, 1));

    EXPECT_EQ(tail.head(), 10U);
    EXPECT_EQ(tail.find(7), nullptr);
    EXPECT_EQ(tail.find(8)->front().seq, 8U);
    EXPECT_EQ(tail.find(9)->front().seq, 8U);
    EXPECT_EQ(tail.find(10)->front().seq, 10U);
    EXPECT_EQ(tail.find(11), nullptr);
}

TEST(Tail, the_oldest_batches_are_dropped_when_the_bytes_are_too_many) {
    Tail tail(25, 0);
    for (std::uint64_t seq = 1; seq <= 4; ++seq) tail.append(batch(seq, 1));

    EXPECT_EQ(tail.find(2), nullptr);
    EXPECT_EQ(tail.find(3)->front().seq, 3U);
}

TEST(Tail, a_batch_after_a_gap_drops_everything_before_the_gap) {
    Tail tail(1'000, 0);
    tail.append(batch(1, 3));

    tail.append(batch(6, 2));

    EXPECT_EQ(tail.head(), 7U);
    for (const std::uint64_t seq : {1U, 3U, 4U, 5U}) EXPECT_EQ(tail.find(seq), nullptr) << seq;
    EXPECT_EQ(tail.find(6)->front().seq, 6U);
}

}  // namespace
}  // namespace rues::feed
