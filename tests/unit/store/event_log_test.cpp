#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include "samples.hpp"

/// Scans of the log, the stored events of one entity, and the retention.
namespace rues::store {
namespace {

using Sequence = std::vector<std::uint64_t>;

constexpr std::size_t kAll = 1 << 28;
constexpr std::uint64_t kEnd = ~std::uint64_t{0};

struct EventLog : testing::Test {
    std::unique_ptr<Store> open(Retention retention = {}, const char* name = "store") {
        Options options;
        options.directory = folder_.path() / name;
        options.sync_blocks = false;
        options.retention = retention;
        auto store = Store::open(options);
        EXPECT_TRUE(store) << (store ? "" : store.error().text);
        return store ? std::move(*store) : nullptr;
    }
    /// Adds blocks. Each comes `seconds` after the block before it, and its transaction is admitted first.
    void run(Store& store, std::size_t blocks, std::uint64_t seconds) {
        if (!store.has_chain()) {
            ASSERT_TRUE(samples::step(store));
        }
        for (std::size_t i = 0; i < blocks; ++i) {
            now_ += seconds;
            ASSERT_TRUE(samples::step(store));
            ASSERT_TRUE(samples::step(store, now_));
        }
    }
    static Sequence kept(const LogRecords& records) {
        Sequence out;
        for (const auto& record : records) out.push_back(record.seq);
        return out;
    }
    static EventFilter executed(std::uint64_t number) {
        return {wire::Component::transactions, wire::text_hash("executed"),
                wire::text_hash(base::to_hex(samples::transaction(number).id())), 0};
    }
    static bool is_third(const LogRecord& record) { return record.seq % 3 == 0; }

    samples::TemporaryFolder folder_;
    std::uint64_t now_ = 1'700'000'000;
};

TEST_F(EventLog, a_scan_keeps_the_accepted_records_and_says_where_it_ended) {
    const auto store = open();
    run(*store, 4, 1);  // three records for each block

    const auto all = store->scan_log(0, kEnd, {kAll, kAll}, &is_third);
    const auto later = store->scan_log(4, kEnd, {kAll, kAll}, &is_third);
    const auto none = store->scan_log(13, kEnd, {kAll, kAll}, &is_third);

    ASSERT_TRUE(all && later && none);
    EXPECT_EQ(kept(all->records), (Sequence{3, 6, 9, 12}));
    EXPECT_EQ(all->next, 13U);
    EXPECT_EQ(kept(later->records), (Sequence{6, 9, 12}));
    EXPECT_TRUE(none->records.empty());
    EXPECT_EQ(none->next, 13U);
    const auto part = store->scan_log(4, 8, {kAll, kAll}, &is_third);
    ASSERT_TRUE(part);
    EXPECT_EQ(kept(part->records), (Sequence{6}));
    EXPECT_EQ(part->next, 9U);
}

TEST_F(EventLog, messages_of_kept_records_are_contiguous_in_memory) {
    const auto store = open();
    run(*store, 4, 1);

    const auto scan = store->scan_log(1, kEnd, {kAll, kAll}, &is_third);

    ASSERT_TRUE(scan);
    ASSERT_EQ(scan->records.size(), 4U);
    for (std::size_t i = 1; i < scan->records.size(); ++i) {
        const auto& before = scan->records[i - 1].message;
        EXPECT_EQ(before.data() + before.size(), scan->records[i].message.data());
        EXPECT_NE(wire::content_location(scan->records[i].message), "");
    }
}

TEST_F(EventLog, a_scan_ends_at_either_limit_but_always_makes_progress) {
    const auto store = open();
    run(*store, 4, 1);
    const auto all = *store->read_log(1, kAll);

    const auto scanned = store->scan_log(1, kEnd, {kAll, all[0].message.size() + all[1].message.size()}, &is_third);
    const auto kept_one = store->scan_log(1, kEnd, {0, kAll}, &is_third);
    const auto looked_at_one = store->scan_log(1, kEnd, {0, 0}, &is_third);

    EXPECT_EQ(scanned->next, 3U);
    EXPECT_TRUE(scanned->records.empty());
    EXPECT_EQ(kept(kept_one->records), (Sequence{3}));
    EXPECT_EQ(kept_one->next, 6U);
    EXPECT_EQ(looked_at_one->next, 2U);
}

TEST_F(EventLog, a_scan_stops_at_the_record_that_fills_its_result) {
    const auto store = open();
    run(*store, 4, 1);
    Sequence looked_at;
    const auto third = [&](const LogRecord& record) {
        looked_at.push_back(record.seq);
        return is_third(record);
    };

    const auto one = store->scan_log(1, kEnd, {kAll, kAll, 1}, third);
    const auto two = store->scan_log(4, kEnd, {kAll, kAll, 2}, &is_third);
    const auto none = store->scan_log(4, kEnd, {kAll, kAll, 0}, &is_third);  // one record is always kept

    ASSERT_TRUE(one && two && none);
    EXPECT_EQ(looked_at, (Sequence{1, 2, 3}));
    EXPECT_EQ(kept(one->records), (Sequence{3}));
    EXPECT_EQ(one->next, 4U);
    EXPECT_EQ(kept(two->records), (Sequence{6, 9}));
    EXPECT_EQ(two->next, 10U);
    EXPECT_EQ(kept(none->records), (Sequence{6}));
}

TEST_F(EventLog, scans_that_continue_at_next_find_every_wanted_record_once) {
    const auto store = open();
    run(*store, 6, 1);
    const std::size_t one = store->read_log(3, 0)->front().message.size();

    for (const std::size_t kept_bytes : {std::size_t{0}, one, 2 * one - 1, 2 * one, kAll}) {
        for (const std::size_t scanned_bytes : {std::size_t{0}, one, 5 * one, kAll}) {
            for (const std::size_t records : {1U, 2U, 3U, 100U}) {
                SCOPED_TRACE(testing::Message() << kept_bytes << ' ' << scanned_bytes << ' ' << records);
                Sequence found;
                std::size_t scans = 0;
                for (std::uint64_t next = 1; next <= store->last_seq() && scans < 100; ++scans) {
                    const auto scan = store->scan_log(next, kEnd, {kept_bytes, scanned_bytes, records}, &is_third);
                    ASSERT_TRUE(scan);
                    for (const auto seq : kept(scan->records)) found.push_back(seq);
                    ASSERT_GT(scan->next, next);
                    next = scan->next;
                }
                EXPECT_EQ(found, (Sequence{3, 6, 9, 12, 15, 18}));
            }
        }
    }
}

TEST_F(EventLog, past_events_of_a_transaction_are_found_by_topic) {
    const auto store = open();
    run(*store, 3, 1);

    for (const auto reads : {Store::Reads::disk, Store::Reads::memory}) {
        EXPECT_EQ(store->past_events(executed(2), 10, reads).value(), (Sequence{5}));
        EXPECT_EQ(store->past_events(executed(3), 10, reads).value(), (Sequence{8}));
        EXPECT_EQ(store->past_events(executed(3), 0, reads).value(), Sequence());
        EXPECT_EQ(store->past_events(executed(4), 10, reads).value(), Sequence());
    }
}

TEST_F(EventLog, every_record_is_kept_without_a_retention) {
    const auto store = open();
    run(*store, 10, 1'000'000);

    EXPECT_EQ(store->first_seq(), 1U);
    EXPECT_EQ(store->read_log(1, kAll)->size(), 30U);
}

TEST_F(EventLog, records_older_than_the_retention_are_removed_and_reading_them_is_not_found) {
    const auto store = open({.age = std::chrono::seconds(600)});
    run(*store, 20, 100);  // every block sets a mark

    // Block 20 is at 2,000 s: blocks up to 1,300 s are older than 600 s; the block at 1,400 s is not.
    EXPECT_EQ(store->first_seq(), 13 * 3 + 1U);
    EXPECT_EQ(store->read_log(store->first_seq(), kAll)->size(), 60U - 39U);
    EXPECT_EQ(store->read_log(39, kAll).error().kind, base::Error::Kind::not_found);
    EXPECT_EQ(store->read_log(1, kAll).error().kind, base::Error::Kind::not_found);
    EXPECT_EQ(store->past_events(executed(13), 10, Store::Reads::disk).value(), Sequence());
    EXPECT_EQ(store->past_events(executed(14), 10, Store::Reads::disk).value(), (Sequence{41}));
}

TEST_F(EventLog, records_beyond_the_retained_bytes_are_removed) {
    const auto keep_all = open();
    run(*keep_all, 1, 100);
    const std::uint64_t block = keep_all->read_log(1, kAll)->message_bytes();

    const auto store = open({.bytes = 5 * block}, "bounded");
    run(*store, 20, 100);

    std::uint64_t bytes = store->read_log(store->first_seq(), kAll)->message_bytes();
    EXPECT_LE(bytes, 6 * block);
    EXPECT_GE(bytes, 4 * block);
}

TEST_F(EventLog, a_reopened_log_begins_where_the_retention_cut_it) {
    auto store = open({.age = std::chrono::seconds(600)});
    run(*store, 20, 100);
    const auto first = store->first_seq();
    store.reset();

    store = open({.age = std::chrono::seconds(600)});
    EXPECT_EQ(store->first_seq(), first);
    EXPECT_EQ(store->last_seq(), 60U);
    run(*store, 1, 100);
    EXPECT_EQ(store->first_seq(), first + 3);
    EXPECT_EQ(store->last_seq(), 63U);
}

TEST_F(EventLog, marks_count_time_and_bytes_since_the_previous_mark_across_a_restart) {
    auto store = open({.age = std::chrono::seconds(100)});
    run(*store, 10, 20);  // blocks 1, 4, 7 and 10 set marks, 60 seconds apart
    EXPECT_EQ(store->first_seq(), 4 * 3 + 1U);
    store.reset();
    store = open({.age = std::chrono::seconds(100)});
    run(*store, 2, 20);
    EXPECT_EQ(store->first_seq(), 4 * 3 + 1U);
    run(*store, 1, 20);  // 120 seconds after the mark of block 7
    EXPECT_EQ(store->first_seq(), 7 * 3 + 1U);
}

TEST(EventLogEpoch, is_the_given_one_and_stays_when_events_may_be_lost) {
    rues::test::TemporaryFolder folder;
    Options options;
    options.directory = folder.path() / "store";
    options.epoch = 7;
    options.boot_id = "first boot";
    const auto opened = [&options] { return Store::open(options); };
    EXPECT_EQ((*opened())->epoch(), 7U);
    {
        const auto store = opened().value();
        ASSERT_TRUE(store->commit_genesis({}, {}));
        std::filesystem::copy(options.directory, folder.path() / "killed", std::filesystem::copy_options::recursive);
    }

    options.directory = folder.path() / "killed";
    options.boot_id = "second boot";
    EXPECT_EQ(opened().value()->epoch(), 7U);
    EXPECT_EQ(opened().value()->epoch(), 7U) << "it is still the only one";

    options.epoch = 8;
    const auto refused = opened();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, base::Error::Kind::invalid);
    options.epoch.reset();
    EXPECT_EQ((*opened())->epoch(), 7U);
}

}  // namespace
}  // namespace rues::store
