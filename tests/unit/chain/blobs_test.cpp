#include "chain/blobs.hpp"

#include <gtest/gtest.h>

#include "chain/checked.hpp"
#include "chain/simulation.hpp"
#include "machine.hpp"
#include "support/blobs.hpp"

namespace rues::chain {
namespace {

using rues::test::constant_blob;
using rues::test::full_blob;
using rues::test::hello_blob;
using test::signed_by;
using test::transfer;

ledger::Moonlight carrying(std::vector<ledger::Blob> blobs, std::uint64_t gas_limit = 10'000'000) {
    auto out = transfer(1);
    out.gas_limit = gas_limit;
    out.data = ledger::Blobs{std::move(blobs)};
    return out;
}

/// The words of admission behind `not accepted: `; empty: it passes every check before the signature.
std::string refusal_of(const ledger::Moonlight& body, Sidecars sidecars = Sidecars::check) {
    test::FakeState state;
    state.accounts[test::account(1)] = {0, 1'000'000'000'000};
    const auto tx = signed_by(1, body);
    const auto rejection = check_before_signature(tx, {}, {}, state, sidecars);
    if (!rejection) return {};
    EXPECT_EQ(rejection->kind, Rejection::Kind::refused);
    const auto before = "Tx " + base::to_hex(tx.id()) + " not accepted: ";
    EXPECT_TRUE(rejection->text.starts_with(before)) << rejection->text;
    return rejection->text.substr(before.size());
}

std::string refusal_of(const ledger::Blob& blob) {
    return refusal_of(carrying({full_blob().with_sidecar(), blob}));
}

TEST(Blobs, blobs_with_their_proofs_are_admitted) {
    EXPECT_EQ(refusal_of(carrying({full_blob().with_sidecar(), constant_blob().with_sidecar()})), "");
    EXPECT_EQ(refusal_of(carrying(std::vector(6, constant_blob().with_sidecar()))), "") << "six are the most";
}

// docs/reference/ledger.md 3.2 #11; the recorded scenarios blob-none and blob-limit-low are compared elsewhere.
TEST(Blobs, their_number_and_the_gas_limit_are_checked_before_the_sidecars) {
    EXPECT_EQ(refusal_of(carrying({})), "No blobs provided");
    EXPECT_EQ(refusal_of(carrying(std::vector(7, full_blob().without_sidecar()))), "Transaction has too many blobs: 7");
    EXPECT_EQ(refusal_of(carrying(std::vector(2, full_blob().without_sidecar()), 1'999'999)),
              "gas limit lower than minimum 2000000");
    EXPECT_EQ(refusal_of(carrying(std::vector(2, constant_blob().with_sidecar()), 2'000'000)), "");
}

// docs/reference/ledger.md 3.2 #12
TEST(Blobs, each_sidecar_must_belong_to_its_hash_and_be_proven) {
    auto wrong_hash = hello_blob().with_sidecar();
    wrong_hash.hash[31] ^= std::byte{1};
    auto wrong_version = hello_blob().with_sidecar();
    wrong_version.hash[0] = std::byte{0};
    auto other_proof = hello_blob().with_sidecar();
    other_proof.sidecar->proof = full_blob().proof;
    auto other_data = hello_blob().with_sidecar();
    other_data.sidecar->data.back() = std::byte{1};
    auto no_point = hello_blob().with_sidecar();
    no_point.sidecar->proof = {};
    auto no_element = hello_blob().with_sidecar();
    no_element.sidecar->data.front() = std::byte{0xff};

    EXPECT_EQ(refusal_of(hello_blob().without_sidecar()),
              "Transaction blob id " + base::to_hex(hello_blob().hash()) + " is missing sidecar");
    EXPECT_EQ(refusal_of(wrong_hash), "Invalid blob: Hash does not match commitment");
    EXPECT_EQ(refusal_of(wrong_version), "Invalid blob: Hash does not match commitment");
    EXPECT_EQ(refusal_of(other_proof), "Invalid blob: KZG proof verification failed");
    EXPECT_EQ(refusal_of(other_data), "Invalid blob: KZG proof verification failed");
    EXPECT_EQ(refusal_of(no_point), "Invalid blob: Cannot verify blob KZG proof: C_KZG_BADARGS");
    EXPECT_EQ(refusal_of(no_element), "Invalid blob: Cannot verify blob KZG proof: C_KZG_BADARGS");
}

TEST(Blobs, whoever_repeats_the_checks_leaves_the_proofs_out) {
    auto unproven = hello_blob().with_sidecar();
    unproven.sidecar->proof = full_blob().proof;

    EXPECT_NE(refusal_of(carrying({unproven})), "");
    EXPECT_EQ(refusal_of(carrying({unproven}), Sidecars::are_checked), "");
    EXPECT_EQ(refusal_of(carrying({}), Sidecars::are_checked), "No blobs provided");
}

Discard discard_of_blobs(const ledger::Moonlight& body) {
    BlockExecution block(test::machine(), test::default_genesis_state(), test::context_at(1));
    EXPECT_TRUE(block.begin());
    const auto done = block.add(signed_by(1, body));
    EXPECT_FALSE(done);
    return done ? Discard{} : done.error();
}

// Recorded as simulations of the scenarios blob-none and blob-limit-low, but for the second text, which stands beside
// theirs in the node.
TEST(Blobs, a_block_does_not_take_a_wrong_number_of_blobs_or_too_little_gas) {
    EXPECT_EQ(discard_of_blobs(carrying({})).text, "Precondition(\"no blob attached to the transaction\")");
    EXPECT_EQ(discard_of_blobs(carrying(std::vector(7, full_blob().without_sidecar()))).text,
              "Precondition(\"too many blobs in the transaction\")");
    EXPECT_EQ(discard_of_blobs(carrying(std::vector(2, full_blob().without_sidecar()), 1'999'999)).text,
              "Precondition(\"not enough gas for blobs\")");
}

/// The transaction alone in block 1.
BlockExecution::Outcome executed_alone(const ledger::Moonlight& body) {
    BlockExecution block(test::machine(), test::default_genesis_state(), test::context_at(1));
    EXPECT_TRUE(block.begin());
    const auto added = block.add(signed_by(1, body));
    EXPECT_TRUE(added) << added.error().text;
    return std::move(block).finish().value();
}

// docs/reference/ledger.md 1.6, 4.1
TEST(Blobs, they_execute_as_the_memo_of_their_hashes_and_leave_their_sidecars) {
    auto memo = carrying({});
    memo.data = ledger::Memo{base::to_bytes(full_blob().hash())};
    const auto expected = executed_alone(memo);

    const auto outcome = executed_alone(carrying({full_blob().with_sidecar()}));

    EXPECT_EQ(outcome.transactions.at(0).gas_spent, expected.transactions.at(0).gas_spent);
    EXPECT_EQ(outcome.commit.state->root(), expected.commit.state->root());
    EXPECT_EQ(outcome.transaction_events.at(0).data, expected.transaction_events.at(0).data);
    EXPECT_EQ(outcome.transactions.at(0).inner.blobs()->list, (std::vector{full_blob().without_sidecar()}));
}

// docs/reference/ledger.md 4.1 step 5
TEST(Blobs, a_million_gas_is_paid_for_each_at_least) {
    const test::Asked before(test::default_genesis_state());
    auto body =
        carrying({full_blob().without_sidecar(), hello_blob().without_sidecar(), constant_blob().without_sidecar()});

    const auto outcome = executed_alone(body);
    const auto simulated = simulate(before.tip(), signed_by(1, body), true, {}, Traced::yes);

    EXPECT_EQ(outcome.transactions.at(0).gas_spent, 3'000'000U);
    EXPECT_EQ(test::Asked(outcome.commit.state, 1).account(1).balance, before.account(1).balance - 77 - 3'000'000);
    EXPECT_EQ(simulated->gas_spent, 3'000'000U);
    const auto& trace = *simulated->trace;
    EXPECT_EQ(trace.blob_charge + trace.calls.calls().at(0).gas_spent, 3'000'000U);
    EXPECT_EQ(trace.gas_lost, 0U);
}

}  // namespace
}  // namespace rues::chain
