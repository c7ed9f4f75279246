// The trace of a simulated transaction.
#include <gmock/gmock.h>

#include "chain/simulation.hpp"
#include "machine.hpp"
#include "support/test_contract.hpp"
#include "support/test_deployment.hpp"

namespace rues::chain {
namespace {

using rues::test::deployment;
using test::signed_by;
using test::transfer;
using vm::TracedCall;
using vm::test::call_argument;

/// A state with the proxy.
class TransactionTraces : public ::testing::Test {
protected:
    static constexpr std::uint64_t kLimit = 30'000'000;

    static ledger::Moonlight body(std::uint64_t nonce, std::uint64_t gas_limit = kLimit) {
        auto out = transfer(nonce, kMinDeployPrice);
        out.receiver.reset();
        out.value = 0;
        out.gas_limit = gas_limit;
        return out;
    }
    static ledger::Transaction deploying(base::Bytes code, std::uint64_t nonce, std::optional<base::Bytes> init = {},
                                         std::uint64_t gas_limit = kLimit) {
        auto out = body(nonce, gas_limit);
        out.data = deployment(std::move(code), std::move(init));
        return signed_by(1, out);
    }
    static const vm::ContractId& proxy() {
        static const auto id = ledger::contract_id(deployment(vm::test::proxy_contract()));
        return id;
    }
    static const test::Asked& tip() {
        static const test::Asked asked = [] {
            BlockExecution block(test::machine(), test::default_genesis_state(), test::context_at(1));
            EXPECT_TRUE(block.begin());
            EXPECT_TRUE(block.add(deploying(vm::test::proxy_contract(), 1)));
            return test::Asked(std::move(block).finish().value().commit.state, 1);
        }();
        return asked;
    }
    static ledger::Transaction calling(std::string function, base::Bytes argument, std::uint64_t gas_limit = kLimit) {
        auto out = body(2, gas_limit);
        out.data = ledger::Call{proxy(), std::move(function), std::move(argument)};
        return signed_by(1, out);
    }

    /// Simulates with and without a trace.
    static Simulation traced(const ledger::Transaction& tx) {
        const auto plain = simulate(tip().tip(), tx, true);
        auto out = simulate(tip().tip(), tx, true, {}, Traced::yes);
        EXPECT_TRUE(plain);
        EXPECT_TRUE(out);
        EXPECT_FALSE(plain->trace);
        EXPECT_EQ(out->gas_spent, plain->gas_spent);
        EXPECT_EQ(out->error, plain->error);
        EXPECT_EQ(out->events, plain->events);
        const auto& trace = *out->trace;
        std::uint64_t paid = trace.deploy_charge + trace.blob_charge + trace.gas_lost;
        for (std::size_t i = 0; i < trace.paid; ++i) paid += trace.calls.calls().at(i).gas_spent;
        EXPECT_EQ(paid, out->gas_spent);
        return std::move(*out);
    }
    static std::vector<std::string> functions(const Simulation& simulation) {
        std::vector<std::string> out;
        for (const TracedCall& call : simulation.trace->calls.calls()) out.push_back(call.function);
        return out;
    }
};

TEST_F(TransactionTraces, a_transaction_pays_for_its_spend_and_not_for_its_refund) {
    const auto simulated = traced(calling("emit", vm::test::words({2})));

    ASSERT_THAT(functions(simulated), testing::ElementsAre("spend_and_execute", "refund"));
    EXPECT_EQ(simulated.trace->paid, 1U);
    EXPECT_EQ(simulated.trace->gas_lost, 0U);
    const auto& spend = simulated.trace->calls.calls()[0];
    EXPECT_EQ(spend.gas_spent, simulated.gas_spent);
    ASSERT_FALSE(spend.steps.empty());
    const auto* call = spend.steps[0].call();
    ASSERT_NE(call, nullptr);
    EXPECT_EQ(call->contract, proxy());
    EXPECT_EQ(call->function, "emit");
    EXPECT_EQ(call->steps.size(), 2U);
    EXPECT_GT(spend.gas_own, call->gas_spent);
}

TEST_F(TransactionTraces, a_call_that_fails_costs_the_rest_of_the_limit) {
    const auto simulated = traced(calling("panic", base::to_bytes("not today")));

    EXPECT_EQ(simulated.error, "Panic(\"not today\")");
    EXPECT_EQ(simulated.gas_spent, kLimit);
    const auto& spend = simulated.trace->calls.calls()[0];
    EXPECT_EQ(spend.end, TracedCall::End::returned) << "it answers with the error";
    EXPECT_EQ(simulated.trace->gas_lost, kLimit - spend.gas_spent);
    EXPECT_EQ(spend.steps.at(0).call()->end, TracedCall::End::panic);
    EXPECT_EQ(spend.steps.at(0).call()->error, "not today");
}

TEST_F(TransactionTraces, a_deployment_pays_its_charge_and_its_init) {
    auto contract = vm::test::proxy();
    contract.function("init", vm::test::code(vm::test::op::i32_const(0)));
    const auto code = contract.build();
    const auto simulated = traced(deploying(code, 2, base::Bytes(3)));

    EXPECT_EQ(simulated.error, std::nullopt);
    ASSERT_THAT(functions(simulated), testing::ElementsAre("spend_and_execute", "init", "refund"));
    EXPECT_EQ(simulated.trace->paid, 2U);
    EXPECT_EQ(simulated.trace->deploy_charge, deploy_charge(deployment(code)));
    EXPECT_EQ(simulated.trace->gas_lost, 0U);
    EXPECT_EQ(simulated.trace->calls.calls()[1].contract, ledger::contract_id(deployment(code, base::Bytes(3))));
}

TEST_F(TransactionTraces, a_deployment_whose_init_fails_loses_the_rest) {
    auto contract = vm::test::proxy();
    contract.function("init",
                      vm::test::code(vm::test::op::local_get(0), contract.import("panic"), vm::test::op::i32_const(0)));
    const auto simulated = traced(deploying(contract.build(), 2, base::to_bytes("no")));

    EXPECT_EQ(simulated.error, "Panic(\"failed deployment: Panic(\\\"no\\\")\")");
    EXPECT_EQ(simulated.trace->paid, 2U);
    EXPECT_EQ(simulated.trace->calls.calls()[1].error, "no");
    EXPECT_GT(simulated.trace->gas_lost, 0U);
}

TEST_F(TransactionTraces, a_deployment_that_cannot_pay_its_charge_is_not_charged_it) {
    const auto code = vm::test::proxy_contract();
    const auto simulated = traced(deploying(code, 2, base::Bytes(1), deploy_charge(deployment(code))));

    EXPECT_EQ(simulated.error, "OutOfGas");
    EXPECT_EQ(simulated.trace->deploy_charge, 0U);
    EXPECT_GT(simulated.trace->gas_lost, 0U);
}

TEST_F(TransactionTraces, a_transaction_that_no_block_takes_shows_why_and_pays_nothing) {
    auto poor = body(2);
    poor.value = 100'000'000'000'000'000;
    const auto simulated = traced(signed_by(1, poor));

    EXPECT_EQ(simulated.gas_spent, 0U);
    EXPECT_EQ(simulated.trace->paid, 0U);
    ASSERT_THAT(functions(simulated), testing::ElementsAre("spend_and_execute"));
    EXPECT_EQ(simulated.trace->calls.calls()[0].error, "Account doesn't have enough funds");
}

TEST_F(TransactionTraces, what_is_refused_before_it_runs_has_no_calls) {
    auto cheap = body(2);
    cheap.gas_price = 1;
    cheap.data = deployment(vm::test::proxy_contract());
    const auto simulated = traced(signed_by(1, cheap));

    EXPECT_EQ(simulated.error, "Precondition(\"gas price too low to deploy\")");
    EXPECT_THAT(functions(simulated), testing::ElementsAre());
}

// The session may be asked for more after the transaction.
TEST_F(TransactionTraces, the_trace_ends_with_its_transaction) {
    auto session = vm::Session::of_block(test::machine(), tip().tip().state(), {0, 2});
    TransactionTrace trace;
    ASSERT_TRUE(execute(session, calling("echo", {}), SpendProof::good, &trace));
    const auto calls = trace.calls.calls().size();
    ASSERT_TRUE(session.call(proxy(), "echo", {}, 1'000));

    EXPECT_EQ(trace.calls.calls().size(), calls);
}

TEST_F(TransactionTraces, a_query_has_its_trace_whatever_was_answered_before) {
    const auto argument = call_argument(proxy(), "panic", base::to_bytes("deep"));
    ASSERT_TRUE(tip().tip().call(proxy(), "call", argument));
    vm::CallTrace trace;
    const auto answer = tip().tip().traced_call(proxy(), "call", argument, trace);

    EXPECT_EQ(answer.value(), tip().tip().call(proxy(), "call", argument).value());
    ASSERT_EQ(trace.calls().size(), 1U);
    EXPECT_EQ(trace.calls()[0].gas_limit, QueryBounds().gas);
    EXPECT_EQ(trace.calls()[0].steps.at(0).call()->error, "deep");
}

}  // namespace
}  // namespace rues::chain
