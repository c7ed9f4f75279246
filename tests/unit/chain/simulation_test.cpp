#include "chain/simulation.hpp"

#include <gtest/gtest.h>

#include "chain/admission.hpp"
#include "machine.hpp"
#include "support/recorded.hpp"

namespace rues::chain {
namespace {

using boost::json::object;
using boost::json::value;
using test::Asked;
using test::signed_by;
using test::transfer;

const Asked& first_tip() {
    static const Asked asked(test::default_genesis_state());
    return asked;
}
std::expected<Simulation, Rejection> simulated(const ledger::Transaction& tx, bool well_signed = true) {
    return simulate(first_tip().tip(), tx, well_signed);
}
object scenario(std::string_view name) {
    const auto recorded = recorded::load("scenarios-extra.json");
    for (const auto& entry : recorded.at("scenarios").as_array()) {
        if (entry.at("name") == value(boost::json::string(name))) return entry.as_object();
    }
    ADD_FAILURE() << name;
    return {};
}

// Recorded: the smallest sufficient limit is 392 below the gas spent with a generous limit; with limits in between, the
// whole limit is spent. The test uses limits relative to that gas, because the recorded chain had another state.
TEST(Simulation, gas_limits_around_the_cost_end_as_recorded) {
    for (const auto* name : {"gas-limit-threshold", "gas-limit-threshold-refund-new"}) {
        SCOPED_TRACE(name);
        auto body = transfer(1);
        body.gas_limit = 500'000'000;
        if (std::string_view(name).ends_with("new")) {
            body.refund_address = crypto::account_key(ledger::local_chain_seed(), 9).public_key();
        }
        const auto cost = simulated(signed_by(1, body))->gas_spent;
        const auto recorded = scenario(name).at("simulate_table").as_object();
        const auto recorded_cost = recorded.at("simulate with 500000000").at("gas-spent").to_number<std::uint64_t>();
        for (const auto& [limit, answer] : recorded.at("table").as_object()) {
            SCOPED_TRACE(std::string(limit));
            body.gas_limit = std::stoull(std::string(limit)) + cost - recorded_cost;
            const auto ours = simulated(signed_by(1, body));
            ASSERT_TRUE(ours);
            EXPECT_EQ(ours->error ? value(boost::json::string(*ours->error)) : value(nullptr), answer.at("error"));
            const auto gas = answer.at("gas-spent").to_number<std::uint64_t>();
            EXPECT_EQ(ours->gas_spent, gas == 0 ? 0 : gas + cost - recorded_cost);
        }
    }
}

TEST(Simulation, a_transaction_that_is_too_large_gets_the_recorded_error) {
    const auto recorded = scenario("size-args-archive-limit");
    const auto& steps = recorded.at("steps").as_array();

    const auto large = ledger::Transaction::decode(recorded::hex(steps[0].at("tx")));
    ASSERT_TRUE(large);
    const auto told = boost::json::parse(steps[0].at("simulate").at("body").as_string());
    const auto simulation = simulated(*large);
    EXPECT_EQ(*simulation->error, std::string(told.at("error").as_string()));
    EXPECT_EQ(simulation->gas_spent, 0U);
    const AdmissionRules rules;
    const auto refused = check_before_signature(*large, rules, {}, test::FakeState());
    ASSERT_TRUE(refused);
    EXPECT_EQ("{\"error\":\"Invalid input: " + refused->text + "\"}",
              std::string(steps[0].at("preverify").at("body").as_string()));

    // One byte less is not refused for its size any more; other errors do not matter here.
    const auto fits = ledger::Transaction::decode(recorded::hex(steps[1].at("tx")));
    ASSERT_TRUE(fits);
    EXPECT_EQ(*simulated(*fits)->error, "Unspendable(Panic(\"Account has no funds\"))");
}

// docs/reference/ledger.md 5.1: the signature is checked after the chain id and before the balance.
TEST(Simulation, a_bad_signature_is_found_after_the_chain_id_and_before_the_balance) {
    auto body = transfer(1);
    body.value = 100'000'000'000'000'000;
    EXPECT_EQ(*simulated(signed_by(1, body), false)->error, "Unspendable(Panic(\"Invalid signature!\"))");
    EXPECT_EQ(*simulated(signed_by(1, body), true)->error, "Unspendable(Panic(\"Account doesn't have enough funds\"))");
    body.chain_id = 1;
    EXPECT_EQ(*simulated(signed_by(1, body), false)->error,
              "Unspendable(Panic(\"The tx must target the correct chain\"))");
}

// The block gas limit itself is enough; recorded: zz-gas-limit-over-block.
TEST(Simulation, a_limit_above_that_of_a_block_is_refused) {
    auto body = transfer(1);
    body.gas_limit = 3'000'000'001;
    const auto refused = simulated(signed_by(1, body));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().text, "Gas limit is too high.");
    body.gas_limit = 3'000'000'000;
    EXPECT_TRUE(simulated(signed_by(1, body)));
}

TEST(Simulation, a_simulation_has_the_events_of_the_block) {
    const auto tx = signed_by(1, transfer(1));
    const auto simulation = simulated(tx);
    BlockExecution block(test::machine(), test::default_genesis_state(), test::context_at(1));
    ASSERT_TRUE(block.begin());
    ASSERT_TRUE(block.add(tx));
    const auto outcome = std::move(block).finish();
    ASSERT_TRUE(outcome);
    EXPECT_EQ(simulation->events, outcome->transaction_events);
    EXPECT_EQ(simulation->gas_spent, outcome->transactions[0].gas_spent);
    ASSERT_EQ(simulation->events.size(), 1U);
    EXPECT_EQ(simulation->events[0].topic, "moonlight");
    EXPECT_TRUE(simulated(signed_by(1, transfer(2)))->events.empty());
}

}  // namespace
}  // namespace rues::chain
