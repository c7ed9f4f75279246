#include "chain/mempool.hpp"

#include <gtest/gtest.h>

#include "fixtures.hpp"

namespace rues::chain {
namespace {

using test::account;
using test::signed_by;
using test::transfer;

// LM 3.4: price descending, of equal prices the larger id first.
TEST(Mempool, best_price_first_then_larger_id) {
    Mempool pool;
    for (std::uint64_t nonce = 1; nonce <= 4; ++nonce) pool.insert(signed_by(1, transfer(nonce, nonce < 4 ? 2 : 5)), 0);
    const auto order = pool.eligible(0);
    ASSERT_EQ(order.size(), 4U);
    EXPECT_EQ(order[0]->tx.gas_price(), 5U);
    EXPECT_GT(order[1]->tx.id(), order[2]->tx.id());
    EXPECT_GT(order[2]->tx.id(), order[3]->tx.id());
    EXPECT_EQ(pool.lowest_price(), 2U);
}

TEST(Mempool, a_cascade_ends_at_the_first_hole_and_at_the_account) {
    Mempool pool;
    for (const std::uint64_t nonce : {1U, 2U, 3U, 5U}) pool.insert(signed_by(1, transfer(nonce)), 0);
    pool.insert(signed_by(0, transfer(4, 1, 0)), 0);
    const auto out = pool.cascade(pool.find(account(1), 2)->tx.id());
    ASSERT_EQ(out.size(), 2U);
    EXPECT_EQ(pool.find(out[0])->tx.moonlight()->nonce, 2U);
    EXPECT_EQ(pool.find(out[1])->tx.moonlight()->nonce, 3U);
    EXPECT_EQ(pool.next_nonce(account(1), 0), 4U);
}

TEST(Mempool, only_what_waited_long_enough_is_eligible) {
    Mempool pool;
    pool.insert(signed_by(1, transfer(1)), 100);
    EXPECT_TRUE(pool.eligible(99).empty());
    EXPECT_EQ(pool.eligible(100).size(), 1U);
    EXPECT_TRUE(pool.older_than(100).empty());
    EXPECT_EQ(pool.older_than(101).size(), 1U);
}

// LM 3.5: mean rounded up, all 1 when empty.
TEST(Mempool, gas_price_is_that_of_the_best_paying) {
    Mempool pool;
    const auto empty = pool.gas_price(10);
    EXPECT_EQ(empty.average + empty.max + empty.median + empty.min, 4U);
    const std::uint64_t prices[] = {1, 4, 6};
    for (std::uint64_t i = 0; i < 3; ++i) pool.insert(signed_by(1, transfer(i + 1, prices[i])), 0);
    const auto all = pool.gas_price(10);
    EXPECT_EQ(all.average, 4U);  // 11 / 3
    EXPECT_EQ(all.max, 6U);
    EXPECT_EQ(all.median, 4U);
    EXPECT_EQ(all.min, 1U);
    EXPECT_EQ(pool.gas_price(2).min, 4U);
}

TEST(Mempool, an_erased_entry_leaves_nothing_behind) {
    Mempool pool;
    const auto tx = signed_by(1, transfer(1));
    pool.insert(tx, 0);
    EXPECT_TRUE(pool.erase(tx.id()));
    EXPECT_FALSE(pool.erase(tx.id()));
    EXPECT_EQ(pool.find(account(1), 1), nullptr);
    EXPECT_TRUE(pool.ranks().empty());
    EXPECT_FALSE(pool.first_entered());
}

}  // namespace
}  // namespace rues::chain
