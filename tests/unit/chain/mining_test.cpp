#include <thread>

#include "local_chain.hpp"

namespace rues::chain {
namespace {

using namespace std::chrono_literals;
using test::account;
using test::Hold;
using test::LocalChain;
using test::signed_by;
using test::transfer;

/// Orders of many blocks, and blocks that the chain makes without an order.
class MiningOrders : public LocalChain {
protected:
    void look() {
        settle();
        settle();
    }
};

TEST_F(MiningOrders, a_transaction_that_arrives_during_an_order_waits_for_at_most_one_block) {
    begin();
    Hold hold;
    hold_chain(hold);
    auto order = mine_later(10'000);
    auto verdict = propagate_later(signed_by(1, transfer(1)));
    // There is one verify thread: when this returns, the thread has passed on the earlier transaction.
    ASSERT_TRUE(preverify(signed_by(0, transfer(1, 1, 0)).encode(ledger::Envelope::aegis)));
    hold.release();

    ASSERT_TRUE(verdict.get());
    const auto settled = mine_later(0).get();
    ASSERT_TRUE(settled);
    EXPECT_LT(*settled, 10'000U);
    const auto small = mine_later(1).get();
    ASSERT_TRUE(small);
    EXPECT_LT(*small, 10'000U);
    EXPECT_EQ(account_of(1).nonce, 1U);
    chain_->end_mining();
    EXPECT_FALSE(order.get());
    const auto first = store_->snapshot()->block(1);
    const auto second = store_->snapshot()->block(2);
    EXPECT_TRUE((*first)->transactions.empty());  // it came after the order
    EXPECT_EQ((*second)->transactions.size(), 1U);
}

TEST_F(MiningOrders, transactions_that_came_before_an_order_are_in_its_first_block) {
    begin();
    Hold hold;
    hold_chain(hold);
    auto verdict = propagate_later(signed_by(1, transfer(1)));
    ASSERT_TRUE(preverify(signed_by(0, transfer(1, 1, 0)).encode(ledger::Envelope::aegis)));
    auto order = mine_later(2);
    hold.release();

    ASSERT_TRUE(verdict.get());
    EXPECT_EQ(order.get().value_or(0), 2U);
    EXPECT_EQ((*store_->snapshot()->block(1))->transactions.size(), 1U);
}

TEST_F(MiningOrders, several_orders_take_turns) {
    begin();
    Hold hold;
    hold_chain(hold);
    auto large = mine_later(100);
    auto small = mine_later(2);
    auto smallest = mine_later(1);
    hold.release();

    EXPECT_LE(smallest.get().value_or(999), 4U);
    EXPECT_LE(small.get().value_or(999), 7U);
    EXPECT_EQ(large.get().value_or(0), 103U);
}

TEST_F(MiningOrders, end_mining_ends_an_order_between_two_blocks_and_refuses_new_ones) {
    begin();
    auto first = mine_later(10'000);
    auto second = mine_later(10'000);
    ASSERT_TRUE(wait_for_height(2));

    chain_->end_mining();

    for (auto* order : {&first, &second}) {
        const auto ended = order->get();
        ASSERT_FALSE(ended);
        EXPECT_EQ(ended.error().kind, Rejection::Kind::full);
        EXPECT_EQ(ended.error().text, "the node is stopping");
    }
    EXPECT_FALSE(try_mine(1));
    const auto tip = chain_->tip();
    EXPECT_LT(tip.height, 10'000U);
    EXPECT_TRUE(propagate(signed_by(1, transfer(1))));  // everything else goes on
    restart();
    EXPECT_EQ(chain_->tip().hash, tip.hash);
}

TEST_F(MiningOrders, a_chain_that_stops_answers_orders_under_way) {
    begin();
    auto order = mine_later(10'000);
    ASSERT_TRUE(wait_for_height(1));
    chain_->stop();
    const auto ended = order.get();
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().kind, Rejection::Kind::full);
}

TEST_F(MiningOrders, at_most_1024_orders_are_under_way) {
    begin();
    Hold hold;
    hold_chain(hold);
    std::vector<std::future<Numbered>> orders;
    for (int i = 0; i < 1'026; ++i) orders.push_back(mine_later(2));
    hold.release();
    const auto refused = orders.back().get();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Rejection::Kind::full);
    chain_->end_mining();
}

// The account's first transaction was replaced and is too young; its next one is old enough but cannot go first.
TEST_F(MiningOrders, instant_mode_seals_no_empty_block_while_the_oldest_transaction_waits_for_a_younger_one) {
    options_.mining = Mining::instant;
    begin();
    ASSERT_TRUE(propagate(signed_by(1, transfer(1, 1))));
    ASSERT_TRUE(propagate(signed_by(1, transfer(2, 1))));
    for (std::uint64_t price = 2; price < 9; ++price) {
        clock_.advance(250ms);
        ASSERT_TRUE(propagate(signed_by(1, transfer(1, price))));
        look();
        EXPECT_EQ(chain_->tip().height, 0U);
    }

    clock_.advance(300ms);

    ASSERT_TRUE(wait_for_height(1));
    EXPECT_EQ(account_of(1).nonce, 2U);
    look();
    EXPECT_EQ(chain_->tip().height, 1U);
}

// The older transaction cannot go first, so nothing is to be done before the younger one may go.
TEST_F(MiningOrders, in_instant_mode_the_thread_sleeps_until_a_block_would_take_a_transaction) {
    options_.mining = Mining::instant;
    options_.eligible_after = 10min;
    begin();
    ASSERT_TRUE(propagate(signed_by(1, transfer(1, 1))));
    ASSERT_TRUE(propagate(signed_by(1, transfer(2, 1))));
    clock_.advance(9min);
    ASSERT_TRUE(propagate(signed_by(1, transfer(1, 2))));  // takes the place of the first
    clock_.advance(2min);
    look();

    const auto before = clock_.looks();
    std::this_thread::sleep_for(100ms);
    EXPECT_LT(clock_.looks() - before, 100U) << "a thread that does not sleep looks at the clock many thousand times";
    EXPECT_EQ(chain_->tip().height, 0U);

    clock_.advance(9min);
    look();
    ASSERT_TRUE(wait_for_height(1));
    EXPECT_EQ(account_of(1).nonce, 2U);
}

// Only a damaged pool has a missing nonce. Nothing behind it could ever be executed, and a chain in instant mode would
// not stop trying.
TEST_F(MiningOrders, stored_transactions_behind_a_missing_nonce_are_removed_at_the_start) {
    options_.mining = Mining::instant;
    begin();
    std::vector<ledger::Transaction> sent;
    for (std::uint64_t nonce = 1; nonce <= 3; ++nonce) {
        sent.push_back(signed_by(1, transfer(nonce)));
        ASSERT_TRUE(propagate(sent.back()));
    }
    chain_.reset();
    store::MempoolCommit damage;
    damage.removed.push_back(sent[1].id());
    ASSERT_TRUE(store_->commit_mempool(damage));
    told();
    restart();
    settle();

    const std::vector<test::Told> left{{"removed", base::to_hex(sent[2].id()), ""}};
    EXPECT_EQ(told(), left);
    EXPECT_EQ(chain_->mempool_size(), 1U);
    clock_.advance(1s);
    ASSERT_TRUE(wait_for_height(1));
    look();
    EXPECT_LE(chain_->tip().height, 2U);
    EXPECT_EQ(chain_->mempool_size(), 0U);
}

}  // namespace
}  // namespace rues::chain
