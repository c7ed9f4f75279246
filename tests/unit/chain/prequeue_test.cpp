#include "chain/prequeue.hpp"

#include <gtest/gtest.h>

#include "fixtures.hpp"

namespace rues::chain {
namespace {

using namespace std::chrono_literals;
using base::Bytes;
using test::account;
using test::signed_by;
using test::transfer;
using Outcome = Prequeue::Outcome;

constexpr Prequeue::Time kStart{};

Prequeue::Key key(std::uint64_t nonce, std::size_t of = 1) {
    return {account(of), nonce};
}

TEST(Prequeue, a_staged_transaction_is_found_and_taken_once) {
    Prequeue queue({1'000, 64});
    const auto tx = signed_by(1, transfer(3));
    EXPECT_EQ(queue.stage(tx, kStart).outcome, Outcome::staged);
    EXPECT_EQ(queue.find(key(3))->id(), tx.id());
    EXPECT_EQ(queue.take(key(3))->id(), tx.id());
    EXPECT_FALSE(queue.take(key(3)));
    EXPECT_EQ(queue.find(key(3)), nullptr);
    EXPECT_EQ(queue.size(), 0U);
    EXPECT_FALSE(queue.next_due());
}

// docs/reference/rusk-1.7.md 7.5: only a strictly higher price replaces, and the timers start again.
TEST(Prequeue, a_higher_price_replaces_and_starts_the_attempts_again) {
    Prequeue queue({1'000, 64});
    const auto first = signed_by(1, transfer(3, 2));
    queue.stage(first, kStart);
    EXPECT_EQ(queue.stage(first, kStart).outcome, Outcome::present);
    auto other = transfer(3, 2);
    other.value = 78;
    EXPECT_EQ(queue.stage(signed_by(1, other), kStart).outcome, Outcome::superseded);
    for (unsigned i = 1; i < Prequeue::kMaxAttempts; ++i) EXPECT_TRUE(queue.try_again_later(key(3), kStart));

    const auto better = queue.stage(signed_by(1, transfer(3, 3)), kStart + 1s);

    EXPECT_EQ(better.outcome, Outcome::replaced);
    EXPECT_EQ(better.replaced, first.id());
    EXPECT_EQ(queue.size(), 1U);
    EXPECT_EQ(queue.next_due(), kStart + 1s + Prequeue::kRetryEvery);
    for (unsigned i = 1; i < Prequeue::kMaxAttempts; ++i) EXPECT_TRUE(queue.try_again_later(key(3), kStart));
    EXPECT_FALSE(queue.try_again_later(key(3), kStart));
}

TEST(Prequeue, both_limits_hold_and_taking_an_entry_makes_room) {
    Prequeue queue({3, 2});
    EXPECT_EQ(queue.stage(signed_by(1, transfer(3)), kStart).outcome, Outcome::staged);
    EXPECT_EQ(queue.stage(signed_by(1, transfer(4)), kStart).outcome, Outcome::staged);
    EXPECT_EQ(queue.stage(signed_by(1, transfer(5)), kStart).outcome, Outcome::account_full);
    EXPECT_EQ(queue.stage(signed_by(0, transfer(3, 1, 0)), kStart).outcome, Outcome::staged);
    EXPECT_EQ(queue.stage(signed_by(1, transfer(3, 2)), kStart).outcome, Outcome::replaced);  // needs no room
    // No other account holds more.
    EXPECT_EQ(queue.stage(signed_by(0, transfer(4, 1, 0)), kStart).outcome, Outcome::full);
    queue.take(key(4));
    EXPECT_EQ(queue.stage(signed_by(1, transfer(5)), kStart).outcome, Outcome::staged);
}

TEST(Prequeue, the_largest_holder_gives_up_its_highest_nonce) {
    Prequeue queue({4, 4});
    for (const std::uint64_t nonce : {3U, 5U, 4U}) queue.stage(signed_by(1, transfer(nonce)), kStart);
    queue.stage(signed_by(0, transfer(3, 1, 0)), kStart);

    const auto result = queue.stage(signed_by(2, transfer(3, 1, 2)), kStart);

    EXPECT_EQ(result.outcome, Outcome::staged);
    EXPECT_EQ(result.gave_way, (std::vector{signed_by(1, transfer(5)).id()}));
    EXPECT_EQ(queue.find(key(5)), nullptr);
    EXPECT_EQ(queue.size(), 4U);
    EXPECT_EQ(queue.due(kStart + Prequeue::kRetryEvery).size(), 4U);
}

TEST(Prequeue, the_largest_holder_of_bytes_gives_up_as_many_entries_as_needed_or_none) {
    const auto of = [](std::size_t who, std::uint64_t nonce, std::size_t memo) {
        auto body = transfer(nonce, 1, who);
        body.data = ledger::Memo{base::Bytes(memo)};
        return signed_by(who, body);
    };
    const auto small = of(1, 3, 10);
    Prequeue queue({10, 10, 4 * small.size()});
    for (std::uint64_t nonce = 3; nonce <= 6; ++nonce) queue.stage(of(1, nonce, 10), kStart);

    EXPECT_EQ(queue.stage(of(0, 3, 10 + 2 * small.size() + 1), kStart).outcome, Outcome::full);  // it would hold more
    EXPECT_EQ(queue.size(), 4U);
    const auto result = queue.stage(of(0, 3, small.size()), kStart);

    EXPECT_EQ(result.outcome, Outcome::staged);
    EXPECT_EQ(result.gave_way, (std::vector{of(1, 6, 10).id(), of(1, 5, 10).id()}));
    EXPECT_EQ(queue.size(), 3U);
    EXPECT_LE(queue.bytes(), 4 * small.size());
}

TEST(Prequeue, all_entries_together_have_a_limit_in_bytes) {
    const auto first = signed_by(1, transfer(3));
    Prequeue queue({10, 10, 2 * first.size()});
    EXPECT_EQ(queue.stage(first, kStart).outcome, Outcome::staged);
    auto larger = transfer(4);
    larger.data = ledger::Memo{base::Bytes(1)};
    EXPECT_EQ(queue.stage(signed_by(1, larger), kStart).outcome, Outcome::full);
    EXPECT_EQ(queue.stage(signed_by(1, transfer(4)), kStart).outcome, Outcome::staged);
    larger.gas_price = 2;
    EXPECT_EQ(queue.stage(signed_by(1, larger), kStart).outcome, Outcome::full);  // a replacement must fit as well
    EXPECT_EQ(queue.bytes(), 2 * first.size());
    queue.take(key(3));
    EXPECT_EQ(queue.stage(signed_by(1, larger), kStart).outcome, Outcome::replaced);
}

TEST(Prequeue, due_transactions_come_in_the_order_of_staging) {
    Prequeue queue({1'000, 64});
    for (const std::uint64_t nonce : {9U, 3U, 5U}) queue.stage(signed_by(1, transfer(nonce)), kStart);
    queue.stage(signed_by(1, transfer(2)), kStart + 1ms);
    EXPECT_TRUE(queue.due(kStart + Prequeue::kRetryEvery - 1ms).empty());
    EXPECT_EQ(queue.due(kStart + Prequeue::kRetryEvery), (std::vector{key(9), key(3), key(5)}));
    EXPECT_TRUE(queue.try_again_later(key(9), kStart + Prequeue::kRetryEvery));
    EXPECT_EQ(queue.due(kStart + Prequeue::kRetryEvery * 2), (std::vector{key(3), key(5), key(2), key(9)}));
}

// Recorded: 5.40 to 5.79 s from `deferred` to `dropped`.
TEST(Prequeue, attempts_take_as_long_as_on_the_recorded_node) {
    const auto all = Prequeue::kRetryEvery * Prequeue::kMaxAttempts;
    EXPECT_GE(all, 5'400ms);
    EXPECT_LE(all, 5'790ms);
}

}  // namespace
}  // namespace rues::chain
