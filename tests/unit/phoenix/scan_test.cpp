#include "phoenix/scan.hpp"

#include <gtest/gtest.h>

#include "unit/phoenix/wallet.hpp"

namespace rues::phoenix {
namespace {

/// Leaves of the notes of keys 0 to 4, in turns.
base::Bytes leaves(std::size_t count) {
    base::Bytes out;
    for (std::size_t i = 0; i < count; ++i) {
        auto note = test::bench_genesis_note(i % 5);
        base::store_le(note.data() + 648, static_cast<std::uint64_t>(i));
        base::append(out, note);
        base::append(out, ByteArray<8>{std::byte{9}});
    }
    return out;
}

TEST(Scan, finds_the_notes_of_a_key_in_their_order) {
    const auto found = scan(test::bench_key(3).view_key(), leaves(150));  // more than two batches

    ASSERT_TRUE(found);
    ASSERT_EQ(found->size(), 30U);
    for (std::size_t i = 0; i < found->size(); ++i) {
        const auto& [leaf, opened] = (*found)[i];
        EXPECT_EQ(leaf.note.pos, 5 * i + 3);
        EXPECT_EQ(leaf.block_height, 9U);
        ASSERT_TRUE(opened);
        EXPECT_EQ(opened->value, 10'000'000'000U);
    }
}

TEST(Scan, finds_nothing_of_a_stranger_and_nothing_in_nothing) {
    EXPECT_TRUE(scan(test::bench_key(77).view_key(), leaves(10)).value().empty());
    EXPECT_TRUE(scan(test::bench_key(3).view_key(), {}).value().empty());
}

TEST(Scan, names_the_leaf_that_does_not_decode) {
    auto bad = leaves(70);
    bad[66 * kLeafBytes + 330] ^= std::byte{1};  // R is no point

    EXPECT_EQ(scan(test::bench_key(3).view_key(), bad).error(), 66U);
    EXPECT_EQ(scan(test::bench_key(3).view_key(), base::ByteView(bad).first(5 * kLeafBytes + 1)).error(), 5U);
}

TEST(Scan, a_note_that_lies_about_its_value_is_found_but_not_opened) {
    auto one = leaves(1);
    one[656] ^= std::byte{1};

    const auto found = scan(test::bench_key(0).view_key(), one);

    ASSERT_TRUE(found && found->size() == 1);
    EXPECT_FALSE(found->front().opened);
}

}  // namespace
}  // namespace rues::phoenix
