#include "chain/admission.hpp"

#include <gtest/gtest.h>

#include "chain/executor.hpp"
#include "fixtures.hpp"
#include "support/recorded.hpp"

namespace rues::chain {
namespace {

using boost::json::object;
using test::account;
using test::FakeState;
using test::signed_by;
using test::transfer;

/// The error text that a client would get for this transaction.
std::string answer(base::ByteView raw, const Mempool& pool, const ledger::StateReader& state,
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
        if (name.starts_with("blob-")) continue;  // docs/reference/differences.md 31
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
    EXPECT_GE(compared, 30U);
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

// docs/reference/differences.md 16
TEST(Admission, a_gas_limit_below_the_cost_of_a_transfer_is_refused_with_the_least_limit) {
    auto body = transfer(1);
    body.gas_limit = 1'852'278;  // 392 less than the 1,852,671 of a transfer to an existing account is 1,852,279
    const auto tx = signed_by(1, body);
    EXPECT_EQ(answer(tx, {}, rich()), refusal(tx, "gas limit lower than minimum 1852279"));
    body.gas_limit = 1'852'279;
    EXPECT_EQ(answer(signed_by(1, body), {}, rich()), "accepted");
}

/// The least gas that the genesis contracts spend with a generous limit; a limit 392 lower is enough.
TEST(Admission, a_gas_limit_that_suffices_on_a_node_is_not_refused) {
    const auto least = [](std::uint64_t generous, const ledger::Moonlight& body, const FakeState& state) {
        auto tx = body;
        tx.gas_limit = generous - 392;
        EXPECT_EQ(answer(signed_by(1, tx), {}, state), "accepted") << generous;
        --tx.gas_limit;
        EXPECT_NE(answer(signed_by(1, tx), {}, state), "accepted") << generous;
    };
    least(1'852'671, transfer(1), rich());
    auto memo = transfer(1);
    memo.data = ledger::Memo{base::Bytes(4)};
    least(1'854'141, memo, rich());
    memo.data = ledger::Memo{base::Bytes(35)};
    least(1'856'990, memo, rich());
    auto without_receiver = rich();
    without_receiver.accounts.erase(account(2));
    least(1'848'552, transfer(1), without_receiver);
}

/// The gas that a real node spent on the recorded chain is the upper bound of the table.
TEST(Admission, the_gas_table_never_exceeds_the_gas_that_a_node_spent) {
    FakeState nobody;
    FakeState everybody;
    std::vector<std::pair<ledger::Transaction, std::uint64_t>> spent;
    const auto recorded = recorded::load("chain.json");
    for (const auto& block : recorded.at("blocks").as_array()) {
        const auto* list = block.as_object().if_contains("transactions");
        if (list == nullptr || !list->is_array()) continue;
        for (const auto& json : list->as_array()) {
            auto tx = ledger::Transaction::decode(recorded::hex(json.at("raw")));
            if (!tx || tx->moonlight() == nullptr || tx->deploy() != nullptr) continue;
            const auto* error = json.as_object().if_contains("err");
            if (error != nullptr && !error->is_null()) continue;
            everybody.accounts[tx->moonlight()->receiver_or_sender().bytes()] = {};
            spent.emplace_back(std::move(*tx), json.at("gasSpent").to_number<std::uint64_t>());
        }
    }
    for (const auto& [tx, gas] : spent) {
        // The cost depends on whether the receiver had an account; the cheaper case is the bound.
        EXPECT_LE(std::min(gas_cost(tx, nobody), gas_cost(tx, everybody)) - kRefundGas, gas) << base::to_hex(tx.id());
    }
    EXPECT_GE(spent.size(), 200U);
}

}  // namespace
}  // namespace rues::chain
