#include <gtest/gtest.h>

#include "fault/store/bad_disk.hpp"
#include "support/load_share.hpp"
#include "unit/store/samples.hpp"

namespace rues::store {
namespace {

using base::Error;
using samples::inconsistency;

class DiskTest : public testing::Test {
protected:
    Result<std::unique_ptr<Store>> open() {
        return Store::open({.directory = folder_.path() / "store", .env = env_.get()});
    }
    std::unique_ptr<Store> opened() {
        auto store = open();
        EXPECT_TRUE(store) << (store ? "" : store.error().text);
        return store ? std::move(*store) : nullptr;
    }
    /// Makes commits until one fails, at most `steps` of them.
    static std::optional<Error> run(Store& store, std::size_t steps) {
        for (std::size_t i = 0; i < steps; ++i) {
            if (const auto done = samples::step(store); !done) return done.error();
        }
        return std::nullopt;
    }
    /// Checks a store whose write failed, before and after it is reopened on a good disk.
    void expect_unharmed(std::unique_ptr<Store> store) {
        const auto height = store->snapshot()->height();
        const auto last = store->last_seq();
        EXPECT_EQ(inconsistency(*store), "");
        disk_.room = BadDisk::kUnlimited;
        disk_.sync_fails = false;
        const auto again = samples::step(*store);
        ASSERT_FALSE(again);
        EXPECT_EQ(again.error().kind, Error::Kind::io);
        EXPECT_EQ(again.error().text, "an earlier write failed; the store must be opened again");
        EXPECT_EQ(store->last_seq(), last);
        EXPECT_EQ(inconsistency(*store), "");

        store.reset();
        store = opened();

        ASSERT_TRUE(store);
        EXPECT_EQ(inconsistency(*store), "");
        EXPECT_GE(store->snapshot()->height(), height);
        EXPECT_GE(store->last_seq(), last);
        EXPECT_FALSE(run(*store, 4));
        EXPECT_EQ(inconsistency(*store), "");
    }

    BadDisk disk_;
    std::unique_ptr<rocksdb::Env> env_ = rocksdb::NewCompositeEnv(std::make_shared<BadFileSystem>(disk_));
    samples::TemporaryFolder folder_;
};

/// Bytes between one disk that fills up and the next.
const std::int64_t kStep = rues::test::case_share() == 1 ? 3'001 : 3 * 3'001;

using FullDisk = DiskTest;
using FailingDisk = DiskTest;

TEST_F(FullDisk, wherever_the_disk_fills_up_the_whole_commit_is_refused_with_the_cause) {
    ASSERT_FALSE(run(*opened(), 7));
    for (std::int64_t room = 0; room < 60'000; room += kStep) {
        SCOPED_TRACE(room);
        auto store = opened();
        ASSERT_TRUE(store);
        disk_.room = room;

        const auto error = run(*store, 100);

        ASSERT_TRUE(error);
        EXPECT_EQ(error->kind, Error::Kind::no_space) << error->text;
        EXPECT_NE(error->text.find("no space left on the disk while writing"), std::string::npos) << error->text;
        expect_unharmed(std::move(store));
    }
}

TEST_F(FullDisk, blocks_are_taken_back_as_a_whole_or_not_at_all) {
    for (std::int64_t room = 0; room < 40'000; room += kStep) {
        SCOPED_TRACE(room);
        auto store = opened();
        ASSERT_FALSE(run(*store, 11));
        const auto height = store->snapshot()->height();
        const auto last = store->last_seq();
        disk_.room = room;

        const auto done = samples::take_back_one(*store);

        disk_.room = BadDisk::kUnlimited;
        if (!done) {
            EXPECT_EQ(done.error().kind, Error::Kind::no_space) << done.error().text;
            EXPECT_EQ(store->snapshot()->height(), height);
            EXPECT_EQ(store->last_seq(), last);
        }
        EXPECT_EQ(samples::forked_inconsistency(*store), "");
        store = nullptr;
        store = opened();
        EXPECT_EQ(samples::forked_inconsistency(*store), "");
        EXPECT_EQ(store->snapshot()->height(), store->last_seq() > last ? height - 1 : height);
        ASSERT_FALSE(run(*store, 2));
    }
}

TEST_F(FullDisk, the_disk_may_fill_up_while_memtables_are_flushed) {
    auto store = opened();
    disk_.tables_only = true;
    disk_.room = 100'000;

    const auto error = run(*store, 5'000);

    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind, Error::Kind::no_space) << error->text;
    EXPECT_GT(store->snapshot()->height(), 100U);
    expect_unharmed(std::move(store));
}

TEST_F(FullDisk, a_store_that_cannot_be_created_or_opened_is_an_error_and_can_be_opened_later) {
    for (const std::int64_t room : {0, 100, 1'000, 5'000}) {
        SCOPED_TRACE(room);
        disk_.room = room;
        const auto refused = open();
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().kind, Error::Kind::no_space) << refused.error().text;
        disk_.room = BadDisk::kUnlimited;
    }

    auto store = opened();

    ASSERT_TRUE(store);
    EXPECT_FALSE(run(*store, 9));
    EXPECT_EQ(inconsistency(*store), "");
}

TEST_F(FailingDisk, a_block_whose_sync_failed_is_an_error_and_not_visible) {
    auto store = opened();
    ASSERT_FALSE(run(*store, 6));
    disk_.sync_fails = true;

    const auto error = run(*store, 2);

    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind, Error::Kind::io) << error->text;
    EXPECT_EQ(store->snapshot()->height(), 2U);
    EXPECT_GT(disk_.refused.load(), 0U);
    expect_unharmed(std::move(store));
}

TEST_F(FailingDisk, commits_of_the_mempool_need_no_sync) {
    auto store = opened();
    ASSERT_FALSE(run(*store, 5));
    disk_.sync_fails = true;

    EXPECT_FALSE(run(*store, 1));

    disk_.sync_fails = false;
    EXPECT_EQ(store->pooled()->size(), 1U);
    EXPECT_EQ(inconsistency(*store), "");
}

}  // namespace
}  // namespace rues::store
