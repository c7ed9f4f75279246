#include "store/archive_check.hpp"

#include "crypto/hash.hpp"
#include "fixture.hpp"
#include "store/archive_layout.hpp"

namespace rues::store {
namespace {

using layout::Index;

/// A chain of ten blocks; the first eight are final.
class ArchiveCheck : public StoreTest {
protected:
    void SetUp() override {
        auto store = open();
        run(*store, 1 + 2 * 10);
        ASSERT_EQ(check_archive(*store)->findings, std::vector<std::string>());
    }
    void put(const Bytes& key, const Bytes& value) {
        write_raw("archive", std::string(base::text(key)), std::string(base::text(value)));
    }
    void remove(const Bytes& key) { remove_raw("archive", std::string(base::text(key))); }
    ArchiveReport report() {
        const auto store = open();
        auto out = check_archive(*store);
        EXPECT_TRUE(out) << (out ? "" : out.error().text);
        return out.value_or(ArchiveReport{});
    }
    static Bytes history_key(Index index, std::uint64_t account, std::uint64_t height) {
        return layout::index_key(layout::index_prefix(index, samples::party(account).bytes()), height,
                                 samples::transaction(height).id());
    }
    static Bytes row_key(std::uint64_t row) {
        return layout::index_key(layout::index_prefix(Index::contract, ledger::kTransferContract), row);
    }
    /// Row of a block's transfer. The reward of the block comes first, because its origin is the smaller one.
    static std::uint64_t row_of(std::uint64_t height) { return 2 * height; }
};

TEST_F(ArchiveCheck, a_complete_archive_has_no_findings) {
    const auto found = report();
    EXPECT_EQ(found.height, 10U);
    EXPECT_EQ(found.last_final, 8U);
    EXPECT_EQ(found.events, 16U);
    EXPECT_EQ(found.entries, 16U + 8 * 3 + 10);  // rows; outflow, inflow and memo; blocks with transactions
    EXPECT_EQ(found.wrong, 0U);
}

TEST_F(ArchiveCheck, every_kind_of_missing_entry_is_found) {
    const auto transaction = fmt::format("block 3, transaction {}", base::to_hex(samples::transaction(3).id()));
    const std::vector<std::pair<Bytes, std::string>> entries{
        {history_key(Index::outflow, 3, 3),
         fmt::format("missing: outflow of {}, {}", base::to_base58(samples::party(3).bytes()), transaction)},
        {history_key(Index::inflow, 4, 3),
         fmt::format("missing: inflow of {}, {}", base::to_base58(samples::party(4).bytes()), transaction)},
        {layout::index_key(layout::index_prefix_of_memo(base::view("odd")), 3, samples::transaction(3).id()),
         fmt::format("missing: memo with hash {}, {}", base::to_hex(crypto::blake2b_256(base::view("odd"))),
                     transaction)},
        {row_key(row_of(3)),
         fmt::format("missing: contract {}, row {}", base::to_hex(ledger::kTransferContract), row_of(3))},
        {layout::index_key(layout::index_prefix(Index::transactions), 3), "missing: transactions of block 3"},
    };
    for (const auto& [key, text] : entries) remove(key);
    const auto found = report();
    EXPECT_EQ(found.wrong, entries.size());
    for (const auto& [key, text] : entries) EXPECT_EQ(std::ranges::count(found.findings, text), 1) << text;
}

TEST_F(ArchiveCheck, every_kind_of_unexpected_entry_is_found) {
    put(history_key(Index::outflow, 2, 3), layout::encode_u32(0));        // another account paid
    put(history_key(Index::inflow, 0, 9), layout::encode_u32(0));         // block 9 is not final
    put(history_key(Index::inflow, 0, 11), layout::encode_u32(0));        // there is no block 11
    put(layout::index_key(layout::index_prefix(Index::phoenix), 3), {});  // block 3 has no phoenix event
    put(layout::index_key(layout::index_prefix(Index::transactions), 0), layout::encode_u32(1));
    put(row_key(row_of(3) - 1), layout::encode(layout::FinalPlace{{3, 0}, 0}));  // this row belongs to another contract
    put(row_key(17), layout::encode(layout::FinalPlace{{9, 0}, 0}));             // beyond the last row
    put(row_key(0), layout::encode(layout::FinalPlace{{1, 0}, 0}));
    put(base::to_bytes(base::view("zebra")), {});
    const auto found = report();
    EXPECT_EQ(found.wrong, 9U);
    EXPECT_EQ(found.findings.size(), 9U);
    for (const auto& text : found.findings) EXPECT_TRUE(text.starts_with("unexpected: ")) << text;
}

TEST_F(ArchiveCheck, an_entry_with_a_wrong_place_is_found) {
    put(history_key(Index::outflow, 3, 3), layout::encode_u32(1));
    put(row_key(row_of(3)), layout::encode(layout::FinalPlace{{4, 0}, 0}));
    const auto found = report();
    ASSERT_EQ(found.wrong, 2U);
    EXPECT_EQ(found.findings[0], fmt::format("wrong: contract {}, row 6 says 04000000000000000000000000000000, not "
                                             "03000000000000000000000000000000",
                                             base::to_hex(ledger::kTransferContract)));
}

TEST_F(ArchiveCheck, a_missing_entry_and_an_extra_entry_do_not_cancel_out) {
    remove(history_key(Index::outflow, 3, 3));
    put(history_key(Index::outflow, 2, 3), layout::encode_u32(0));
    const auto found = report();
    ASSERT_EQ(found.wrong, 2U);
    EXPECT_TRUE(found.findings[0].starts_with("missing: outflow")) << found.findings[0];
    EXPECT_TRUE(found.findings[1].starts_with("unexpected: outflow")) << found.findings[1];
}

TEST_F(ArchiveCheck, a_wrong_end_of_the_archive_is_found) {
    write_raw("meta", "archive", std::string(base::text(layout::encode(ArchiveEnd{8, 15}))));
    EXPECT_EQ(
        report().findings,
        (std::vector<std::string>{"wrong: the archive ends with block 8 and row 15, not with block 8 and row 16"}));
}

TEST_F(ArchiveCheck, events_above_the_tip_are_found_and_only_the_first_findings_are_kept) {
    std::vector<std::pair<std::string, std::string>> entries;
    const auto events = layout::encode(samples::contract_events({}, 1));
    for (std::uint32_t i = 0; i < kMostFindings + 5; ++i)
        entries.emplace_back(base::text(layout::events_key(11, i)), base::text(events));
    write_raw("contract_events", entries);
    const auto found = report();
    EXPECT_EQ(found.wrong, kMostFindings + 5);
    EXPECT_EQ(found.findings.size(), kMostFindings);
    EXPECT_EQ(found.findings[0], "unexpected: events 000000000000000b00000000");
}

TEST_F(ArchiveCheck, a_store_that_cannot_be_read_is_an_error) {
    write_raw("contract_events", std::string(base::text(layout::events_key(3, 0))), "short");
    const auto store = open();
    const auto found = check_archive(*store);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().kind, base::Error::Kind::corrupt);
}

}  // namespace
}  // namespace rues::store
