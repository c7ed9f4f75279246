#include <gtest/gtest.h>

#include <set>

#include "fixture.hpp"
#include "store/layout.hpp"
#include "store/memory_layout.hpp"

namespace rues::store {
namespace {

using MemoryTest = StoreTest;
using layout::page_key;
using layout::piece_of;

std::string text_of(const Bytes& bytes) {
    return std::string(base::text(bytes));
}

// Written by hand from docs/formats/store.md.
TEST(MemoryLayout, a_page_key_is_contract_number_piece_and_the_complement_of_the_height) {
    const auto key = page_key(piece_of(ledger::kStakeContract, 0x010203, 15), 2);

    EXPECT_EQ(base::to_hex(key), "02" + std::string(62, '0') + "00010203" + "0f" + "fffffffffffffffd");
    const auto version = layout::version_of(key);
    ASSERT_TRUE(version);
    EXPECT_EQ(version->contract, ledger::kStakeContract);
    EXPECT_EQ(version->number, 0x010203U);
    EXPECT_EQ(version->piece, 15U);
    EXPECT_EQ(version->height, 2U);
    EXPECT_FALSE(layout::version_of(ByteView(key).first(44)));
    EXPECT_FALSE(layout::version_of(page_key(piece_of(ledger::kStakeContract, 0, kPiecesOfPage), 2)));
}

TEST(MemoryLayout, versions_come_newest_first_then_pieces_then_pages_then_contracts) {
    const auto key = [](const ledger::ContractId& contract, std::uint32_t number, std::uint8_t piece,
                        std::uint64_t height) { return page_key(piece_of(contract, number, piece), height); };
    EXPECT_LT(key(ledger::kStakeContract, 3, 1, 8), key(ledger::kStakeContract, 3, 1, 7));
    EXPECT_LT(key(ledger::kStakeContract, 3, 1, 0), key(ledger::kStakeContract, 3, 2, 9));
    EXPECT_LT(key(ledger::kStakeContract, 3, 15, 0), key(ledger::kStakeContract, 4, 0, 9));
    EXPECT_LT(key(ledger::kTransferContract, 9, 15, 0), key(ledger::kStakeContract, 0, 0, 9));
}

TEST(MemoryLayout, a_piece_is_stored_compressed_only_when_that_makes_it_shorter) {
    Bytes read(kPieceBytes);
    for (const std::uint32_t number : {2U, 3U}) {
        const auto page = samples::page_bytes(number, 7);
        const auto bytes = ByteView(page).first(kPieceBytes);
        const auto stored = layout::encode_page(samples::numbered<32>(9), bytes);
        EXPECT_EQ(stored[32], static_cast<std::byte>(number == 2));
        EXPECT_TRUE(number == 2 ? stored.size() < 200 : stored.size() == kPieceBytes + 33) << stored.size();

        const auto hash = layout::decode_page(stored, read);

        EXPECT_EQ(hash, samples::numbered<32>(9));
        EXPECT_TRUE(base::equal(read, bytes));
    }
}

TEST(MemoryLayout, what_does_not_give_as_many_bytes_is_refused) {
    Bytes read(kPieceBytes);
    auto stored = layout::encode_page({}, Bytes(kPieceBytes));

    EXPECT_FALSE(layout::decode_page(ByteView(stored).first(32), read));
    EXPECT_FALSE(layout::decode_page(ByteView(stored).first(stored.size() - 1), read));
    EXPECT_FALSE(layout::decode_page(layout::encode_page({}, Bytes(kPieceBytes - 1)), read));
    EXPECT_FALSE(layout::decode_page(layout::encode_page({}, Bytes(kPieceBytes + 1)), read));
    stored[32] = std::byte{0};
    EXPECT_FALSE(layout::decode_page(stored, read));
    stored[32] = std::byte{2};
    EXPECT_FALSE(layout::decode_page(stored, read));
}

TEST(MemoryLayout, a_list_of_what_was_replaced_is_read_back_and_nothing_else_is) {
    layout::Replaced replaced;
    replaced.log = {5, 9, {4, 3}};
    replaced.deployed = {samples::numbered<32>(1)};
    replaced.resized = {{samples::numbered<32>(2), 9}};
    replaced.pieces = {{piece_of(samples::numbered<32>(3), 4, 0), std::nullopt},
                       {piece_of(samples::numbered<32>(3), 5, 15), 0}};
    const auto bytes = layout::encode(replaced);

    EXPECT_EQ(layout::decode_replaced(bytes), replaced);
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_FALSE(layout::decode_replaced(ByteView(bytes).first(size))) << size;
    auto longer = bytes;
    longer.push_back(std::byte{0});
    EXPECT_FALSE(layout::decode_replaced(longer));
    EXPECT_FALSE(layout::decode_replaced(Bytes(4, std::byte{0xff})));
}

/// The versions of pieces that must be stored at a tip: the newest ones, and those that one of the last blocks
/// replaced.
std::set<std::string> expected_versions(std::uint64_t tip) {
    std::map<layout::Piece, std::string> newest;
    std::set<std::string> out;
    for (std::uint64_t height = 0; height <= tip; ++height) {
        const auto memory = samples::memory(height);
        for (const auto& page : memory.changes.pages) {
            const bool is_new = !newest.contains(piece_of(page.contract, page.number, 0));
            for (std::uint8_t i = 0; i < kPiecesOfPage; ++i) {
                if (!is_new && (page.changed >> i & 1U) == 0) continue;
                const auto piece = piece_of(page.contract, page.number, i);
                auto& last = newest[piece];
                if (!last.empty() && height + kUndoBlocks > tip) out.insert(last);
                last = text_of(page_key(piece, height));
            }
        }
    }
    for (const auto& [piece, last] : newest) out.insert(last);
    return out;
}

TEST_F(MemoryTest, replaced_pieces_are_kept_for_64_blocks) {
    for (const std::uint64_t tip : {1U, 64U, 65U, 66U, 140U}) {
        const samples::TemporaryFolder folder;
        auto store = Store::open({.directory = folder.path() / "store", .sync_blocks = false}).value();
        run(*store, 1 + 2 * tip);
        ASSERT_EQ(inconsistency(*store), "");
        store.reset();

        const auto pages = raw_keys(folder.path() / "store", "pages");
        const auto lists = raw_keys(folder.path() / "store", "undo");

        EXPECT_EQ(pages, expected_versions(tip)) << tip;
        EXPECT_EQ(lists.size(), std::min(tip, kUndoBlocks)) << tip;
        EXPECT_EQ(*lists.rbegin(), text_of(layout::number_key(tip)));
    }
}

TEST_F(MemoryTest, a_page_of_another_size_and_a_size_of_an_unknown_contract_are_refused) {
    const auto store = open();
    run(*store, 3);
    const auto before = store->snapshot();
    const auto next = [&] {
        auto out = samples::next_block(before->block(1).value()->header);
        out.commit.block = &out.block;
        return out;
    };
    auto short_page = next();
    short_page.commit.block = &short_page.block;
    short_page.commit.memory.pages[0].bytes = short_page.commit.memory.pages[0].bytes.first(100);
    auto unknown = next();
    unknown.commit.block = &unknown.block;
    unknown.commit.memory.resized = {{samples::numbered<32>(77), 3}};

    const auto first = store->commit_block(short_page.commit);
    const auto second = store->commit_block(unknown.commit);

    ASSERT_FALSE(first || second);
    EXPECT_EQ(first.error().kind, base::Error::Kind::invalid);
    EXPECT_EQ(second.error().text, "contract " + base::to_hex(samples::numbered<32>(77)) + " is not deployed");
    EXPECT_EQ(inconsistency(*store), "");
}

TEST_F(MemoryTest, a_block_writes_only_the_pieces_that_it_changed) {
    auto store = open();
    run(*store, 1 + 2 * 2);
    store.reset();
    std::map<std::uint64_t, std::set<unsigned>> pieces;  // of page 2, which block 1 writes, by height
    for (const auto& key : raw_keys(folder_.path() / "store", "pages")) {
        const auto version = layout::version_of(base::view(key)).value();
        if (version.contract == ledger::kTransferContract && version.number == 2)
            pieces[version.height].insert(version.piece);
    }

    EXPECT_EQ(pieces[0].size(), kPiecesOfPage);
    EXPECT_EQ(pieces[1], std::set<unsigned>{0});
    EXPECT_EQ(pieces[2], std::set<unsigned>());
}

TEST_F(MemoryTest, a_malformed_page_is_an_error) {
    const auto key = [](std::uint32_t number, std::uint8_t piece, std::uint64_t height) {
        return text_of(page_key(piece_of(ledger::kTransferContract, number, piece), height));
    };
    const auto stored = text_of(layout::encode_page({}, Bytes(kPieceBytes)));
    // Page 5 is the last one.
    const std::vector<std::pair<std::string, std::function<void()>>> damages{
        {"a piece", [&] { write_raw("pages", key(0, 3, 9), "short"); }},
        {"a key", [&] { write_raw("pages", key(0, 0, 9) + "x", stored); }},
        {"a piece without its page", [&] { write_raw("pages", key(6, 0, 9), stored); }},
        {"a missing first piece", [&] { remove_raw("pages", key(4, 0, 0)); }},
        {"a missing piece", [&] { remove_raw("pages", key(4, 7, 0)); }},
        {"a missing last piece", [&] { remove_raw("pages", key(4, 15, 0)); }},
        {"a missing last piece of the last page", [&] { remove_raw("pages", key(5, 15, 0)); }},
    };
    for (const auto& [what, damage] : damages) {
        for (const auto& old : std::filesystem::directory_iterator(folder_.path())) std::filesystem::remove_all(old);
        auto store = open();
        run(*store, 3);
        store.reset();
        damage();
        store = open();

        const auto walked = store->snapshot()->for_each_page([](const StoredPage&) { return true; });

        ASSERT_FALSE(walked) << what;
        EXPECT_EQ(walked.error().kind, base::Error::Kind::corrupt) << what;
        EXPECT_EQ(walked.error().text, "the stored page of a contract's memory is malformed") << what;
    }
}

TEST_F(MemoryTest, a_walk_over_the_pages_ends_when_it_is_told_to) {
    const auto store = open();
    run(*store, 3);
    int count = 0;

    const auto walked = store->snapshot()->for_each_page([&count](const StoredPage&) { return ++count < 2; });

    EXPECT_TRUE(walked);
    EXPECT_EQ(count, 2);
}

TEST_F(MemoryTest, a_contract_without_a_size_of_its_memory_is_an_error) {
    auto store = open();
    run(*store, 3);
    store.reset();
    remove_raw("contracts", text_of(layout::contract_key(layout::ContractEntry::size, ledger::kTransferContract)));
    store = open();

    const auto walked = store->snapshot()->for_each_contract([](const StoredContract&) { return true; });

    ASSERT_FALSE(walked);
    EXPECT_EQ(walked.error().kind, base::Error::Kind::corrupt);
}

}  // namespace
}  // namespace rues::store
