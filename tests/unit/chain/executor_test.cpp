#include "chain/executor.hpp"

#include <gtest/gtest.h>

#include "fixtures.hpp"

namespace rues::chain {
namespace {

using test::account;
using test::FakeState;
using test::profile;
using test::signed_by;
using test::transfer;

constexpr std::uint64_t kCost = 1'852'671;  // docs/reference/rusk-1.7.md 7.3, measured

FakeState rich() {
    FakeState state;
    state.accounts[account(1)] = {0, 100'000'000};
    state.accounts[account(2)] = {0, 5};
    return state;
}
BlockExecution execution(const ledger::StateReader& state, std::uint64_t block_gas = 3'000'000'000) {
    BlockContext context;
    context.height = 1;
    context.block_gas_limit = block_gas;
    context.generator = profile(0).public_key();
    return {state, context, [](const auto&, const auto&) { return kCost; }};
}
Discard discarded(const FakeState& state, const ledger::Moonlight& tx, std::uint64_t block_gas = 3'000'000'000) {
    auto block = execution(state, block_gas);
    auto done = block.add(signed_by(1, tx));
    EXPECT_FALSE(done);
    return done ? Discard{} : done.error();
}

TEST(Executor, a_transfer_moves_its_value_and_costs_its_gas) {
    const auto state = rich();
    auto block = execution(state);
    ASSERT_TRUE(block.add(signed_by(1, transfer(1, 2))));
    const auto outcome = std::move(block).finish();
    EXPECT_EQ(outcome.changes.accounts.at(account(1)), (ledger::Account{1, 100'000'000 - 77 - 2 * kCost}));
    EXPECT_EQ(outcome.changes.accounts.at(account(2)), (ledger::Account{0, 82}));
    EXPECT_EQ(outcome.fees, 2 * kCost);
    EXPECT_EQ(outcome.transactions.at(0).gas_spent, kCost);
}

// docs/reference/ledger.md 5.1 and docs/reference/rusk-1.7.md 7.3.
TEST(Executor, what_cannot_be_spent_is_discarded_with_the_panic_of_the_contract) {
    const auto state = rich();
    auto tx = transfer(1);
    tx.chain_id = 1;
    EXPECT_EQ(discarded(state, tx).text, "Unspendable(Panic(\"The tx must target the correct chain\"))");
    EXPECT_EQ(discarded(FakeState{}, transfer(1)).text, "Unspendable(Panic(\"Account has no funds\"))");
    tx = transfer(1);
    tx.value = 100'000'000;
    EXPECT_EQ(discarded(state, tx).text, "Unspendable(Panic(\"Account doesn't have enough funds\"))");
    EXPECT_EQ(discarded(state, transfer(0)).text, "Unspendable(Panic(\"Already used nonce\"))");
    tx = transfer(1);
    tx.gas_limit = kCost - kRefundGas - 1;
    EXPECT_EQ(discarded(state, tx).text, "Unspendable(OutOfGas)");
    EXPECT_EQ(discarded(state, transfer(2)).kind, Discard::Kind::not_ready);
}

TEST(Executor, a_limit_just_below_the_cost_is_spent_whole) {
    const auto state = rich();
    auto block = execution(state);
    auto tx = transfer(1);
    tx.gas_limit = kCost - kRefundGas;
    ASSERT_TRUE(block.add(signed_by(1, tx)));
    EXPECT_EQ(std::move(block).finish().transactions.at(0).gas_spent, kCost - kRefundGas);
}

TEST(Executor, a_failed_call_spends_its_limit_and_gives_the_deposit_back) {
    const auto state = rich();
    auto block = execution(state);
    auto tx = transfer(1);
    tx.value = 0;
    tx.deposit = 1'000;
    tx.receiver.reset();
    tx.data = ledger::Call{ledger::ContractId{}, "f", {}};
    ASSERT_TRUE(block.add(signed_by(1, tx)));
    const auto outcome = std::move(block).finish();
    EXPECT_EQ(outcome.transactions.at(0).error, "Contract does not exist");
    EXPECT_EQ(outcome.changes.accounts.at(account(1)).balance, 90'000'000U);
}

TEST(Executor, a_transaction_waits_for_the_next_block_but_not_for_one_that_cannot_come) {
    const auto state = rich();
    auto block = execution(state, kCost + 1);
    ASSERT_TRUE(block.add(signed_by(1, transfer(1))));
    const auto second = block.add(signed_by(1, transfer(2)));
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, Discard::Kind::no_room);
    EXPECT_EQ(discarded(state, transfer(1), kCost - 1).kind, Discard::Kind::unspendable);
}

// docs/reference/ledger.md 10.8: 70 % to the generator, a tenth to Dusk, an extra tenth and the voters' tenth for a
// full certificate.
TEST(Executor, rewards_are_shared_by_credits) {
    const FakeState state;
    const auto rewards_for = [&](std::uint64_t credits) {
        BlockContext context;
        context.height = 2;
        context.generator = profile(0).public_key();
        if (credits > 0) context.voters.emplace_back(context.generator, credits);
        return BlockExecution(state, context, gas_cost);
    };
    const auto first = rewards_for(0).finish();
    ASSERT_EQ(first.rewards.size(), 2U);
    EXPECT_EQ(first.rewards[0].value, 13'900'180'000U);
    EXPECT_EQ(first.rewards[1].value, 1'985'740'000U);
    const auto full = rewards_for(kCredits).finish();
    ASSERT_EQ(full.rewards.size(), 4U);
    EXPECT_EQ(full.rewards[2].value, 1'985'740'000U);
    EXPECT_EQ(full.rewards[3].value, 128U * 15'513'593U);
}

}  // namespace
}  // namespace rues::chain
