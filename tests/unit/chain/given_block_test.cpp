#include "chain/given_block.hpp"

#include <gmock/gmock.h>

#include "machine.hpp"

namespace rues::chain {
namespace {

using test::profile;
using test::signed_by;
using test::transfer;
using testing::HasSubstr;

using Kind = NotExecuted::Kind;

ledger::Header header_at(std::uint64_t height) {
    ledger::Header out;
    out.height = height;
    out.gas_limit = kBlockGasLimit;
    out.generator = profile(0).public_key().bytes();
    return out;
}
auto executed(const GivenBlock& block, TransactionBounds bounds = {}) {
    return execute_given(test::machine(), test::default_genesis_state(), block, std::move(bounds));
}
NotExecuted refusal(const GivenBlock& block) {
    const auto done = executed(block);
    EXPECT_FALSE(done);
    return done ? NotExecuted{} : done.error();
}
BlockExecution::Outcome made(BlockContext context, const ledger::Transaction& tx) {
    BlockExecution block(test::machine(), test::default_genesis_state(), std::move(context));
    EXPECT_TRUE(block.begin());
    EXPECT_TRUE(block.add(tx));
    return std::move(block).finish().value();
}

TEST(GivenBlock, has_the_outcome_of_the_block_that_was_made) {
    const auto tx = signed_by(1, transfer(1));
    const auto first = made(test::context_at(1), tx);

    const auto again = executed({header_at(1), {&tx}});

    ASSERT_TRUE(again) << again.error().text;
    EXPECT_EQ(again->commit.state->root(), first.commit.state->root());
    EXPECT_EQ(again->events({}), first.events({}));
    EXPECT_EQ(again->transactions.at(0).gas_spent, first.transactions.at(0).gas_spent);
}

TEST(GivenBlock, the_voters_of_a_block_are_taken_from_its_rewards) {
    const auto tx = signed_by(1, transfer(1));
    auto context = test::context_at(2);
    context.voters = {{profile(1).public_key(), 70}, {profile(0).public_key(), 30}};
    const auto first = made(context, tx);
    auto header = header_at(2);
    header.prev_block_cert.validation.bitset = 5;
    const auto told = ledger::reward_event(rewards_of(context, first.fees));

    const auto with = executed({header, {&tx}, 0, told});
    const auto without = executed({header, {&tx}});

    ASSERT_TRUE(with) << with.error().text;
    EXPECT_EQ(with->commit.state->root(), first.commit.state->root());
    ASSERT_TRUE(without);
    EXPECT_NE(without->commit.state->root(), first.commit.state->root());
}

TEST(GivenBlock, rewards_that_do_not_follow_from_the_fees_are_refused) {
    const auto tx = signed_by(1, transfer(1));
    auto context = test::context_at(2);
    context.voters = {{profile(1).public_key(), 70}, {profile(0).public_key(), 30}};
    const auto fees = made(context, tx).fees;
    const auto good = rewards_of(context, fees);
    const auto changed = [&good](std::size_t at, const auto& change) {
        auto list = good;
        change(list.at(at));
        return ledger::reward_event(list);
    };
    const std::vector<base::Bytes> wrong{
        changed(0, [](auto& reward) { ++reward.value; }),
        changed(0, [](auto& reward) { reward.account = profile(1).public_key(); }),
        changed(2, [](auto& reward) { reward.reason = ledger::RewardReason::other; }),
        changed(3, [](auto& reward) { ++reward.value; }),
        changed(3, [](auto& reward) { reward.value = 0; }),
        changed(3, [](auto& reward) { reward.value = reward.value / 70 * 99; }),  // 129 credits
        base::Bytes{std::byte{1}},
        {},
    };

    EXPECT_TRUE(may_be_rewards(context, fees, ledger::reward_event(good)));
    for (std::size_t i = 0; i < wrong.size(); ++i) {
        EXPECT_FALSE(may_be_rewards(context, fees, wrong[i])) << i;
        const auto why = refusal({header_at(2), {&tx}, 0, wrong[i]});
        EXPECT_EQ(why.kind, Kind::refused) << i;
        EXPECT_EQ(why.text, "block 2: its rewards do not follow from its fees") << i;
    }
}

TEST(GivenBlock, a_block_beyond_the_limits_of_the_network_is_refused) {
    auto much_gas = header_at(1);
    much_gas.gas_limit = kBlockGasLimit + 1;
    auto no_key = header_at(1);
    no_key.generator = {};
    auto body = transfer(1);
    body.data = ledger::Memo{base::Bytes(512)};
    const auto tx = signed_by(1, body);
    const std::vector<const ledger::Transaction*> many(kMaxBlockBytes / tx.size() + 1, &tx);

    EXPECT_THAT(refusal({much_gas, {}}).text, HasSubstr("its gas limit is 3000000001"));
    EXPECT_THAT(refusal({no_key, {}}).text, HasSubstr("its generator is not a key"));
    EXPECT_THAT(refusal({header_at(1), many}).text, HasSubstr("its transactions have"));
}

TEST(GivenBlock, a_transaction_that_cannot_be_executed_is_named) {
    const auto first = signed_by(1, transfer(1));
    const auto gap = signed_by(1, transfer(3));

    const auto why = refusal({header_at(1), {&first, &gap}});

    EXPECT_EQ(why.kind, Kind::refused);
    EXPECT_EQ(why.text, "block 1: transaction " + base::to_hex(gap.id()) + " cannot be executed: NotReady");
}

TEST(GivenBlock, a_block_that_takes_stake_is_not_executed) {
    auto failed = header_at(1);
    failed.failed_iterations = {std::nullopt, ledger::FailedIteration{}};
    auto faults = header_at(1);
    faults.faultroot[0] = std::byte{1};
    auto not_attested = header_at(1);
    not_attested.failed_iterations = {std::nullopt};

    EXPECT_EQ(refusal({failed, {}}).kind, Kind::unknown);
    EXPECT_EQ(refusal({faults, {}}).kind, Kind::unknown);
    EXPECT_TRUE(executed({not_attested, {}}));
}

}  // namespace
}  // namespace rues::chain
