#include "wire/rkyv_views.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "unit/wire/golden.hpp"
#include "wire/layouts.hpp"

namespace rues::wire {
namespace {

using rkyv::ArrayView;
using rkyv::BytesView;
using rkyv::unarchive;

TEST(Rkyv, values_are_aligned_by_their_address) {  // docs/reference/machine.md 1.8
    EXPECT_TRUE(unarchive<std::uint64_t>(golden::bytes("z8"), 0x3dac0));
    EXPECT_EQ(unarchive<std::uint64_t>(golden::bytes("z8"), 0x3dac4).error(),
              "ContextError(ArchiveError(Unaligned { ptr: 0x3dac4, align: 8 }))");
    EXPECT_TRUE(unarchive<std::uint64_t>(golden::bytes("z12"), 0x3dac4));
    EXPECT_FALSE(unarchive<std::uint64_t>(golden::bytes("z12"), 0x3dac0));
    // the scalar at 4 is aligned where the buffer begins at 4
    const auto scalars = golden::bytes("z4 z32 e0ffffff01000000");
    EXPECT_FALSE(unarchive<std::vector<layouts::Scalar>>(scalars));
    EXPECT_TRUE(unarchive<std::vector<layouts::Scalar>>(scalars, 4));
}

TEST(RkyvViews, a_view_shows_what_a_vector_would_hold) {
    const std::vector<std::uint8_t> bytes{1, 2, 3, 4, 5};
    const auto archive = rkyv::archive(bytes);

    const auto view = unarchive<BytesView>(archive);

    ASSERT_TRUE(view);
    EXPECT_EQ(view->bytes.data(), archive.data());
    EXPECT_EQ(view->size(), 5U);
    EXPECT_EQ((*view)[4], 5U);
}

TEST(RkyvViews, elements_are_read_at_their_size) {
    std::vector<layouts::Key> keys(3);
    keys[2].bytes.fill(std::byte{7});
    const auto archive = rkyv::archive(keys);

    const auto view = unarchive<ArrayView<layouts::Key>>(archive);

    ASSERT_TRUE(view);
    EXPECT_EQ(view->size(), 3U);
    EXPECT_EQ((*view)[2], keys[2]);
}

TEST(RkyvViews, a_view_is_refused_as_the_vector_is) {
    EXPECT_FALSE(unarchive<BytesView>(golden::bytes("0102030405060708 f8ffffff09000000")));
    EXPECT_FALSE(unarchive<BytesView>(golden::bytes("f8ffffff01000000")));
    EXPECT_FALSE(unarchive<ArrayView<layouts::Scalar>>(golden::bytes("z32 e0ffffffffffffff")));
    EXPECT_TRUE(unarchive<BytesView>(golden::bytes("z8")));
}

struct Pair {
    BytesView first, second;
    using Archived = rkyv::TupleLayout<16, rkyv::Field<&Pair::first, 0, "0">, rkyv::Field<&Pair::second, 8, "1">>;
};

TEST(RkyvViews, the_contents_of_a_tuples_later_fields_come_first) {  // docs/reference/ledger.md 8.1 #9
    const auto archive = golden::bytes("aaaaaaaa bbbbbbbb fcffffff04000000 f0ffffff04000000");

    const auto pair = unarchive<Pair>(archive);

    ASSERT_TRUE(pair);
    EXPECT_EQ(base::to_hex(pair->first.bytes), "bbbbbbbb");
    EXPECT_EQ(base::to_hex(pair->second.bytes), "aaaaaaaa");
    EXPECT_FALSE(unarchive<Pair>(golden::bytes("aaaaaaaa bbbbbbbb f8ffffff04000000 f4ffffff04000000")));
}

}  // namespace
}  // namespace rues::wire
