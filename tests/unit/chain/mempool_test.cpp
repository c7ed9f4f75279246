#include "chain/mempool.hpp"

#include <gtest/gtest.h>

#include <random>

#include "fixtures.hpp"

namespace rues::chain {
namespace {

using test::account;
using test::signed_by;
using test::transfer;
using namespace std::chrono_literals;

constexpr Mempool::Time kStart{};

// docs/reference/ledger.md 3.4: price descending; among equal prices the larger id first.
TEST(Mempool, the_best_price_comes_first_then_the_larger_id) {
    Mempool pool;
    for (std::uint64_t nonce = 1; nonce <= 4; ++nonce)
        pool.insert(signed_by(1, transfer(nonce, nonce < 4 ? 2 : 5)), kStart);
    const auto order = pool.eligible(kStart);
    ASSERT_EQ(order.size(), 4U);
    EXPECT_EQ(order[0]->tx.gas_price(), 5U);
    EXPECT_GT(order[1]->tx.id(), order[2]->tx.id());
    EXPECT_GT(order[2]->tx.id(), order[3]->tx.id());
    EXPECT_EQ(pool.lowest_price(), 2U);
}

TEST(Mempool, a_cascade_ends_at_a_missing_nonce_and_stays_within_its_account) {
    Mempool pool;
    for (const std::uint64_t nonce : {1U, 2U, 3U, 5U}) pool.insert(signed_by(1, transfer(nonce)), kStart);
    pool.insert(signed_by(0, transfer(4, 1, 0)), kStart);
    const auto out = pool.cascade(pool.find(account(1), 2)->tx.id());
    ASSERT_EQ(out.size(), 2U);
    EXPECT_EQ(pool.find(out[0])->tx.moonlight()->nonce, 2U);
    EXPECT_EQ(pool.find(out[1])->tx.moonlight()->nonce, 3U);
    EXPECT_EQ(pool.next_nonce(account(1), 0), 4U);
}

TEST(Mempool, only_entries_that_waited_long_enough_are_eligible) {
    Mempool pool;
    pool.insert(signed_by(1, transfer(1)), kStart + 100ms);
    EXPECT_TRUE(pool.eligible(kStart + 99ms).empty());
    EXPECT_EQ(pool.eligible(kStart + 100ms).size(), 1U);
    EXPECT_TRUE(pool.entered_by(kStart + 99ms).empty());
    EXPECT_EQ(pool.entered_by(kStart + 100ms).size(), 1U);
}

// docs/reference/ledger.md 3.5: the mean is rounded up; all prices are 1 when the pool is empty.
TEST(Mempool, gas_prices_cover_the_best_paying_entries) {
    Mempool pool;
    const auto empty = pool.gas_price(10);
    EXPECT_EQ(empty.average + empty.max + empty.median + empty.min, 4U);
    const std::uint64_t prices[] = {1, 4, 6};
    for (std::uint64_t i = 0; i < 3; ++i) pool.insert(signed_by(1, transfer(i + 1, prices[i])), kStart);
    const auto all = pool.gas_price(10);
    EXPECT_EQ(all.average, 4U);  // 11 / 3
    EXPECT_EQ(all.max, 6U);
    EXPECT_EQ(all.median, 4U);
    EXPECT_EQ(all.min, 1U);
    EXPECT_EQ(pool.gas_price(2).min, 4U);
    EXPECT_EQ(pool.gas_price(0).max, 1U);
    pool.insert(signed_by(1, transfer(4, 9)), kStart);
    EXPECT_EQ(pool.gas_price(1).max, 9U);
    pool.erase(pool.find(account(1), 4)->tx.id());
    EXPECT_EQ(pool.gas_price(1).max, 6U);
}

TEST(Mempool, the_mean_is_exact_when_prices_add_up_to_more_than_64_bits) {
    Mempool pool;
    constexpr auto kMax = std::numeric_limits<std::uint64_t>::max();
    for (std::uint64_t nonce = 1; nonce <= 3; ++nonce)
        pool.insert(ledger::Transaction(transfer(nonce, kMax - nonce)), kStart);
    EXPECT_EQ(pool.gas_price(3).average, kMax - 2);
    EXPECT_EQ(pool.gas_price(2).average, kMax - 1);  // a half is rounded up
    EXPECT_EQ(pool.gas_price(2).median, kMax - 2);
}

TEST(Mempool, an_erased_entry_leaves_nothing_behind) {
    Mempool pool;
    const auto tx = signed_by(1, transfer(1));
    pool.insert(tx, kStart);
    EXPECT_TRUE(pool.erase(tx.id()));
    EXPECT_FALSE(pool.erase(tx.id()));
    EXPECT_EQ(pool.find(account(1), 1), nullptr);
    EXPECT_TRUE(pool.ranks().empty());
    EXPECT_FALSE(pool.oldest());
    EXPECT_FALSE(pool.oldest_head());
    EXPECT_EQ(pool.next_nonce(account(1), 0), 1U);
}

TEST(Mempool, only_the_lowest_nonce_of_an_account_is_a_head) {
    Mempool pool;
    const auto second = signed_by(1, transfer(2));
    pool.insert(second, kStart);
    EXPECT_EQ(pool.oldest_head(), kStart);
    const auto first = signed_by(1, transfer(1));
    pool.insert(first, kStart + 5ms);
    EXPECT_EQ(pool.oldest_head(), kStart + 5ms);
    EXPECT_EQ(pool.oldest(), kStart);
    pool.insert(signed_by(0, transfer(1, 1, 0)), kStart + 7ms);
    EXPECT_EQ(pool.oldest_head(), kStart + 5ms);
    pool.erase(first.id());
    EXPECT_EQ(pool.oldest_head(), kStart);
    pool.erase(second.id());
    EXPECT_EQ(pool.oldest_head(), kStart + 7ms);
}

// A walk over the account's transactions would take 3,000 million steps here.
TEST(Mempool, next_nonce_does_not_walk_the_transactions_of_an_account) {
    constexpr std::uint64_t kPooled = 10'000;
    Mempool pool;
    for (std::uint64_t nonce = 1; nonce <= kPooled; ++nonce) pool.insert(ledger::Transaction(transfer(nonce)), kStart);
    const auto sender = account(1);

    std::uint64_t right = 0;
    for (int i = 0; i < 300'000; ++i) {
        if (pool.next_nonce(sender, 0) == kPooled + 1) ++right;
    }

    EXPECT_EQ(right, 300'000U);
}

// Compares with the definition, for random orders of arrivals and departures.
TEST(Mempool, next_nonces_and_heads_agree_with_a_walk_over_all_entries) {
    std::mt19937 random(1);
    const auto below = [&](std::uint64_t n) { return std::uniform_int_distribution<std::uint64_t>(0, n - 1)(random); };
    Mempool pool;
    std::map<std::pair<std::size_t, std::uint64_t>, std::pair<ledger::TxId, Mempool::Time>> there;
    for (int round = 0; round < 5'000; ++round) {
        const auto from = below(2);
        const auto nonce = 1 + below(12);
        if (const auto found = there.find({from, nonce}); found != there.end()) {
            EXPECT_TRUE(pool.erase(found->second.first));
            there.erase(found);
        } else {
            const ledger::Transaction tx(transfer(nonce, 1 + below(3), from));
            const auto entered = kStart + std::chrono::milliseconds(below(20));
            pool.insert(tx, entered);
            there[{from, nonce}] = {tx.id(), entered};
        }

        std::optional<Mempool::Time> oldest;
        std::optional<Mempool::Time> oldest_head;
        for (std::size_t account_number = 0; account_number < 2; ++account_number) {
            bool is_head = true;
            for (std::uint64_t at = 0; at < 13; ++at) {
                auto expected = at + 1;
                while (there.contains({account_number, expected})) ++expected;
                ASSERT_EQ(pool.next_nonce(account(account_number), at), expected);
                const auto found = there.find({account_number, at});
                if (found == there.end()) continue;
                const auto entered = found->second.second;
                oldest = std::min(oldest.value_or(entered), entered);
                if (std::exchange(is_head, false)) oldest_head = std::min(oldest_head.value_or(entered), entered);
            }
        }
        ASSERT_EQ(pool.oldest(), oldest);
        ASSERT_EQ(pool.oldest_head(), oldest_head);
        ASSERT_EQ(pool.size(), there.size());
    }
}

}  // namespace
}  // namespace rues::chain
