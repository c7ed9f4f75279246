#include <gtest/gtest.h>

#include <set>

#include "fixture.hpp"
#include "store/layout.hpp"
#include "store/memory_layout.hpp"

namespace rues::store {
namespace {

using MemoryTest = StoreTest;
using layout::page_key;

std::string text_of(const Bytes& bytes) {
    return std::string(base::text(bytes));
}

// Written by hand from docs/formats/store.md.
TEST(MemoryLayout, a_page_key_is_contract_number_and_the_complement_of_the_height) {
    const auto key = page_key(ledger::kStakeContract, 0x010203, 2);

    EXPECT_EQ(base::to_hex(key), "02" + std::string(62, '0') + "00010203" + "fffffffffffffffd");
    const auto version = layout::version_of(key);
    ASSERT_TRUE(version);
    EXPECT_EQ(version->contract, ledger::kStakeContract);
    EXPECT_EQ(version->number, 0x010203U);
    EXPECT_EQ(version->height, 2U);
    EXPECT_FALSE(layout::version_of(ByteView(key).first(43)));
}

TEST(MemoryLayout, newer_versions_of_a_page_come_first_and_pages_come_in_order_of_their_numbers) {
    EXPECT_LT(page_key(ledger::kStakeContract, 3, 8), page_key(ledger::kStakeContract, 3, 7));
    EXPECT_LT(page_key(ledger::kStakeContract, 3, 0), page_key(ledger::kStakeContract, 4, 9));
    EXPECT_LT(page_key(ledger::kTransferContract, 9, 0), page_key(ledger::kStakeContract, 0, 9));
}

TEST(MemoryLayout, a_page_is_stored_compressed_only_when_that_makes_it_shorter) {
    Bytes read(kPageBytes);
    for (const std::uint32_t number : {2U, 3U}) {
        const auto bytes = samples::page_bytes(number, 7);
        const auto stored = layout::encode(StoredPage{ledger::kStakeContract, number, samples::numbered<32>(9), bytes});
        EXPECT_EQ(stored[32], static_cast<std::byte>(number == 2));
        EXPECT_TRUE(number == 2 ? stored.size() < 1'000 : stored.size() == kPageBytes + 33) << stored.size();

        const auto hash = layout::decode_page(stored, read);

        EXPECT_EQ(hash, samples::numbered<32>(9));
        EXPECT_EQ(read, bytes);
    }
}

TEST(MemoryLayout, what_gives_no_whole_page_is_refused) {
    Bytes read(kPageBytes);
    const auto bytes = samples::page_bytes(2, 7);
    auto stored = layout::encode(StoredPage{ledger::kStakeContract, 2, {}, bytes});

    EXPECT_FALSE(layout::decode_page(ByteView(stored).first(32), read));
    EXPECT_FALSE(layout::decode_page(ByteView(stored).first(stored.size() - 1), read));
    stored[32] = std::byte{0};
    EXPECT_FALSE(layout::decode_page(stored, read));
    stored[32] = std::byte{2};
    EXPECT_FALSE(layout::decode_page(stored, read));
}

TEST(MemoryLayout, a_list_of_what_was_replaced_is_read_back_and_nothing_else_is) {
    layout::Replaced replaced;
    replaced.deployed = {samples::numbered<32>(1)};
    replaced.resized = {{samples::numbered<32>(2), 9}};
    replaced.pages = {{samples::numbered<32>(3), 4, std::nullopt}, {samples::numbered<32>(3), 5, 0}};
    const auto bytes = layout::encode(replaced);

    EXPECT_EQ(layout::decode_replaced(bytes), replaced);
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_FALSE(layout::decode_replaced(ByteView(bytes).first(size))) << size;
    auto longer = bytes;
    longer.push_back(std::byte{0});
    EXPECT_FALSE(layout::decode_replaced(longer));
    EXPECT_FALSE(layout::decode_replaced(Bytes(4, std::byte{0xff})));
}

/// The versions of pages that must be stored at a tip: the newest ones, and those that one of the last blocks replaced.
std::set<std::string> expected_versions(std::uint64_t tip) {
    std::map<std::string, std::pair<std::uint64_t, std::string>> newest;
    std::set<std::string> out;
    for (std::uint64_t height = 0; height <= tip; ++height) {
        for (const auto& page : samples::memory(height).changes.pages) {
            const auto key = text_of(page_key(page.contract, page.number, height));
            auto& last = newest[key.substr(0, layout::kPagePrefix)];
            if (!last.second.empty() && height + kUndoBlocks > tip) out.insert(last.second);
            last = {height, key};
        }
    }
    for (const auto& [page, last] : newest) out.insert(last.second);
    return out;
}

TEST_F(MemoryTest, replaced_pages_are_kept_for_64_blocks) {
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

TEST_F(MemoryTest, a_malformed_page_is_an_error) {
    auto store = open();
    run(*store, 3);
    store.reset();
    write_raw("pages", text_of(page_key(ledger::kTransferContract, 0, 9)), "short");
    store = open();

    const auto walked = store->snapshot()->for_each_page([](const StoredPage&) { return true; });

    ASSERT_FALSE(walked);
    EXPECT_EQ(walked.error().kind, base::Error::Kind::corrupt);
    EXPECT_EQ(walked.error().text, "the stored page of a contract's memory is malformed");
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
