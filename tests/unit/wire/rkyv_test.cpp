#include "wire/rkyv.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "unit/wire/golden.hpp"
#include "wire/layouts.hpp"

namespace rues::wire {
namespace {

using namespace layouts;
using rkyv::archive;
using rkyv::unarchive;

// tests/data/rusk-1.7/scenarios.json: call-deposit-args-empty, call-stake-args-short, call-stake-args-garbage (README,
// Surprises 7)
TEST(Rkyv, failures_are_worded_as_the_contracts_print_them) {
    EXPECT_EQ(unarchive<std::uint64_t>({}, 0x3dac0).error(),
              "ContextError(ArchiveError(OutOfBounds { base: 0x3dac0, offset: -8, range: 0x3dac0..0x3dac0 }))");
    EXPECT_EQ(unarchive<Stake>(golden::bytes("z8"), 0x14450).error(),
              "ContextError(ArchiveError(OutOfBounds { base: 0x14450, offset: -624, range: 0x14450..0x14458 }))");
    EXPECT_EQ(
        unarchive<Stake>(base::Bytes(632, std::byte{0xff}), 0x14450).error(),
        R"(CheckBytesError(StructCheckError { field_name: "keys", inner: StructCheckError { field_name: "owner", inner: )"
        "InvalidTag(255) } })");
    // call-internal-spend: a vector whose offset is 0 points into the value itself
    EXPECT_EQ(unarchive<MoonlightEvent>(golden::bytes("z648"), 0x3dac0).error(),
              R"(CheckBytesError(StructCheckError { field_name: "memo", inner: ContextError(ArchiveError()"
              "SubtreePointerOutOfBounds { ptr: 0x3dd38, subtree_range: 0x3dac0..0x3dac0 })) })");
}

TEST(Rkyv, a_root_that_is_not_aligned_is_refused) {
    EXPECT_FALSE(unarchive<std::uint64_t>(golden::bytes("z9")));
    EXPECT_FALSE(unarchive<Bytes>(golden::bytes("z10")));
    EXPECT_TRUE(unarchive<std::uint64_t>(golden::bytes("z16")));
}

TEST(Rkyv, tags_beyond_the_last_are_refused) {
    EXPECT_FALSE(unarchive<std::optional<StakeData>>(golden::bytes("02 z55")));
    EXPECT_FALSE(unarchive<std::optional<StakeData>>(golden::bytes("01 z7 02 z47")));
    EXPECT_FALSE(unarchive<StakeOwner>(golden::bytes("02 z207")));
}

TEST(Rkyv, padding_is_not_checked) {
    EXPECT_EQ(unarchive<std::optional<std::uint64_t>>(golden::bytes("00 ffffffffffffff ffffffffffffffff")).value(),
              std::nullopt);
}

TEST(Rkyv, a_vector_must_lie_before_its_root_and_within_the_buffer) {
    using Scalars = std::vector<Scalar>;
    const std::string scalar(64, '7');

    EXPECT_TRUE(unarchive<Scalars>(golden::bytes(scalar + " e0ffffff01000000")));
    EXPECT_FALSE(unarchive<Scalars>(golden::bytes(scalar + " 0000000001000000")));  // itself
    EXPECT_FALSE(unarchive<Scalars>(golden::bytes(scalar + " d8ffffff01000000")));  // before the buffer
    EXPECT_FALSE(unarchive<Scalars>(golden::bytes(scalar + " e0ffffff02000000")));  // runs into the root
    EXPECT_FALSE(unarchive<Scalars>(golden::bytes(scalar + " e0ffffffffffffff")));
    EXPECT_FALSE(unarchive<Scalars>(golden::bytes("z32 " + scalar + " dcffffff01000000")));  // not aligned
    EXPECT_FALSE(unarchive<Scalars>(golden::bytes("0000008000000000")));
    EXPECT_FALSE(unarchive<Scalars>(golden::bytes("0100000000000000")));  // empty, but behind the root
    EXPECT_TRUE(unarchive<Bytes>(golden::bytes("0102030405060708 f8ffffff08000000")));
    EXPECT_FALSE(unarchive<Bytes>(golden::bytes("0102030405060708 f8ffffff09000000")));  // one byte into the root
}

struct TwoVectors {
    Bytes a;
    std::vector<std::uint64_t> b;
    using Archived = rkyv::StructLayout<16, rkyv::Field<&TwoVectors::a, 0, "a">, rkyv::Field<&TwoVectors::b, 8, "b">>;
    friend bool operator==(const TwoVectors&, const TwoVectors&) = default;
};

TEST(Rkyv, contents_lie_in_field_order_are_aligned_and_do_not_overlap) {
    const TwoVectors value{.a = {1, 2, 3}, .b = {5}};

    EXPECT_EQ(base::to_hex(archive(value)),
              golden::expand("010203 z5 0500000000000000 f0ffffff03000000 f0ffffff01000000"));
    EXPECT_TRUE(unarchive<TwoVectors>(archive(value)) == value);
    EXPECT_FALSE(unarchive<TwoVectors>(golden::bytes("010203 z5 0500000000000000 f0ffffff09000000 f0ffffff01000000")));
    EXPECT_FALSE(unarchive<TwoVectors>(
        golden::bytes("010203 z5 0500000000000000 f8ffffff03000000 e8ffffff01000000")));  // out of order
}

TEST(Rkyv, an_appended_item_has_the_same_bytes_as_alone) {
    base::Bytes stream;
    rkyv::append_archive(stream, std::vector<std::uint64_t>{1});
    rkyv::append_archive(stream, std::vector<std::uint64_t>{2, 3});

    base::Bytes expected = archive(std::vector<std::uint64_t>{1});
    base::append(expected, archive(std::vector<std::uint64_t>{2, 3}));
    EXPECT_EQ(stream, expected);
}

Key any_key() {
    Key out;
    out.bytes.fill(static_cast<std::byte>(*rc::gen::arbitrary<std::uint8_t>()));
    return out;
}

TEST(Rkyv, reading_undoes_archiving_and_no_cut_or_flipped_bit_is_read_out_of_bounds) {
    EXPECT_TRUE(rc::check([] {
        MoonlightEvent event{.receiver = {},
                             .refund_info = {},
                             .sender = any_key(),
                             .value = *rc::gen::arbitrary<std::uint64_t>(),
                             .memo = *rc::gen::container<Bytes>(rc::gen::arbitrary<std::uint8_t>()),
                             .gas_spent = *rc::gen::arbitrary<std::uint64_t>()};
        if (*rc::gen::arbitrary<bool>()) event.receiver = any_key();
        if (*rc::gen::arbitrary<bool>()) event.refund_info = KeyAndValue{any_key(), event.value};
        base::Bytes bytes = archive(event);
        RC_ASSERT(unarchive<MoonlightEvent>(bytes).value() == event);

        const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
        bytes[at] ^= static_cast<std::byte>(*rc::gen::inRange(1, 256));
        if (const auto changed = unarchive<MoonlightEvent>(bytes)) RC_ASSERT(changed->memo.size() <= bytes.size());
        bytes.resize(at);
        (void)unarchive<MoonlightEvent>(bytes);
        (void)unarchive<Withdraw>(bytes);
    }));
}

}  // namespace
}  // namespace rues::wire
