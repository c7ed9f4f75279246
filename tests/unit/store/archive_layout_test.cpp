#include "store/archive_layout.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/encoding.hpp"
#include "unit/store/samples.hpp"

namespace rues::store::layout {
namespace {

const auto kContract = samples::numbered<32>(0xaa);
const auto kOrigin = samples::numbered<32>(0xbb);

// The bytes were written by hand from docs/formats/store.md.
TEST(ArchiveLayout, events_of_one_origin_have_the_documented_form) {
    const std::vector<ledger::ContractEvent> events{{kContract, "ab", base::Bytes(1, std::byte{7}), kOrigin},
                                                    {kContract, "", {}, kOrigin}};
    EXPECT_EQ(base::to_hex(events_key(258, 3)),
              "0000000000000102"
              "00000003");
    EXPECT_EQ(base::to_hex(encode(events)), base::to_hex(kOrigin) +  //
                                                base::to_hex(kContract) +
                                                "02000000"
                                                "6162"
                                                "01000000"
                                                "07" +  //
                                                base::to_hex(kContract) +
                                                "00000000"
                                                "00000000");
    EXPECT_EQ(decode_events(encode(events)), events);
    EXPECT_EQ(place_of_events(events_key(258, 3)), (EventsPlace{258, 3}));
}

TEST(ArchiveLayout, keys_of_the_indexes_have_the_documented_form) {
    const auto account = samples::numbered<96>(1);
    EXPECT_EQ(base::to_hex(index_key(index_prefix(Index::contract, kContract), 258)),
              "65" + base::to_hex(kContract) + "0000000000000102");
    EXPECT_EQ(base::to_hex(index_key(index_prefix(Index::inflow, account), 258, kOrigin)),
              "69" + base::to_hex(account) + "0000000000000102" + base::to_hex(kOrigin));
    EXPECT_EQ(base::to_hex(index_key(index_prefix(Index::outflow, account), 258, kOrigin)),
              "6f" + base::to_hex(account) + "0000000000000102" + base::to_hex(kOrigin));
    // BLAKE2b-256 of "abc", from b2sum -l 256.
    EXPECT_EQ(base::to_hex(index_key(index_prefix_of_memo(base::view("abc")), 258, kOrigin)),
              "6d"
              "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"
              "0000000000000102" +
                  base::to_hex(kOrigin));
    EXPECT_EQ(base::to_hex(index_key(index_prefix(Index::phoenix), 258)),
              "70"
              "0000000000000102");
    EXPECT_EQ(base::to_hex(index_key(index_prefix(Index::transactions), 258)),
              "74"
              "0000000000000102");
    const BlockPlace place{258, 3};
    EXPECT_EQ(base::to_hex(index_key(index_prefix(Index::calls, kContract), place)),
              "63" + base::to_hex(kContract) + "0000000000000102" + "00000003");
    EXPECT_EQ(base::to_hex(index_key(index_prefix(Index::deployed, kContract), place)),
              "6e" + base::to_hex(kContract) + "0000000000000102" + "00000003");
    EXPECT_EQ(base::to_hex(index_key(index_prefix(Index::deployments), place)),
              "64"
              "0000000000000102"
              "00000003");
    EXPECT_EQ(base::to_hex(encode(DeployedBy{kContract, kOrigin})), base::to_hex(kContract) + base::to_hex(kOrigin));
    EXPECT_EQ(base::to_hex(encode(FinalPlace{{258, 3}, 4})),
              "0201000000000000"
              "03000000"
              "04000000");
    EXPECT_EQ(base::to_hex(encode(ArchiveEnd{258, 3})),
              "0201000000000000"
              "0300000000000000");
    EXPECT_EQ(base::to_hex(encode_u32(3)), "03000000");
}

TEST(ArchiveLayout, decoding_returns_what_was_encoded) {
    const auto account = samples::numbered<96>(1);
    const auto key = index_key(index_prefix(Index::outflow, account), 258, kOrigin);
    const auto parsed = parse_index_key(key);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->index, Index::outflow);
    EXPECT_TRUE(base::equal(parsed->id, account));
    EXPECT_EQ(parsed->number, 258U);
    EXPECT_TRUE(base::equal(parsed->transaction, kOrigin));
    EXPECT_EQ(decode_final_place(encode(FinalPlace{{258, 3}, 4})), (FinalPlace{{258, 3}, 4}));
    EXPECT_EQ(decode_archive_end(encode(ArchiveEnd{258, 3})), (ArchiveEnd{258, 3}));
    EXPECT_EQ(decode_u32(encode_u32(3)), 3U);
    EXPECT_EQ(decode_deployed_by(encode(DeployedBy{kContract, kOrigin})), (DeployedBy{kContract, kOrigin}));
    const auto call = index_key(index_prefix(Index::calls, kContract), BlockPlace{258, 3});
    const auto of_call = parse_index_key(call);
    ASSERT_TRUE(of_call);
    EXPECT_EQ(of_call->index, Index::calls);
    EXPECT_TRUE(base::equal(of_call->id, kContract));
    EXPECT_EQ(of_call->place(), (BlockPlace{258, 3}));
}

TEST(ArchiveLayout, truncated_and_extended_bytes_are_refused) {
    auto events = encode(std::vector<ledger::ContractEvent>{{kContract, "topic", base::Bytes(5), kOrigin}});
    auto key = index_key(index_prefix(Index::inflow, samples::numbered<96>(1)), 1, kOrigin);
    auto place = encode(FinalPlace{{1, 2}, 3});
    auto end = encode(ArchiveEnd{1, 2});
    auto deployment = encode(DeployedBy{kContract, kOrigin});
    auto call = index_key(index_prefix(Index::calls, kContract), BlockPlace{1, 2});
    for (base::Bytes* whole : {&events, &key, &place, &end, &deployment, &call}) {
        for (std::size_t size = 0; size < whole->size(); ++size) {
            const base::Bytes part(whole->begin(), whole->begin() + static_cast<std::ptrdiff_t>(size));
            EXPECT_FALSE(decode_events(part) && whole == &events) << size;
            EXPECT_FALSE(parse_index_key(part) && whole == &key) << size;
            EXPECT_FALSE(decode_final_place(part) && whole == &place) << size;
            EXPECT_FALSE(decode_archive_end(part) && whole == &end) << size;
            EXPECT_FALSE(decode_deployed_by(part) && whole == &deployment) << size;
            EXPECT_FALSE(parse_index_key(part) && whole == &call) << size;
        }
        whole->push_back({});
    }
    EXPECT_FALSE(decode_events(events));
    EXPECT_FALSE(parse_index_key(key));
    EXPECT_FALSE(decode_final_place(place));
    EXPECT_FALSE(decode_archive_end(end));
    EXPECT_FALSE(decode_deployed_by(deployment));
    EXPECT_FALSE(parse_index_key(call));
    EXPECT_FALSE(parse_index_key(base::view("x0000000000000102")));
}

TEST(ArchiveLayout, no_bytes_crash_a_decoder) {
    EXPECT_TRUE(rc::check([](const std::vector<std::uint8_t>& foreign) {
        const auto bytes = base::to_bytes(std::as_bytes(std::span(foreign)));
        (void)decode_events(bytes);
        (void)parse_index_key(bytes);
        (void)decode_final_place(bytes);
        (void)decode_archive_end(bytes);
        (void)decode_deployed_by(bytes);
        (void)place_of_events(bytes);
    }));
}

}  // namespace
}  // namespace rues::store::layout
