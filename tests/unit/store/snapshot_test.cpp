#include <atomic>
#include <thread>

#include "fixture.hpp"

namespace rues::store {
namespace {

using StoreSnapshot = StoreTest;

TEST_F(StoreSnapshot, a_snapshot_does_not_see_later_writes) {
    const auto store = open();
    run(*store, 3);
    const auto at = store->snapshot();

    run(*store, 10);

    EXPECT_EQ(at->height(), 1U);
    EXPECT_FALSE(at->block(2).value());
    EXPECT_EQ(samples::memory_inconsistency(*at), "");
    EXPECT_FALSE(at->transaction_exists(samples::transaction(2).id()));
    EXPECT_EQ(at->block(1).value()->label, ledger::Label{});
    EXPECT_FALSE(at->failed());
    EXPECT_EQ(store->snapshot()->height(), 6U);
}

TEST_F(StoreSnapshot, existing_blocks_of_a_range_come_in_ascending_order) {
    const auto store = open();
    run(*store, 9);  // height 4
    const auto at = store->snapshot();
    const auto heights = [&](std::uint64_t first, std::uint64_t last) {
        std::vector<std::uint64_t> out;
        const auto found = at->blocks(first, last);
        for (const auto& block : *found) out.push_back(block.header.height);
        return out;
    };

    EXPECT_EQ(heights(0, 2), (std::vector<std::uint64_t>{0, 1, 2}));
    EXPECT_EQ(heights(3, UINT64_MAX), (std::vector<std::uint64_t>{3, 4}));
    EXPECT_TRUE(heights(5, 9).empty());
    EXPECT_EQ(at->blocks(2, 2).value()[0].transactions, std::vector{samples::transaction(2).id()});
}

TEST_F(StoreSnapshot, transactions_come_in_the_order_of_the_given_ids) {
    const auto store = open();
    run(*store, 9);
    const std::vector ids{samples::transaction(3).id(), samples::transaction(77).id(), samples::transaction(1).id()};

    const auto found = store->snapshot()->transactions(ids).value();

    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[0]->height, 3U);
    EXPECT_FALSE(found[1]);
    EXPECT_EQ(found[2]->raw, samples::transaction(1).encode(ledger::Envelope::boreas));
}

TEST_F(StoreSnapshot, a_snapshot_reads_the_mempool_of_its_moment) {
    const auto store = open();
    run(*store, 4);  // height 1, transaction 2 pooled
    const auto at = store->snapshot();
    run(*store, 1);

    ASSERT_EQ(at->pooled().value().size(), 1U);
    EXPECT_EQ(at->pooled().value()[0].id, samples::transaction(2).id());
    EXPECT_EQ(at->pooled(samples::transaction(2).id()).value()->raw, samples::pooled(2).raw);
    EXPECT_FALSE(at->pooled(samples::transaction(1).id()).value());
    EXPECT_TRUE(store->snapshot()->pooled().value().empty());
}

TEST_F(StoreSnapshot, a_failed_read_stays_visible) {
    auto store = open();
    run(*store, 3);
    store.reset();
    write_raw("transactions", std::string(base::text(samples::transaction(7).id())), "short");
    store = open();

    const auto at = store->snapshot();
    EXPECT_FALSE(at->failed());
    EXPECT_FALSE(at->transaction(samples::transaction(7).id()));
    EXPECT_TRUE(at->failed());
    EXPECT_TRUE(at->transaction(samples::transaction(1).id()).value());

    EXPECT_TRUE(at->failed());
    EXPECT_FALSE(store->snapshot()->failed());
}

TEST_F(StoreSnapshot, a_snapshot_in_memory_misses_data_on_disk_until_it_was_read_once) {
    auto store = open();
    run(*store, 3);
    const auto id = samples::transaction(1).id();
    EXPECT_TRUE(store->snapshot_in_memory()->transaction(id).value());
    store.reset();
    store = open();

    const auto cold = store->snapshot_in_memory();
    EXPECT_FALSE(cold->transaction(id));
    EXPECT_TRUE(cold->missed());
    EXPECT_FALSE(cold->failed());
    EXPECT_EQ(store->snapshot()->transaction(id).value()->height, 1U);

    // A store that was just opened may still merge files, and after each merge a read needs the disk again.
    constexpr int kMerges = 10;
    std::optional<StoredTransaction> found;
    std::unique_ptr<Snapshot> warm;
    for (int i = 0; i < kMerges; ++i) {
        warm = store->snapshot_in_memory();
        found = warm->transaction(id).value_or(std::nullopt);
        EXPECT_FALSE(warm->transaction_exists(samples::transaction(77).id()));
        if (!warm->missed()) break;
        EXPECT_EQ(store->snapshot()->transaction(id).value()->height, 1U);
    }
    EXPECT_FALSE(warm->missed());
    ASSERT_TRUE(found);
    EXPECT_EQ(found->height, 1U);
}

TEST_F(StoreSnapshot, a_snapshot_in_memory_misses_after_a_write) {
    const auto store = open();
    run(*store, 3);
    const auto reads = store->snapshot_in_memory();
    const auto walks = store->snapshot_in_memory();
    const auto id = samples::transaction(1).id();
    EXPECT_TRUE(reads->transaction(id).value());
    EXPECT_FALSE(reads->missed());

    run(*store, 1);

    EXPECT_FALSE(reads->transaction(id));
    EXPECT_TRUE(reads->missed());
    EXPECT_FALSE(walks->for_each_page([](const StoredPage&) { return true; }));
    EXPECT_TRUE(walks->missed());
}

TEST_F(StoreSnapshot, a_snapshot_in_memory_misses_walks_blocks_and_transaction_checks) {
    auto store = open();
    run(*store, 3);
    store.reset();
    store = open();

    const auto walk = store->snapshot_in_memory();
    EXPECT_FALSE(walk->for_each_page([](const StoredPage&) { return true; }));
    EXPECT_TRUE(walk->missed());
    const auto block = store->snapshot_in_memory();
    EXPECT_EQ(block->block(1).error().kind, base::Error::Kind::would_block);
    EXPECT_TRUE(block->missed());
    const auto transaction = store->snapshot_in_memory();
    EXPECT_FALSE(transaction->transaction_exists(samples::transaction(1).id()));
    EXPECT_TRUE(transaction->missed());
    for (const auto* at : {&walk, &block, &transaction}) EXPECT_FALSE((*at)->failed());
}

TEST_F(StoreSnapshot, a_walk_over_the_pages_is_in_order_of_their_numbers_and_ends_on_request) {
    const auto store = open();
    run(*store, 9);
    std::vector<std::uint32_t> numbers;

    const auto walked = store->snapshot()->for_each_page([&](const StoredPage& page) {
        numbers.push_back(page.number);
        return numbers.size() < 4;
    });

    ASSERT_TRUE(walked);
    EXPECT_EQ(numbers, (std::vector<std::uint32_t>{0, 1, 2, 3}));
}

TEST_F(StoreSnapshot, readers_on_other_threads_always_see_complete_blocks) {
    const auto store = open();
    run(*store, 1);
    std::atomic<bool> done = false;
    std::atomic<std::size_t> looks = 0;
    const auto read = [&] {
        do {
            const auto at = store->snapshot();
            ASSERT_EQ(samples::memory_inconsistency(*at), "");
            ASSERT_TRUE(at->block(at->height()).value());
            const auto last = store->last_seq();
            const auto tail = store->read_log(last, 1 << 20);
            ASSERT_TRUE(tail);
            ASSERT_TRUE(last == 0 || !tail->empty());
            ASSERT_TRUE(store->has_chain());
            ++looks;
        } while (!done);
    };
    std::thread a(read), b(read);

    run(*store, 200);

    done = true;
    a.join();
    b.join();
    EXPECT_GE(looks.load(), 2U);
    EXPECT_EQ(inconsistency(*store), "");
}

}  // namespace
}  // namespace rues::store
