#include "store/store.hpp"

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <thread>

#include "fixture.hpp"
#include "support/recorded.hpp"

namespace rues::store {
namespace {

using StoreFormat = StoreTest;
using StoreLog = StoreTest;
using StoreEpoch = StoreTest;
using StoreMempool = StoreTest;

TEST_F(StoreTest, a_new_store_is_empty_and_has_an_epoch) {
    const auto store = open();

    EXPECT_FALSE(store->has_chain());
    EXPECT_EQ(store->last_seq(), 0U);
    EXPECT_EQ(store->read_log(0, 1 << 20)->size(), 0U);
    EXPECT_EQ(store->pooled()->size(), 0U);
    EXPECT_EQ(store->last_seq_of(store->epoch()), 0U);
    EXPECT_EQ(inconsistency(*store), "");
}

TEST_F(StoreTest, without_randomness_no_store_is_created) {
    Options options;
    options.directory = folder_.path() / "store";
    options.random = [](std::span<std::byte>) { return false; };

    const auto store = Store::open(options);

    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().kind, base::Error::Kind::io);
    EXPECT_EQ(store.error().text, "the system provides no randomness");
}

TEST_F(StoreTest, a_moved_clock_survives_reopening) {
    auto store = open();
    EXPECT_EQ(store->clock_ahead().value_or(1), 0U);
    ASSERT_TRUE(store->commit_clock(86'400));
    ASSERT_TRUE(store->commit_clock(90'000));
    EXPECT_EQ(store->clock_ahead().value_or(0), 90'000U);
    store.reset();
    EXPECT_EQ(open()->clock_ahead().value_or(0), 90'000U);
}

TEST_F(StoreTest, a_chain_is_complete_and_unchanged_after_reopening) {
    auto store = open();
    run(*store, 1 + 2 * 20 + 1);
    EXPECT_EQ(store->snapshot()->height(), 20U);
    EXPECT_EQ(inconsistency(*store), "");
    const auto epoch = store->epoch();

    store.reset();
    store = open();

    EXPECT_EQ(store->snapshot()->height(), 20U);
    EXPECT_EQ(store->last_seq(), 61U);
    EXPECT_EQ(store->epoch(), epoch);
    EXPECT_EQ(inconsistency(*store), "");
    run(*store, 11);
    EXPECT_EQ(store->snapshot()->height(), 26U);
    EXPECT_EQ(inconsistency(*store), "");
}

/// Adds block 21 with a shielded transfer, and block 22, which makes it final. REQUIRES: the tip is block 20.
void add_final_shielded_transfer(Store& store) {
    auto shielded = samples::next_block((*store.snapshot()->block(20))->header);
    shielded.commit.block = &shielded.block;
    auto& events = shielded.commit.contract_events;
    events.insert(events.begin(), {ledger::kTransferContract, "phoenix", {}, events.front().origin});
    ASSERT_TRUE(store.commit_block(shielded.commit));
    EXPECT_EQ(store.statistics().shielded_transfers, 0U);
    auto next = samples::next_block((*store.snapshot()->block(21))->header);
    next.commit.block = &next.block;
    next.commit.relabelled = {{19, {ledger::Label::Kind::final, 3}},
                              {20, {ledger::Label::Kind::final, 2}},
                              {21, {ledger::Label::Kind::final, 1}}};
    ASSERT_TRUE(store.commit_block(next.commit));
}

TEST_F(StoreTest, final_shielded_transfers_are_counted_and_after_a_restart) {
    auto store = open();
    run(*store, 1 + 2 * 20);
    add_final_shielded_transfer(*store);
    EXPECT_EQ(store->statistics().shielded_transfers, 1U);

    store.reset();
    store = open();

    EXPECT_EQ(store->statistics().shielded_transfers, 1U);
}

TEST_F(StoreTest, a_store_that_counted_only_public_transfers_counts_all_of_them_at_its_start) {
    auto store = open();
    run(*store, 1 + 2 * 20);
    add_final_shielded_transfer(*store);
    const auto counted = store->statistics();
    ASSERT_EQ(counted.shielded_transfers, 1U);

    store.reset();
    write_raw("meta", "statistics", std::string(8, '\x07'));  // the older form: one number, in 8 bytes
    store = open();
    EXPECT_EQ(store->statistics(), counted);

    auto next = samples::next_block((*store->snapshot()->block(22))->header);
    next.commit.block = &next.block;
    ASSERT_TRUE(store->commit_block(next.commit));
    store.reset();
    EXPECT_EQ(raw_entries(folder_.path() / "store", "meta").at("statistics").size(), 16U);
    EXPECT_EQ(open()->statistics(), counted);
}

TEST_F(StoreTest, counters_of_another_size_are_refused) {
    auto store = open();
    run(*store, 3);
    store.reset();

    write_raw("meta", "statistics", std::string(7, '\0'));

    EXPECT_EQ(refusal().kind, base::Error::Kind::corrupt);
}

TEST_F(StoreTest, final_transfers_are_counted_for_every_block_and_after_a_restart) {
    auto store = open();
    run(*store, 1 + 2 * 20);
    EXPECT_EQ(store->statistics(), Statistics{18});
    auto next = samples::next_block((*store->snapshot()->block(20))->header);
    next.commit.block = &next.block;
    next.commit.relabelled = {{19, {ledger::Label::Kind::final, 2}}, {20, {ledger::Label::Kind::final, 1}}};
    ASSERT_TRUE(store->commit_block(next.commit));
    const Statistics after{20};
    EXPECT_EQ(store->statistics(), after);
    auto again = samples::next_block((*store->snapshot()->block(21))->header);
    again.commit.block = &again.block;
    again.commit.relabelled = {{20, {ledger::Label::Kind::final, 2}}};
    ASSERT_TRUE(store->commit_block(again.commit));
    EXPECT_EQ(store->statistics().public_transfers, 20U);

    store.reset();
    store = open();

    EXPECT_EQ(store->statistics(), Statistics{20});
}

TEST_F(StoreTest, recorded_headers_and_transactions_are_read_back_byte_for_byte) {
    const auto chain = recorded::load("chain.json");
    std::map<std::uint64_t, std::pair<ledger::Header, std::vector<Bytes>>> expected;
    auto store = open();
    for (const auto& recorded_block : chain.at("blocks").as_array()) {
        const auto& json = recorded_block.at("header").as_object();
        if (!json.at("event_bloom").is_string()) continue;  // the bloom is written as a reference to another block
        ledger::Block block{*ledger::Header::from_json(json), {}};
        auto& raws = expected[block.header.height].second;
        for (const auto& tx : recorded_block.at("transactions").as_array()) {
            raws.push_back(recorded::hex(tx.at("raw")));
            block.transactions.push_back({*ledger::Transaction::decode(raws.back()), block.header.height, 1, {}});
        }
        expected[block.header.height].first = block.header;
        BlockCommit commit;
        commit.block = &block;
        ASSERT_TRUE(store->commit_block(commit));
    }
    ASSERT_GT(expected.size(), 100U);

    store.reset();
    store = open();

    const auto at = store->snapshot();
    std::size_t transactions = 0;
    for (const auto& [height, block] : expected) {
        const auto stored = at->block(height).value();
        ASSERT_TRUE(stored);
        EXPECT_EQ(stored->header, block.first);
        EXPECT_EQ(stored->header.compute_hash(), block.first.hash);
        ASSERT_EQ(stored->transactions.size(), block.second.size());
        for (std::uint32_t i = 0; i < block.second.size(); ++i) {
            const auto tx = at->transaction(stored->transactions[i]).value();
            ASSERT_TRUE(tx);
            EXPECT_EQ(tx->raw, block.second[i]);
            EXPECT_EQ(tx->index, i);
            ++transactions;
        }
    }
    EXPECT_GT(transactions, 100U);
}

TEST_F(StoreTest, relabelling_a_missing_block_is_refused_and_nothing_is_written) {
    const auto store = open();
    run(*store, 4);
    const auto before = store->snapshot();
    auto next = samples::next_block(before->block(1).value()->header);
    next.commit.block = &next.block;
    next.commit.relabelled = {{9, {}}};

    const auto done = store->commit_block(next.commit);

    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().text, "block 9 is missing");
    EXPECT_EQ(inconsistency(*store), "");
}

TEST_F(StoreTest, the_origin_of_a_chain_is_kept) {
    auto store = open();
    EXPECT_EQ(store->origin().value(), std::nullopt);
    const ChainOrigin origin{3,
                             {samples::numbered<32>(1), samples::numbered<32>(2), samples::numbered<32>(3), {}},
                             samples::numbered<32>(4)};
    ASSERT_TRUE(store->set_origin(origin));
    store.reset();

    store = open();

    EXPECT_EQ(store->origin().value(), origin);
    store.reset();
    write_raw("meta", "origin", "short");
    EXPECT_EQ(open()->origin().error().kind, base::Error::Kind::corrupt);
}

TEST_F(StoreFormat, a_store_of_another_format_number_is_refused_and_not_changed) {
    open().reset();
    const std::string other("\5\0\0\0", 4);
    write_raw("meta", "format", other);

    for (int again = 0; again < 2; ++again) {
        const auto error = refusal();
        EXPECT_EQ(error.kind, base::Error::Kind::invalid);
        EXPECT_NE(error.text.find("has format 5, this program reads format 7"), std::string::npos) << error.text;
    }
    write_raw("meta", "format", std::string("\7\0\0\0", 4));
    EXPECT_EQ(inconsistency(*open()), "");
}

TEST_F(StoreFormat, a_format_with_other_column_families_is_refused_by_its_number) {
    open().reset();
    write_raw("meta", "format", std::string("\10\0\0\0", 4));
    write_raw("nullifiers", "key", "value");

    const auto error = refusal();

    EXPECT_EQ(error.kind, base::Error::Kind::invalid);
    EXPECT_NE(error.text.find("has format 8, this program reads format 7"), std::string::npos) << error.text;
}

TEST_F(StoreFormat, a_format_without_a_column_family_of_this_one_is_refused_by_its_number) {
    open().reset();
    write_raw("meta", "format", std::string("\5\0\0\0", 4));
    drop_raw("blobs");

    const auto error = refusal();

    EXPECT_EQ(error.kind, base::Error::Kind::invalid);
    EXPECT_NE(error.text.find("has format 5, this program reads format 7"), std::string::npos) << error.text;
    remove_raw("meta", "format");
    std::filesystem::remove(folder_.path() / "store.head");
    EXPECT_FALSE(open()->has_chain()) << "without a number, its creation was interrupted";
}

TEST_F(StoreFormat, a_database_of_another_program_is_refused) {
    rocksdb::Options options;
    options.create_if_missing = true;
    rocksdb::DB* opened = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(options, (folder_.path() / "store").string(), &opened).ok());
    delete opened;
    write_raw("theirs", "key", "value");

    const auto error = refusal();

    EXPECT_EQ(error.kind, base::Error::Kind::invalid);
    EXPECT_NE(error.text.find("is not a store of this program"), std::string::npos) << error.text;
}

TEST_F(StoreTest, a_second_store_on_the_same_folder_is_refused) {
    const auto store = open();

    const auto error = refusal();

    EXPECT_EQ(error.kind, base::Error::Kind::io);
    EXPECT_NE(error.text.find("is in use by another process"), std::string::npos) << error.text;
}

TEST_F(StoreTest, a_folder_that_cannot_be_created_is_an_error_with_its_name) {
    std::ofstream(folder_.path() / "store") << "a file";

    const auto error = refusal();

    EXPECT_EQ(error.kind, base::Error::Kind::io);
    EXPECT_NE(error.text.find((folder_.path() / "store").string()), std::string::npos) << error.text;
}

TEST_F(StoreLog, a_commit_returns_its_records_and_the_log_holds_the_same) {
    const auto store = open();
    run(*store, 1);
    const auto event = ledger::transaction_included(samples::transaction(1), 0);

    const auto batch = store->commit_mempool({{}, {}, {event, event, event}});

    ASSERT_TRUE(batch);
    const auto read = store->read_log(1, 1 << 20);
    ASSERT_TRUE(read);
    ASSERT_EQ((*batch)->size(), 3U);
    ASSERT_EQ(read->size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ((**batch)[i].seq, i + 1);
        EXPECT_EQ((*read)[i].seq, i + 1);
        EXPECT_EQ((*read)[i].filter, (**batch)[i].filter);
        EXPECT_TRUE(std::ranges::equal((*read)[i].message, (**batch)[i].message));
        EXPECT_TRUE(std::ranges::equal((*read)[i].message, ledger::encode_message(event, {store->epoch(), i + 1})));
    }
    EXPECT_EQ((*read)[0].filter.entity, wire::text_hash(event.entity));
}

TEST_F(StoreLog, a_read_keeps_its_limit_but_returns_at_least_one_record) {
    const auto store = open();
    run(*store, 1 + 2 * 5);
    const auto all = *store->read_log(0, 1 << 24);
    ASSERT_EQ(all.size(), 15U);
    const std::size_t two = all[3].message.size() + all[4].message.size();

    EXPECT_EQ(store->read_log(4, two)->size(), 2U);
    EXPECT_EQ(store->read_log(4, two - 1)->size(), 1U);
    EXPECT_EQ(store->read_log(4, 0)->size(), 1U);
    EXPECT_EQ(store->read_log(15, 1 << 24)->size(), 1U);
    EXPECT_EQ(store->read_log(16, 1 << 24)->size(), 0U);
    EXPECT_EQ(store->read_log(~std::uint64_t{0}, 1 << 24)->size(), 0U);
}

TEST_F(StoreLog, a_missing_or_foreign_record_is_an_error_of_kind_corrupt) {
    auto store = open();
    run(*store, 1 + 2 * 3);
    const auto ninth = store->read_log(9, 0)->front().message.size();
    store.reset();
    write_raw("log", std::string("\0\0\0\0\0\0\0\5", 8), "short");
    // Record 10 was never written; records 11 and 12 were written.
    write_raw("log", std::string("\0\0\0\0\0\0\0\13", 8), std::string(25, '\1'));
    write_raw("log", std::string("\0\0\0\0\0\0\0\14", 8), std::string(26, '\1'));

    store = open();

    EXPECT_EQ(store->read_log(1, 1 << 24).error().kind, base::Error::Kind::corrupt);
    EXPECT_EQ(store->read_log(6, 1 << 24).error().kind, base::Error::Kind::corrupt);
    EXPECT_EQ(store->read_log(10, 1 << 24).error().kind, base::Error::Kind::corrupt);
    // Record 11 is empty and would fit, record 12 would not: the gap is inside the read.
    EXPECT_FALSE(store->read_log(9, ninth));
    EXPECT_EQ(store->read_log(11, 1 << 24)->size(), 2U);
}

TEST_F(StoreEpoch, a_closed_store_keeps_its_epoch_across_a_restart_of_the_machine) {
    auto store = open("first boot");
    const auto epoch = store->epoch();
    store.reset();

    store = open("second boot");

    EXPECT_EQ(store->epoch(), epoch);
}

TEST_F(StoreEpoch, an_unclean_stop_of_the_machine_begins_an_epoch_and_older_positions_stay_resolvable) {
    auto store = open("first boot");
    run(*store, 1 + 2 * 4);
    const auto first = store->epoch();
    // A copy of the files of an open store stands for the files after a power cut.
    const auto copy = folder_.path() / "copy";
    std::filesystem::copy(folder_.path() / "store", copy, std::filesystem::copy_options::recursive);
    store.reset();

    auto after = Store::open({.directory = copy, .boot_id = "second boot"});

    ASSERT_TRUE(after) << after.error().text;
    EXPECT_NE((*after)->epoch(), first);
    EXPECT_EQ((*after)->last_seq(), 12U);
    run(**after, 2);
    EXPECT_EQ((*after)->last_seq_of(first), 12U);
    EXPECT_EQ((*after)->last_seq_of((*after)->epoch()), 15U);
    EXPECT_FALSE((*after)->last_seq_of(first + 1));
    EXPECT_EQ(inconsistency(**after), "");
}

TEST_F(StoreEpoch, the_epoch_stays_after_an_unclean_stop_of_the_process_alone) {
    auto store = open("first boot");
    run(*store, 1 + 2 * 4);
    const auto first = store->epoch();
    const auto copy = folder_.path() / "copy";
    std::filesystem::copy(folder_.path() / "store", copy, std::filesystem::copy_options::recursive);

    const auto after = Store::open({.directory = copy, .boot_id = "first boot"});

    ASSERT_TRUE(after) << after.error().text;
    EXPECT_EQ((*after)->epoch(), first);
    EXPECT_EQ(inconsistency(**after), "");
}

TEST_F(StoreEpoch, a_refused_store_is_not_marked_as_closed) {
    auto store = open("first boot");
    const auto first = store->epoch();
    const auto copy = folder_.path() / "copy";
    std::filesystem::copy(folder_.path() / "store", copy, std::filesystem::copy_options::recursive);
    store.reset();
    std::filesystem::remove_all(folder_.path() / "store");
    std::filesystem::rename(copy, folder_.path() / "store");
    write_raw("meta", "format", std::string("\10\0\0\0", 4));
    EXPECT_EQ(refusal().kind, base::Error::Kind::invalid);
    write_raw("meta", "format", std::string("\7\0\0\0", 4));

    store = open("second boot");

    EXPECT_NE(store->epoch(), first);
}

TEST_F(StoreMempool, transactions_of_one_millisecond_keep_the_order_of_admission) {
    auto store = open();
    std::vector<ledger::TxId> order;
    for (std::uint64_t round = 0; round < 2; ++round) {
        MempoolCommit commit;
        for (std::uint64_t i = 0; i < 50; ++i) {
            auto tx = samples::pooled(100 * round + i);
            tx.entered_unix_ms = 5;
            order.push_back(tx.id);
            commit.added.push_back(std::move(tx));
        }
        ASSERT_TRUE(store->commit_mempool(commit));
        store.reset();
        store = open();
    }
    ASSERT_TRUE(store->commit_mempool({{}, {order[1]}, {}}));
    order.erase(order.begin() + 1);

    std::vector<ledger::TxId> found;
    const auto pooled = store->pooled();
    ASSERT_TRUE(pooled);
    for (const auto& tx : *pooled) found.push_back(tx.id);

    EXPECT_EQ(found, order);
    EXPECT_FALSE(std::ranges::is_sorted(order));  // otherwise the order of keys would pass this test
}

}  // namespace
}  // namespace rues::store
