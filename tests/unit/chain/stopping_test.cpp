// Transactions that run too long are ended by bounds of this node, not of the network (docs/reference/differences.md
// 34), so nothing of them may get into a block.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "chain/given_block.hpp"
#include "chain/simulation.hpp"
#include "crypto/hash.hpp"
#include "local_chain.hpp"
#include "support/test_contract.hpp"

namespace rues::chain {
namespace {

using test::context_at;
using test::signed_by;
using test::transfer;

/// Advances the clock of running calls.
class Ticking {
    Queries queries_{test::machine(), {}};
    const Ticker::Need need_{&queries_.ticker()};
};

/// A contract with a function that loops for ever.
base::Bytes spinning(std::string_view function) {
    namespace op = vm::test::op;
    vm::test::TestContract contract;
    contract.function(function, vm::test::code(op::loop(), op::br(0), op::end, op::i32_const(0)));
    return contract.build();
}

ledger::Transaction deployment(std::string_view function, std::uint64_t gas_limit) {
    ledger::Deploy deploy;
    deploy.bytecode = spinning(function);
    deploy.bytecode_hash = crypto::blake3(deploy.bytecode);
    deploy.owner.assign(96, std::byte{1});
    auto body = transfer(1, kMinDeployPrice);
    body.receiver.reset();
    body.value = 0;
    body.gas_limit = gas_limit;
    body.data = std::move(deploy);
    return signed_by(1, body);
}

/// True from the third question on: the ticks of longer code than that of the transfer contract.
std::function<bool()> third() {
    return [asked = 0]() mutable { return ++asked >= 3; };
}

base::Hash32 root_of(BlockExecution block) {
    const auto outcome = std::move(block).finish();
    EXPECT_TRUE(outcome) << outcome.error().text;
    return outcome->commit.state->root();
}
BlockExecution begun(std::function<bool()> may_stop = {}) {
    BlockExecution out(test::machine(), test::default_genesis_state(), context_at(1),
                       bounds_of_own(std::move(may_stop)));
    EXPECT_TRUE(out.begin());
    return out;
}

TEST(Stopping, a_deployment_whose_init_runs_too_long_is_discarded_and_leaves_nothing) {
    const Ticking ticking;
    auto block = begun(third());

    const auto done = block.add(deployment("init", 2'000'000'000));

    ASSERT_FALSE(done) << "it is no failed transaction";
    EXPECT_EQ(done.error().kind, Discard::Kind::stopped);
    EXPECT_THAT(done.error().text, testing::HasSubstr("took too long"));
    EXPECT_EQ(root_of(std::move(block)), root_of(begun()));
}

TEST(Stopping, a_call_that_runs_too_long_is_discarded_and_leaves_nothing) {
    const Ticking ticking;
    const auto deploy = deployment("spin", 100'000'000);
    auto call = transfer(2);
    call.receiver.reset();
    call.value = 0;
    call.gas_limit = 2'000'000'000;
    call.data = ledger::Call{ledger::contract_id(*deploy.deploy()), "spin", {}};
    auto block = begun(third());
    ASSERT_TRUE(block.add(deploy));

    const auto done = block.add(signed_by(1, call));

    ASSERT_FALSE(done);
    EXPECT_THAT(done.error().text, testing::HasSubstr("took too long"));
    auto without = begun();
    ASSERT_TRUE(without.add(deploy));
    EXPECT_EQ(root_of(std::move(block)), root_of(std::move(without)));
}

TEST(Stopping, only_a_node_that_makes_the_block_may_stop_a_transaction) {
    const Ticking ticking;
    auto block = begun();

    ASSERT_TRUE(block.add(deployment("init", 300'000'000)));

    const auto outcome = std::move(block).finish();
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->transactions.at(0).gas_spent, 300'000'000U);
    EXPECT_EQ(outcome->transactions.at(0).error, "Panic: failed deployment: OutOfGas");
}

TEST(Stopping, a_given_block_whose_transaction_is_stopped_is_not_refused) {
    const Ticking ticking;
    const auto tx = deployment("init", 2'000'000'000);
    ledger::Header header;
    header.height = 1;
    header.gas_limit = kBlockGasLimit;
    header.generator = test::profile(0).public_key().bytes();

    for (const auto& bounds : {TransactionBounds{third()}, TransactionBounds{{}, 0}}) {
        const auto done = execute_given(test::machine(), test::default_genesis_state(), {header, {&tx}}, bounds);

        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().kind, NotExecuted::Kind::stopped) << done.error().text;
    }
}

TEST(Stopping, a_simulation_ends_when_nobody_waits_for_it) {
    const test::Asked tip(test::default_genesis_state());

    const auto simulation = simulate(tip.tip(), deployment("init", 2'000'000'000), true, third());

    ASSERT_FALSE(simulation);
    EXPECT_EQ(simulation.error().kind, Rejection::Kind::refused);
    EXPECT_THAT(simulation.error().text, testing::HasSubstr("nobody waits"));
}

/// A chain whose long work is done by the test.
class LongWork : public test::LocalChain {
protected:
    void SetUp() override {
        LocalChain::SetUp();
        options_.long_work = [this](std::move_only_function<void()> task) {
            task_.set_value(std::move(task));
            return true;
        };
        begin();
    }
    using Time = std::chrono::steady_clock::time_point;
    std::future<std::expected<Simulation, Rejection>> simulate_later(Time until = Time::max()) {
        auto promise = std::make_shared<std::promise<std::expected<Simulation, Rejection>>>();
        auto out = promise->get_future();
        chain_->simulate(deployment("init", 2'000'000'000).encode(ledger::Envelope::aegis), Traced::no,
                         {until, [this] { return is_gone_.load(); }},
                         [promise](std::expected<Simulation, Rejection> made) { promise->set_value(std::move(made)); });
        return out;
    }
    std::promise<std::move_only_function<void()>> task_;
    std::atomic<bool> is_gone_{false};
};

TEST_F(LongWork, a_simulation_whose_client_has_gone_ends) {
    auto simulation = simulate_later();
    auto task = task_.get_future().get();

    is_gone_ = true;
    task();

    const auto made = simulation.get();
    ASSERT_FALSE(made);
    EXPECT_THAT(made.error().text, testing::HasSubstr("nobody waits"));
}

TEST_F(LongWork, a_simulation_that_waited_too_long_for_a_thread_is_refused) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(3);  // its signature is verified by then
    auto simulation = simulate_later(until);
    auto task = task_.get_future().get();

    std::this_thread::sleep_until(until + std::chrono::milliseconds(1));
    task();

    const auto made = simulation.get();
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().kind, Rejection::Kind::full);
    EXPECT_EQ(made.error().text, "too many simulations wait");
}

}  // namespace
}  // namespace rues::chain
