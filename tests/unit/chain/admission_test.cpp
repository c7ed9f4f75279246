#include "chain/admission.hpp"

#include <gtest/gtest.h>

#include "chain/spend_check.hpp"
#include "machine.hpp"
#include "support/recorded.hpp"

namespace rues::chain {
namespace {

using boost::json::object;
using test::account;
using test::FakeState;
using test::signed_by;
using test::transfer;

/// The error text that a client would get for this transaction.
std::string answer(base::ByteView raw, const Mempool& pool, const AdmissionState& state,
                   const AdmissionRules& rules = {}) {
    const auto tx = ledger::Transaction::decode(raw);
    if (!tx) return undecodable(tx.error()).text;
    if (const auto r = check_before_signature(*tx, rules, pool_facts(*tx, rules, pool), state)) return r->text;
    const auto& body = *tx->moonlight();
    if (!crypto::verify(body.sender, body.signature, tx->signature_message())) return invalid_signature(*tx).text;
    if (const auto r = check_nonce_gap(*tx, pool.next_nonce(body.sender.bytes(), account_nonce(*tx, state))))
        return r->text;
    return "accepted";
}
std::string answer(const ledger::Transaction& tx, const Mempool& pool, const FakeState& state,
                   const AdmissionRules& rules = {}) {
    return answer(tx.encode(ledger::Envelope::aegis), pool, state, rules);
}
std::string refusal(const ledger::Transaction& tx, std::string_view why) {
    return "Tx " + base::to_hex(tx.id()) + " not accepted: " + std::string(why);
}

FakeState rich() {
    FakeState state;
    for (std::size_t n = 0; n < 3; ++n) state.accounts[account(n)] = {0, 1'000'000'000'000};
    return state;
}

/// Runs every recorded scenario in which every transaction was refused, so the state after it is the state in which it
/// ran.
TEST(Admission, recorded_refusals_have_the_recorded_texts) {
    const auto recorded = recorded::load("scenarios.json");
    AdmissionRules recorded_node;
    recorded_node.min_gas_limit = 150'000;  // from its configuration file (docs/reference/ledger.md 3.2 #13)
    std::size_t compared = 0;
    for (const auto& entry : recorded.at("scenarios").as_array()) {
        const object& scenario = entry.as_object();
        const std::string name(scenario.at("name").as_string());
        const auto refused = [](const boost::json::value& step) {
            const auto* preverify = step.as_object().if_contains("preverify");
            return preverify != nullptr && preverify->is_object() && preverify->at("status").as_int64() == 400 &&
                   step.as_object().contains("tx") && !step.at("tx").is_null();
        };
        const auto& steps = scenario.at("steps").as_array();
        const auto* accounts = scenario.if_contains("accounts_after");
        if (!std::ranges::all_of(steps, refused) || accounts == nullptr || !accounts->is_object()) continue;
        FakeState state;
        for (const auto& [who, value] : accounts->as_object()) {
            const auto key = base::from_base58(std::string(value.at("account").as_string()));
            ASSERT_TRUE(key && key->size() == 96) << name;
            state.accounts[base::to_array<96>(*key)] = {value.at("nonce").to_number<std::uint64_t>(),
                                                        value.at("balance").to_number<std::uint64_t>()};
        }
        for (const auto& step : steps) {
            const auto body = boost::json::parse(step.at("preverify").at("body").as_string());
            EXPECT_EQ("Invalid input: " + answer(recorded::hex(step.at("tx")), {}, state, recorded_node),
                      std::string(body.at("error").as_string()))
                << name;
            ++compared;
        }
    }
    EXPECT_GE(compared, 33U);
}

// docs/reference/rusk-1.7.md 7.4, in its order; docs/reference/ledger.md 3.2.
TEST(Admission, checks_of_pool_and_ledger_come_before_capacity_and_spend) {
    const auto tx = signed_by(1, transfer(1));
    FakeState state;  // the account holds nothing, so the error comes from an earlier check
    Mempool pool;
    pool.insert(tx, {});
    EXPECT_EQ(answer(tx, pool, state), refusal(tx, "this transaction exists in the mempool"));

    const auto same_price = [] {
        auto other = transfer(1);
        other.value = 78;
        return signed_by(1, other);
    }();
    AdmissionRules one;
    one.mempool_capacity = 1;
    EXPECT_EQ(answer(same_price, pool, state, one),
              refusal(same_price, "this transaction's spendId exists in the mempool"));
    const auto other_account = signed_by(0, transfer(1, 1, 0));
    EXPECT_EQ(answer(other_account, pool, state, one),
              refusal(other_account, "Maximum count of transactions exceeded 1"));

    pool.erase(tx.id());
    EXPECT_EQ(answer(tx, pool, state),
              refusal(tx, "this transaction is invalid Value spent larger than account holds"));
    state.transactions.insert(tx.id());
    EXPECT_EQ(answer(tx, pool, state), refusal(tx, "this transaction exists in the ledger"));
}

TEST(Admission, nonces_must_follow_the_account_and_the_pool) {
    auto state = rich();
    state.accounts[account(1)].nonce = 4;
    const auto old = signed_by(1, transfer(4));
    EXPECT_EQ(answer(old, {}, state),
              refusal(old, "this transaction is invalid Nonce repeat: " + base::to_base58(account(1)) + " 4"));
    EXPECT_EQ(answer(signed_by(1, transfer(5)), {}, state), "accepted");
    const auto gap = signed_by(1, transfer(7));
    EXPECT_EQ(answer(gap, {}, state), refusal(gap, "Missing intermediate nonce 5"));
    Mempool pool;
    pool.insert(signed_by(1, transfer(5)), {});
    EXPECT_EQ(answer(gap, pool, state), refusal(gap, "Missing intermediate nonce 6"));
    EXPECT_EQ(answer(signed_by(1, transfer(6)), pool, state), "accepted");
}

/// The limit that the spend check names for this transaction on the genesis of the local chain; nullopt: it is enough.
std::optional<std::uint64_t> least_limit(ledger::Moonlight body, std::uint64_t gas_limit, std::size_t from = 1) {
    static const test::Asked asked(test::default_genesis_state());
    body.gas_limit = gas_limit;
    FakeState state;
    state.accounts[account(from)] = asked.account(from);
    return spend_check(asked.tip(), signed_by(from, body), state);
}

// docs/reference/differences.md 16. The gas is the one that a node measured (docs/reference/rusk-1.7.md 7.3), and a
// limit 392 lower is enough (recorded data's README, surprise 3).
TEST(SpendCheck, a_gas_limit_that_cannot_pay_the_spend_is_refused_with_one_that_can) {
    constexpr std::uint64_t kLeast = 1'852'671 - 392;
    auto body = transfer(1);
    body.receiver = test::profile(0).public_key();

    EXPECT_EQ(least_limit(body, kLeast - 1), kLeast);
    EXPECT_EQ(least_limit(body, 75'000), kLeast);
    EXPECT_EQ(least_limit(body, kLeast), std::nullopt);
    EXPECT_EQ(least_limit(body, 10'000'000), std::nullopt);
}

TEST(SpendCheck, a_transaction_behind_a_pooled_one_is_checked_as_if_it_came_next) {
    EXPECT_EQ(least_limit(transfer(5), 1'000'000), least_limit(transfer(1), 1'000'000));
    EXPECT_NE(least_limit(transfer(5), 1'000'000), std::nullopt);
}

TEST(SpendCheck, what_fails_for_another_reason_is_left_to_the_block) {
    auto body = transfer(1);
    body.chain_id = 9;
    EXPECT_EQ(least_limit(body, 1'900'000), std::nullopt);
    body = transfer(1);
    body.value = 100'000'000'000'000'000;
    EXPECT_EQ(least_limit(body, 1'900'000), std::nullopt);
}

TEST(SpendCheck, a_call_may_fail_for_want_of_gas_as_long_as_the_spend_does_not) {
    auto body = transfer(1);
    body.data = ledger::Call{ledger::kStakeContract, "get_version", {}};
    const auto least = least_limit(body, 1'000'000);
    ASSERT_TRUE(least);
    EXPECT_EQ(least_limit(body, *least), std::nullopt);
}

TEST(SpendCheck, the_text_of_a_refusal_names_the_limit) {
    const auto tx = signed_by(1, transfer(1));
    EXPECT_EQ(too_little_gas(tx, 1'852'279).text, refusal(tx, "gas limit lower than minimum 1852279"));
}

/// Twice the estimate always suffices, so it must be more than half of what any recorded spend took.
TEST(SpendCheck, the_estimate_is_at_least_what_recorded_transfers_spent) {
    std::size_t compared = 0;
    const auto recorded = recorded::load("chain.json");
    for (const auto& block : recorded.at("blocks").as_array()) {
        for (const auto& json : block.at("transactions").as_array()) {
            const auto tx = ledger::Transaction::decode(recorded::hex(json.at("raw")));
            ASSERT_TRUE(tx);
            if (tx->call() != nullptr || tx->deploy() != nullptr) continue;
            EXPECT_GE(spend_estimate(*tx), json.at("gasSpent").to_number<std::uint64_t>());
            ++compared;
        }
    }
    EXPECT_GE(compared, 200U);
}

}  // namespace
}  // namespace rues::chain
