#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "chain/admission.hpp"
#include "chain/contract_calls.hpp"
#include "fixtures.hpp"
#include "notes.hpp"
#include "phoenix/verification.hpp"
#include "plonk/version.hpp"

/// docs/reference/phoenix-and-plonk.md 8 as amended by docs/reference/rusk-1.7.md 7.4.
namespace rues::chain {
namespace {

using test::FakeState;
using test::nullifier;
using test::Shielded;

/// What is left of the refusal behind `Tx <id> not accepted: `; empty when the proof is all that is left.
std::string refused_for(const ledger::Transaction& tx, const FakeState& state = {}, const Mempool& pool = {},
                        const AdmissionRules& rules = {}) {
    const auto rejection = check_before_signature(tx, rules, pool_facts(tx, rules, pool), state);
    if (!rejection) return {};
    const std::string head = "Tx " + base::to_hex(tx.id()) + " not accepted: ";
    EXPECT_TRUE(rejection->text.starts_with(head)) << rejection->text;
    return rejection->text.substr(head.size());
}

ledger::Transaction changed_notes(const std::function<void(ledger::Phoenix&)>& change) {
    ledger::Phoenix body = *Shielded().tx().phoenix();
    change(body);
    return ledger::Transaction(std::move(body));
}

TEST(PhoenixAdmission, the_fee_is_bound_to_what_was_proved) {  // #5, #6
    using ledger::Phoenix;
    EXPECT_EQ(refused_for(Shielded().tx()), "");
    EXPECT_EQ(refused_for(changed_notes([](Phoenix& tx) { tx.gas_price = ~std::uint64_t{0}; })),
              "this transaction is invalid phoenix fee overflow");
    EXPECT_EQ(refused_for(changed_notes([](Phoenix& tx) { tx.gas_limit -= 1; })),
              "this transaction is invalid phoenix fee tampered");
    EXPECT_EQ(refused_for(changed_notes([](Phoenix& tx) { tx.fee_stealth_address[0] ^= std::byte{1}; })),
              "this transaction is invalid phoenix fee refund stealth address mismatch");
    EXPECT_EQ(refused_for(changed_notes([](Phoenix& tx) { tx.gas_price = tx.max_fee = 0; })),
              "gas price lower than minimum 1");
}

TEST(PhoenixAdmission, spent_nullifiers_are_listed_as_the_node_prints_scalars) {  // #10
    FakeState state;
    state.spent = {nullifier(2), nullifier(0x1234)};

    EXPECT_EQ(refused_for(Shielded{.nullifiers = {nullifier(0x1234), nullifier(1), nullifier(2)}}.tx(), state),
              "this transaction is invalid Nullifiers already spent: [0x" + std::string(60, '0') + "1234, 0x" +
                  std::string(63, '0') + "2]");
}

TEST(PhoenixAdmission, nullifiers_must_differ_and_spent_ones_are_named_first) {  // #10, #11
    const auto twice = Shielded{.nullifiers = {nullifier(3), nullifier(4), nullifier(3)}}.tx();
    FakeState state;
    EXPECT_EQ(refused_for(twice, state), "this transaction is invalid Double nullifiers");
    state.spent = {nullifier(4)};
    EXPECT_NE(refused_for(twice, state).find("already spent"), std::string::npos);
}

TEST(PhoenixAdmission, the_number_of_nullifiers_is_checked_with_the_proof) {  // #12
    const auto with = [](std::size_t count) {
        Shielded out{.nullifiers = {}};
        for (std::size_t i = 0; i < count; ++i) out.nullifiers.push_back(nullifier(i + 1));
        return out.tx();
    };
    const auto text = [](const ledger::Transaction& tx) {
        const auto whole = invalid_signature(tx).text;
        return whole.substr(whole.find("this transaction"));
    };
    for (const std::size_t count : {0UZ, 5UZ}) {
        EXPECT_EQ(refused_for(with(count)), "");
        EXPECT_EQ(text(with(count)), "this transaction is invalid Cannot verify the proof: Expected: 0 < (inputs: " +
                                         std::to_string(count) + ") < 5, 0 \u2264 (outputs: 2) < 3");
    }
    EXPECT_EQ(text(with(4)), "this transaction is invalid Invalid proof");
}

TEST(PhoenixAdmission, a_rival_in_the_pool_is_replaced_by_a_strictly_higher_price_only) {  // 7.4, 19 before 16
    Mempool pool;
    pool.insert(Shielded{.nullifiers = {nullifier(1), nullifier(2)}, .gas_price = 3}.tx(), {});
    pool.insert(Shielded{.nullifiers = {nullifier(3)}, .gas_price = 5}.tx(), {});
    const AdmissionRules full{.mempool_capacity = 2};
    const std::string taken = "this transaction's spendId exists in the mempool";
    const auto rival = [&](std::vector<base::Hash32> nullifiers, std::uint64_t price) {
        return refused_for(
            Shielded{.nullifiers = std::move(nullifiers), .gas_price = price, .proof = std::byte{1}}.tx(), {}, pool,
            full);
    };

    EXPECT_EQ(rival({nullifier(2)}, 3), taken);
    EXPECT_EQ(rival({nullifier(2)}, 4), "") << "the pool is full, but the rival leaves";
    EXPECT_EQ(rival({nullifier(2), nullifier(3)}, 4), taken) << "it must pay more than each";
    EXPECT_EQ(rival({nullifier(2), nullifier(3)}, 6), "");
    EXPECT_EQ(rival({nullifier(4)}, 3), "Maximum count of transactions exceeded 2");
}

TEST(PhoenixAdmission, phoenix_off_answers_as_live_networks_do_after_the_checks_of_the_pool) {
    const AdmissionRules off{.phoenix = false};
    FakeState state;
    const auto tx = Shielded().tx();

    EXPECT_EQ(refused_for(tx, state, {}, off), "this transaction is invalid phoenix is not enabled in the VM");
    state.transactions.insert(tx.id());
    EXPECT_EQ(refused_for(tx, state, {}, off), "this transaction exists in the ledger");
}

TEST(PhoenixSpend, the_argument_has_the_size_that_admission_counts) {  // docs/reference/ledger.md 3.2 #2
    Shielded parts{.nullifiers = {nullifier(1), nullifier(2), nullifier(3)}};
    EXPECT_EQ(calls::spend(parts.tx()).size(), parts.tx().archived_size());
    parts.data = ledger::Call{ledger::kStakeContract, "a_long_name", base::Bytes(13)};
    EXPECT_EQ(calls::spend(parts.tx()).size(), parts.tx().archived_size());
    parts.data = ledger::Memo{base::Bytes(511)};
    EXPECT_EQ(calls::spend(parts.tx()).size(), parts.tx().archived_size());
}

/// The places and lengths are those with which the network's own transfer contract asked for this transaction.
TEST(PhoenixSpend, the_question_of_a_proof_is_that_of_the_contract) {
    const auto tx = test::recorded_transfer(0);

    const auto [query, question] = calls::spend_question(tx).value();

    EXPECT_EQ(query, "verify_plonk");
    ASSERT_EQ(question.size(), 3'460U);
    const base::ByteView bytes = question;
    EXPECT_EQ(base::to_hex(bytes.last(24)), "24faffffdc0500002cf6fffff003000084f2ffff1d000000");
    EXPECT_TRUE(base::equal(bytes.first(32), phoenix::payload_hash(tx).montgomery()));
    EXPECT_TRUE(base::equal(bytes.subspan(928, 1'008), tx.phoenix()->proof));
    EXPECT_TRUE(base::equal(bytes.subspan(1'936, 1'500), phoenix::verifier_data(1)));
}

TEST(PhoenixSpend, nobody_asks_for_a_proof_without_a_circuit) {
    EXPECT_FALSE(calls::spend_question(Shielded{.nullifiers = {}}.tx()));
    EXPECT_FALSE(calls::spend_question(changed_notes([](ledger::Phoenix& tx) { tx.outputs[1][173] = std::byte{1}; })));
}

TEST(PhoenixSpend, has_no_public_sender) {
    EXPECT_EQ(calls::public_sender(Shielded().tx()), base::ByteArray<208>{});
}

TEST(PhoenixMempool, knows_an_entry_by_each_of_its_nullifiers) {
    Mempool pool;
    const auto first = Shielded{.nullifiers = {nullifier(1), nullifier(2)}}.tx();
    const auto second = Shielded{.nullifiers = {nullifier(3)}}.tx();
    const Mempool::Time start{std::chrono::hours(1)};
    pool.insert(first, start);
    pool.insert(second, start + std::chrono::seconds(1));
    const auto rivals = [&](std::vector<base::Hash32> nullifiers) {
        return pool.rivals(Shielded{.nullifiers = std::move(nullifiers)}.tx()).size();
    };

    EXPECT_EQ(rivals({nullifier(2), nullifier(1)}), 1U);
    EXPECT_EQ(rivals({nullifier(2), nullifier(3)}), 2U);
    EXPECT_EQ(rivals({nullifier(4)}), 0U);
    EXPECT_EQ(pool.cascade(first.id()), std::vector{first.id()});
    EXPECT_EQ(pool.oldest_head(), start);
    EXPECT_TRUE(pool.erase(first.id()));
    EXPECT_EQ(rivals({nullifier(1), nullifier(2)}), 0U);
    EXPECT_EQ(pool.oldest_head(), start + std::chrono::seconds(1));
    EXPECT_TRUE(pool.erase(second.id()));
    EXPECT_EQ(pool.oldest_head(), std::nullopt);
}

TEST(PhoenixMempool, moonlight_and_phoenix_have_no_spend_id_in_common) {
    Mempool pool;
    pool.insert(Shielded().tx(), {});
    pool.insert(test::signed_by(1, test::transfer(1)), {});

    EXPECT_EQ(pool.rivals(test::signed_by(1, test::transfer(1, 2))).size(), 1U);
    EXPECT_EQ(pool.rivals(test::signed_by(1, test::transfer(2))).size(), 0U);
    EXPECT_EQ(pool.size(), 2U);
}

}  // namespace
}  // namespace rues::chain
