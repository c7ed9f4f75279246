#include "gateway/followed_log.hpp"

#include <gtest/gtest.h>

#include "support/temporary_folder.hpp"
#include "unit/gateway/recorded_blocks.hpp"

namespace rues::gateway {
namespace {

using Kind = ledger::Label::Kind;

/// A gateway's store that begins after recorded block `from`.
class Followed {
public:
    explicit Followed(std::size_t from = 0) {
        open();
        store_->commit_genesis(test::recording().header(from).value(), {}).value();
        reopen();
    }
    void reopen() {
        log.reset();
        store_.reset();
        open();
        log.emplace(
            FollowedLog::open(*store_, [this](const store::LogBatch& batch) { published += batch->size(); }).value());
    }
    /// Appends the recorded blocks up to `height`, as a node reports them that has one block more.
    void grow_to(std::size_t height) {
        while (log->tip().height < height) {
            auto block = test::recorded_answer(log->tip().height + 1);
            const std::vector<LabelAnswer> labels{
                {log->tip().height, log->tip().hash, {Kind::final, 1}},
                {block.header.height, block.header.hash, {Kind::final, 1}},
            };
            ASSERT_TRUE(prove(block, log->tip()));
            const auto done = log->apply({NewBlock{std::move(block), labels, {}}, std::nullopt});
            ASSERT_TRUE(done) << done.error().text;
        }
    }
    store::Store& store() { return *store_; }

    std::optional<FollowedLog> log;
    std::size_t published = 0;

private:
    void open() { store_ = store::Store::open({.directory = folder_.path() / "store", .sync_blocks = false}).value(); }

    rues::test::TemporaryFolder folder_;
    std::unique_ptr<store::Store> store_;
};

TEST(FollowedLog, has_the_blocks_and_final_events_of_the_recorded_chain) {
    Followed own;
    const recorded::ChainStore chain(recorded::load("chain.json"), 60);

    own.grow_to(60);

    const auto ours = own.store().snapshot();
    const auto theirs = chain->snapshot();
    ASSERT_EQ(ours->height(), 60U);
    EXPECT_EQ(ours->archive_end().value(), theirs->archive_end().value());
    for (std::uint64_t height = 0; height <= 60; ++height) {
        EXPECT_EQ(ours->block(height).value()->header, theirs->block(height).value()->header) << height;
        EXPECT_EQ(ours->block(height).value()->label, theirs->block(height).value()->label) << height;
        EXPECT_EQ(ours->listed_events(height).value(), theirs->listed_events(height).value()) << height;
    }
    EXPECT_EQ(own.published, own.store().last_seq());
}

TEST(FollowedLog, knows_after_a_restart_what_it_knew_before) {
    Followed own;
    own.grow_to(9);
    const auto block = test::recorded_answer(test::busy_height());
    const auto& tx = block.transactions[0].inner;
    PoolChange change;
    change.added.push_back({tx.id(), tx.encode(ledger::Envelope::boreas), 5});
    change.events.push_back(ledger::transaction_included(tx, 9));
    const Checkpoint checkpoint{"http://node.example", {3, 4}};
    ASSERT_TRUE(own.log->apply({std::move(change), checkpoint}));
    const auto tip = own.log->tip();

    own.reopen();

    EXPECT_EQ(own.log->tip().hash, tip.hash);
    EXPECT_EQ(own.log->tip().timestamp, tip.timestamp);
    EXPECT_EQ(own.log->lowest_pending(), 9U);
    EXPECT_EQ(own.log->pool(), std::set{tx.id()});
    EXPECT_EQ(own.log->checkpoint(), checkpoint);
}

TEST(FollowedLog, a_forgotten_checkpoint_stays_forgotten) {
    Followed own;
    own.grow_to(1);
    ASSERT_TRUE(
        own.log->apply({NewBlock{test::recorded_answer(2), {}, {}}, Checkpoint{"http://node.example", {3, 4}}}));
    own.reopen();
    ASSERT_TRUE(own.log->checkpoint());

    ASSERT_TRUE(own.log->apply({CheckpointForgotten(), {}}));
    EXPECT_EQ(own.log->checkpoint(), std::nullopt);
    own.reopen();

    EXPECT_EQ(own.log->checkpoint(), std::nullopt);
}

TEST(FollowedLog, knows_after_a_restart_which_transactions_no_node_has_shown) {
    Followed own;
    PoolChange change;
    for (std::size_t i = 0; i <= FollowedLog::kMostUnshown; ++i)
        change.unshown.push_back({static_cast<std::byte>(i), static_cast<std::byte>(i >> 8)});
    const auto last = change.unshown.back();
    ASSERT_TRUE(own.log->apply({std::move(change), {}}));
    EXPECT_EQ(own.log->pool().size(), FollowedLog::kMostUnshown);
    EXPECT_FALSE(own.log->pool().contains(last));
    PoolChange removed;
    removed.removed.push_back(*own.log->pool().begin());
    ASSERT_TRUE(own.log->apply({std::move(removed), {}}));
    const auto pool = own.log->pool();
    EXPECT_EQ(pool.size(), FollowedLog::kMostUnshown - 1);

    own.reopen();

    EXPECT_EQ(own.log->pool(), pool);
}

TEST(Note, says_what_it_said_before_it_was_written) {
    const Note whole{Checkpoint{"http://node.example", {3, 4}}, 7, {base::Hash32{std::byte{1}}, base::Hash32{}}};
    for (const auto& note : {Note(), whole, Note{whole.checkpoint, 0, {}}, Note{{}, 7, {}}, Note{{}, 0, whole.unshown}})
        EXPECT_EQ(Note::decode(note.encode()), note);
    for (const auto* wrong : {"{}", "[]", "{", R"({"upstream":"u"})", R"({"upstream":"u","position":"1-2"})",
                              R"({"commit":-1})", R"({"commit":"1"})", R"({"unshown":["00"]})", R"({"unshown":1})"})
        EXPECT_FALSE(Note::decode(base::view(wrong))) << wrong;
}

TEST(FollowedLog, can_begin_after_any_block) {
    Followed own(20);
    EXPECT_EQ(own.log->tip().height, 20U);
    EXPECT_EQ(own.log->lowest_pending(), 21U);

    own.grow_to(25);

    EXPECT_EQ(own.store().snapshot()->archive_end().value()->height, 24U);
    EXPECT_EQ(own.log->hash_at(19).value(), std::nullopt);
    EXPECT_EQ(own.log->hash_at(25).value(), own.log->tip().hash);
}

}  // namespace
}  // namespace rues::gateway
