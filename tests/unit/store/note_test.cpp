#include "unit/store/fixture.hpp"

namespace rues::store {
namespace {

class StoreNote : public StoreTest {
protected:
    /// The first block after an empty genesis.
    BlockCommit first_block() {
        block_.header.height = 1;
        BlockCommit out;
        out.block = &block_;
        return out;
    }

    ledger::Block block_;
};

TEST_F(StoreNote, is_that_of_the_last_commit_that_had_one_and_survives_a_restart) {
    auto store = open();
    ASSERT_TRUE(store->commit_genesis({}, {}));
    EXPECT_EQ(store->note().value(), std::nullopt);

    MempoolCommit pool;
    pool.note = base::to_bytes("first");
    ASSERT_TRUE(store->commit_mempool(pool));
    EXPECT_EQ(store->note().value(), base::to_bytes("first"));
    auto commit = first_block();
    commit.note = base::to_bytes("second");
    ASSERT_TRUE(store->commit_block(commit));
    ASSERT_TRUE(store->commit_mempool({}));
    store.reset();

    EXPECT_EQ(open()->note().value(), base::to_bytes("second"));
}

TEST_F(StoreNote, is_written_with_blocks_that_are_taken_back) {
    auto store = open();
    ASSERT_TRUE(store->commit_genesis({}, {}));
    auto commit = first_block();
    ASSERT_TRUE(store->commit_block(commit));
    TakeBack order;
    order.pool.note = base::to_bytes("taken back");

    ASSERT_TRUE(store->take_back(order));

    EXPECT_EQ(store->note().value(), base::to_bytes("taken back"));
}

TEST_F(StoreNote, is_not_changed_by_a_refused_commit) {
    auto store = open();
    ASSERT_TRUE(store->commit_genesis({}, {}));
    auto commit = first_block();
    commit.note = base::to_bytes("refused");
    commit.relabelled = {{0, {ledger::Label::Kind::accepted, 1}}};  // block 0 is final

    EXPECT_FALSE(store->commit_block(commit));

    EXPECT_EQ(store->note().value(), std::nullopt);
}

}  // namespace
}  // namespace rues::store
