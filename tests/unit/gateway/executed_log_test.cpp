#include <gtest/gtest.h>

#include "chain/stored_state.hpp"
#include "gateway/followed_log.hpp"
#include "support/temporary_folder.hpp"
#include "unit/chain/machine.hpp"
#include "unit/gateway/branches.hpp"

namespace rues::gateway {
namespace {

/// The store of a gateway that executes the recorded chain from its genesis.
class ExecutedLog : public ::testing::Test {
protected:
    void SetUp() override {
        open_store();
        const auto genesis = chain::test::default_genesis_state();
        store_->commit_genesis(test::recording().header(0).value(), chain::memory_of(*genesis)).value();
        open_log(genesis, 0);
    }
    void reopen() {
        log_.reset();
        execution_.reset();
        store_.reset();
        open_store();
        const auto stored = store_->snapshot();
        const auto tip = stored->block(stored->height()).value()->header;
        open_log(chain::read_state(chain::test::machine(), *stored, tip.state_hash).value(), tip.height);
    }
    void append(BlockAnswer block) {
        ASSERT_TRUE(prove(block, log_->tip()));
        const auto checked = execution_->check(block, {});
        ASSERT_TRUE(checked) << checked.error().text;
        const auto done = log_->apply({NewBlock{std::move(block), {}, {}}, std::nullopt});
        ASSERT_TRUE(done) << done.error().text;
    }
    void grow_to(std::size_t height) {
        while (log_->tip().height < height) append(test::recorded_answer(log_->tip().height + 1));
    }
    base::Hash32 root() const { return execution_->state()->state()->root(); }
    static base::Hash32 recorded_root(std::size_t height) {
        return test::recording().header(height).value().state_hash;
    }

    std::unique_ptr<store::Store> store_;
    std::unique_ptr<Execution> execution_;
    PoolView pool_;
    std::optional<FollowedLog> log_;
    std::vector<std::uint64_t> heights_;  ///< of the state when events were published

private:
    void open_store() {
        store_ = store::Store::open({.directory = folder_.path() / "store", .sync_blocks = false}).value();
    }
    void open_log(const std::shared_ptr<const vm::State>& state, std::uint64_t height) {
        execution_ = std::make_unique<Execution>(chain::test::machine(), queries_, Execution::At{0, height, {}, state});
        log_.emplace(FollowedLog::open(
                         *store_, [this](const store::LogBatch&) { heights_.push_back(execution_->state()->height()); },
                         {execution_.get(), &pool_})
                         .value());
    }

    rues::test::TemporaryFolder folder_;
    chain::Queries queries_{chain::test::machine(), {}};
};

TEST_F(ExecutedLog, the_state_is_at_the_block_before_its_events_are_published) {
    grow_to(3);

    EXPECT_EQ(heights_, (std::vector<std::uint64_t>{1, 2, 3}));
    EXPECT_EQ(root(), recorded_root(3));
}

TEST_F(ExecutedLog, a_store_that_was_closed_has_the_state_of_its_tip) {
    const auto height = test::busy_height() + 1;
    grow_to(height);

    reopen();

    EXPECT_EQ(root(), recorded_root(height));
    grow_to(height + 3);
    EXPECT_EQ(root(), recorded_root(height + 3));
}

TEST_F(ExecutedLog, blocks_that_are_taken_back_take_their_state_with_them) {
    const auto height = test::busy_height();
    grow_to(height + 3);
    const auto below = test::recording().header(height - 1).value();

    const auto done = log_->apply({BlocksTakenBack{below.height, below.hash, log_->tip().hash, 1}, std::nullopt});

    ASSERT_TRUE(done) << done.error().text;
    EXPECT_EQ(heights_.back(), below.height) << "before the retractions are published";
    EXPECT_EQ(root(), below.state_hash);
    for (auto at = height; at <= height + 2; ++at) append(test::on_branch(at, log_->tip(), 1));
    EXPECT_EQ(root(), recorded_root(height + 2)) << "the same transactions give the same state";
    reopen();
    EXPECT_EQ(root(), recorded_root(height + 2));
    EXPECT_NE(log_->tip().hash, test::recording().header(height + 2).value().hash);
}

TEST_F(ExecutedLog, the_blocks_of_a_branch_are_executed_before_any_block_is_taken_back) {
    const auto height = test::busy_height();
    grow_to(height + 2);
    const auto below = test::recording().header(height - 1).value();
    const auto branch_with = [&](std::uint64_t gas) {
        std::vector<NewBlock> out;
        auto parent = test::as_parent(below);
        for (auto at = height; at <= height + 2; ++at) {
            auto block = test::on_branch(at, parent, 1);
            EXPECT_TRUE(prove(block, parent));
            parent = test::as_parent(block.header);
            if (at == height) block.transactions[0].gas_spent += gas;
            out.push_back({std::move(block), {}, {}});
        }
        return out;
    };
    auto lie = branch_with(1);
    auto branch = branch_with(0);

    const auto refused = execution_->check_branch(*store_->snapshot(), below.height, lie, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().broken, Broken::gas_spent);
    const auto good = execution_->check_branch(*store_->snapshot(), below.height, branch, {});
    ASSERT_TRUE(good) << good.error().text;
    EXPECT_EQ(root(), recorded_root(height + 2)) << "nothing shows yet";

    ASSERT_TRUE(log_->apply({BlocksTakenBack{below.height, below.hash, log_->tip().hash, 1}, std::nullopt}));
    EXPECT_EQ(root(), below.state_hash);
    for (auto& block : branch) ASSERT_TRUE(log_->apply({std::move(block), std::nullopt}));
    EXPECT_EQ(root(), recorded_root(height + 2));
    reopen();
    EXPECT_EQ(root(), recorded_root(height + 2));
}

TEST_F(ExecutedLog, a_block_that_nobody_checked_is_not_taken_unless_it_executes) {
    auto wrong = test::recorded_answer(1);
    wrong.header.state_hash[0] ^= std::byte{1};
    wrong.header.hash = wrong.header.compute_hash();
    for (auto& event : wrong.events) event.origin = wrong.header.hash;

    const auto done = log_->apply({NewBlock{wrong, {}, {}}, std::nullopt});

    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, base::Error::Kind::invalid);
    EXPECT_EQ(log_->tip().height, 0U);
    EXPECT_TRUE(log_->apply({NewBlock{test::recorded_answer(1), {}, {}}, std::nullopt}));
    EXPECT_EQ(root(), recorded_root(1));
}

TEST_F(ExecutedLog, the_pool_has_what_is_announced_and_not_in_a_block) {
    const auto height = test::busy_height();
    grow_to(height - 1);
    const auto block = test::recorded_answer(height);
    const auto& tx = block.transactions[0].inner;
    PoolChange change;
    change.added.push_back({tx.id(), tx.encode(ledger::Envelope::boreas), 5});
    change.events.push_back(ledger::transaction_included(tx, height - 1));

    ASSERT_TRUE(log_->apply({std::move(change), {}}));
    EXPECT_EQ(pool_.gas_price(1).max, tx.gas_price());
    grow_to(height);

    EXPECT_EQ(pool_.next_nonce(tx.moonlight()->sender.bytes(), tx.moonlight()->nonce - 1), tx.moonlight()->nonce);
}

}  // namespace
}  // namespace rues::gateway
