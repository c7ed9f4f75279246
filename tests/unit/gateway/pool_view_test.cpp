#include "gateway/pool_view.hpp"

#include <gtest/gtest.h>

#include "unit/chain/fixtures.hpp"

namespace rues::gateway {
namespace {

using chain::test::account;
using chain::test::signed_by;
using chain::test::transfer;

store::PooledTransaction pooled(const ledger::Transaction& tx) {
    return {tx.id(), tx.encode(ledger::Envelope::boreas), 1};
}

TEST(PoolView, next_nonces_and_prices_are_those_of_the_pooled_transactions) {
    const auto first = signed_by(1, transfer(6, 7));
    const auto second = signed_by(1, transfer(7, 3));
    PoolView pool;
    pool.add(std::vector{pooled(first), pooled(second)});

    EXPECT_EQ(pool.next_nonce(account(1), 5), 8U);
    EXPECT_EQ(pool.next_nonce(account(2), 5), 6U);
    EXPECT_EQ(pool.gas_price(10).max, 7U);

    pool.remove(std::vector{first.id()});
    EXPECT_EQ(pool.next_nonce(account(1), 6), 8U);
    EXPECT_EQ(pool.gas_price(10).max, 3U);
}

TEST(PoolView, transactions_that_no_real_pool_has_together_are_left_out) {
    const auto first = signed_by(1, transfer(6, 7));
    const auto rival = signed_by(1, transfer(6, 9));
    PoolView pool;

    pool.add(std::vector{pooled(first), pooled(first), pooled(rival), store::PooledTransaction{}});

    EXPECT_EQ(pool.gas_price(10).max, 7U);
    pool.remove(std::vector{rival.id(), first.id()});
    EXPECT_EQ(pool.next_nonce(account(1), 5), 6U);
}

}  // namespace
}  // namespace rues::gateway
