#include "gateway/execution.hpp"

#include <gmock/gmock.h>

#include <thread>

#include "chain/given_block.hpp"
#include "unit/chain/machine.hpp"
#include "unit/gateway/recorded_blocks.hpp"

namespace rues::gateway {
namespace {

using test::parent_of;
using test::recorded_answer;

/// A gateway's contracts, which begin with the genesis of the recorded chains.
class Executed {
public:
    explicit Executed(std::size_t height = 0)
        : execution(chain::test::machine(), queries_, {0, 0, {}, chain::test::default_genesis_state()}) {
        while (tip_ < height) grow();
    }
    void grow() {
        auto block = recorded_answer(tip_ + 1);
        const auto wrong = fault_in(block);
        if (wrong) throw std::runtime_error(wrong->text);
        execution.changes_of(block).value();
        execution.advance();
        ++tip_;
    }
    /// What is wrong with a block that stands the checks of its header.
    std::optional<Fault> fault_in(BlockAnswer& block, const std::function<bool()>& is_over = {}) {
        if (const auto good = prove(block, parent_of(tip_ + 1)); !good) return good.error();
        const auto good = execution.check(block, is_over);
        return good ? std::nullopt : std::optional(good.error());
    }
    std::optional<Broken> broken_in(BlockAnswer block) {
        const auto wrong = fault_in(block);
        return wrong ? std::optional(wrong->broken) : std::nullopt;
    }
    base::Hash32 root() const { return execution.state()->state()->root(); }

private:
    chain::Queries queries_{chain::test::machine(), {}};
    std::size_t tip_ = 0;

public:
    Execution execution;
};

/// The lowest recorded block with two transactions, one of which emitted two events that differ.
std::size_t telling_height() {
    for (std::size_t height = 1; height < test::recording().size(); ++height) {
        const auto block = recorded_answer(height);
        if (block.transactions.size() < 2) continue;
        for (std::size_t i = 1; i < block.events.size(); ++i) {
            const auto& [one, other] = std::tie(block.events[i - 1], block.events[i]);
            if (one.origin == other.origin && one.origin != block.header.hash && one.topic != other.topic)
                return height;
        }
    }
    throw std::runtime_error("no recorded block is like that");
}

TEST(Execution, every_block_of_a_real_node_has_the_outcome_that_it_said) {
    Executed own;
    for (std::size_t height = 1; height < test::recording().size(); ++height) {
        ASSERT_NO_THROW(own.grow()) << height;
        EXPECT_EQ(own.root(), test::recording().header(height).value().state_hash) << height;
        EXPECT_EQ(own.execution.state()->height(), height);
    }
}

/// Every lie that no header disproves (docs/decisions/0033): `prove` alone takes all of these answers.
TEST(Execution, the_lies_that_a_header_does_not_disprove_are_found) {
    const auto height = telling_height();
    Executed own(height - 1);
    const auto honest = recorded_answer(height);
    const auto lie = [&honest](const auto& tell) {
        auto block = honest;
        tell(block);
        return block;
    };
    const auto pair = [&honest] {
        for (std::size_t i = 1;; ++i) {
            if (honest.events[i - 1].origin == honest.events[i].origin &&
                honest.events[i].origin != honest.header.hash && honest.events[i - 1].topic != honest.events[i].topic)
                return i;
        }
    }();
    const auto foreign = [&honest](const ledger::ContractEvent& event) {
        const auto& first = honest.transactions[0].inner.id();
        return event.origin == first ? honest.transactions[1].inner.id() : first;
    };

    EXPECT_EQ(own.broken_in(honest), std::nullopt);
    EXPECT_EQ(own.broken_in(lie([&](auto& block) { std::swap(block.events[pair - 1], block.events[pair]); })),
              Broken::events);
    EXPECT_EQ(own.broken_in(lie([&](auto& block) { block.events[pair].origin = foreign(block.events[pair]); })),
              Broken::events);
    EXPECT_EQ(own.broken_in(lie([](auto& block) { block.events.push_back(block.events.back()); })), Broken::events);
    EXPECT_EQ(own.broken_in(lie([](auto& block) { block.transactions[0].gas_spent += 1; })), Broken::gas_spent);
    EXPECT_EQ(own.broken_in(lie([](auto& block) { block.transactions[0].error = "OutOfGas"; })), Broken::error);
    EXPECT_EQ(own.broken_in(honest), std::nullopt) << "a lie leaves nothing";
}

/// A liar who makes headers of its own, whose hashes are right.
TEST(Execution, a_header_with_a_state_that_its_block_does_not_give_is_found) {
    const auto height = test::busy_height();
    Executed own(height - 1);
    const auto forged = [&](const auto& change) {
        auto block = recorded_answer(height);
        const auto before = block.header.hash;
        change(block);
        block.header.hash = block.header.compute_hash();
        for (auto& event : block.events) {
            if (event.origin == before) event.origin = block.header.hash;
        }
        return block;
    };

    EXPECT_EQ(own.broken_in(forged([](auto& block) { block.header.state_hash[0] ^= std::byte{1}; })),
              Broken::state_hash);
    EXPECT_EQ(own.broken_in(forged([](auto& block) { block.header.generator = chain::test::account(1); })),
              Broken::executable)
        << "the rewards are those of another generator";
    EXPECT_EQ(own.broken_in(forged([](auto& block) { block.header.gas_limit += 1; })), Broken::executable);
    EXPECT_EQ(own.broken_in(forged([](auto& block) { block.header.faultroot[0] = std::byte{1}; })), Broken::unexecuted);
    EXPECT_EQ(own.broken_in(forged([](auto&) {})), std::nullopt);
}

TEST(Execution, an_execution_that_is_over_says_nothing_of_the_node) {
    const auto height = test::busy_height();
    Executed own(height - 1);
    auto block = recorded_answer(height);
    std::optional<Fault> wrong;
    {
        const std::jthread ticks([](const std::stop_token& stop) {
            while (!stop.stop_requested()) chain::test::machine().tick();
        });
        for (int i = 0; i < 1'000 && !wrong; ++i) wrong = own.fault_in(block, [] { return true; });  // until it ticks
    }

    ASSERT_TRUE(wrong);
    EXPECT_EQ(wrong->broken, Broken::unexecuted);
    EXPECT_EQ(own.broken_in(recorded_answer(height)), std::nullopt);
}

TEST(Execution, the_text_of_a_failed_deployment_is_the_machines_own) {
    const auto is_failed = [](const auto& tx) { return chain::is_failed_deployment(tx.error); };
    std::size_t height = 1;
    while (std::ranges::none_of(recorded_answer(height).transactions, is_failed)) ++height;
    Executed own(height - 1);
    auto block = recorded_answer(height);
    auto other = block;
    std::ranges::find_if(other.transactions, is_failed)->error = "Panic: failed deployment: what a liar likes";

    EXPECT_FALSE(own.fault_in(block));
    EXPECT_FALSE(own.fault_in(other));

    for (std::size_t i = 0; i < block.transactions.size(); ++i)
        EXPECT_EQ(other.transactions[i].error, block.transactions[i].error) << i;
}

TEST(Execution, a_block_that_was_not_checked_is_executed_for_its_changes) {
    Executed own;
    const auto first = recorded_answer(1);
    auto proved = first;
    ASSERT_TRUE(prove(proved, parent_of(1)));

    const auto changes = own.execution.changes_of(proved);
    ASSERT_TRUE(changes) << changes.error().text;
    EXPECT_FALSE(changes->pages.empty());
    EXPECT_EQ(own.execution.state()->height(), 0U) << "nothing shows yet";
    own.execution.advance();

    EXPECT_EQ(own.root(), first.header.state_hash);
}

}  // namespace
}  // namespace rues::gateway
