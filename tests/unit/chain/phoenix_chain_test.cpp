#include <gtest/gtest.h>

#include "chain/contract_calls.hpp"
#include "local_chain.hpp"
#include "notes.hpp"
#include "phoenix/verification.hpp"
#include "plonk/version.hpp"
#include "unit/phoenix/wallet.hpp"
#include "wire/note_layouts.hpp"

namespace rues::chain::test {
namespace {

/// A chain that begins with the notes of Rusk's benchmark. No proof of today's version is recorded, so most tests say
/// themselves which proofs are good.
class PhoenixChain : public LocalChain {
protected:
    void SetUp() override {
        LocalChain::SetUp();
        genesis_ = bench_genesis();
        options_.chain_id = kBenchChain;
        options_.proof_check = &checked_by_name;
    }
    base::Bytes ask(std::string_view function, base::ByteView argument) {
        return chain_->state()->call(ledger::kTransferContract, function, argument).value();
    }
    base::Hash32 root() { return crypto::Fr::from_montgomery(base::to_array<32>(ask("root", {}))).value().bytes(); }
    ledger::Transaction shielded(Shielded parts) {
        parts.root = root();
        parts.chain_id = kBenchChain;
        return parts.tx();
    }
    static std::string refusal(const Verdict& verdict) {
        if (verdict) return "accepted";
        const auto at = verdict.error().text.find("accepted: ");
        return at == std::string::npos ? verdict.error().text : verdict.error().text.substr(at + 10);
    }
    std::vector<store::StoredTransaction> last_block() {
        const auto snapshot = store_->snapshot();
        const auto block = snapshot->block(snapshot->height()).value().value();
        std::vector<store::StoredTransaction> out;
        for (const auto& id : block.transactions) out.push_back(snapshot->transaction(id).value().value());
        return out;
    }
    /// The reasons with which transactions were dropped since the last call of `told`.
    std::vector<std::string> dropped() {
        std::vector<std::string> out;
        for (const auto& event : told()) {
            if (event.topic == "dropped") out.push_back(event.payload);
        }
        return out;
    }
};

TEST_F(PhoenixChain, begins_with_the_recorded_root) {  // docs/reference/phoenix-and-plonk.md 2.4
    begin();
    EXPECT_EQ(base::to_hex(root()), "be6d1ec1f421eb1631a86464ac8df41c11d3e298692a0b368468acc438d2e759");
}

/// The way of a real transaction with a real proof, which is of version 1.
TEST_F(PhoenixChain, recorded_transfers_go_into_a_block_with_others) {
    options_.proof_check = [](std::span<const ledger::Transaction* const> all, const auto& seed) {
        return phoenix::verify_proofs(all, plonk::Version::v1, seed);
    };
    begin();
    const auto first = recorded_transfer(0), second = recorded_transfer(59);
    auto pays = transfer(1);
    pays.chain_id = kBenchChain;
    ASSERT_EQ(refusal(preverify(first.encode(ledger::Envelope::aegis))), "accepted");
    for (const auto& tx : {first, signed_by(1, pays), second}) ASSERT_EQ(refusal(propagate(tx)), "accepted");
    told();

    mine();

    const auto block = last_block();
    ASSERT_EQ(block.size(), 3U);
    for (const auto& tx : block) EXPECT_EQ(tx.error, std::nullopt);
    const auto spent = std::vector{first.phoenix()->nullifiers[0], second.phoenix()->nullifiers[0]};
    EXPECT_EQ(chain_->state()->spent_nullifiers(spent).value(), spent);
    EXPECT_EQ(chain_->mempool_size(), 0U);
    EXPECT_EQ(refusal(propagate(first)), "this transaction exists in the ledger");
    ledger::Phoenix again = *first.phoenix();
    again.proof.back() ^= std::byte{1};  // another id
    auto printed = spent[0];
    std::ranges::reverse(printed);
    EXPECT_EQ(refusal(propagate(ledger::Transaction(again))),
              "this transaction is invalid Nullifiers already spent: [0x" + base::to_hex(printed) + "]");
    std::vector<wire::layouts::PhoenixEvent> events;
    for (const auto& event : told()) {
        if (event.topic == "phoenix")
            events.push_back(*wire::rkyv::unarchive<wire::layouts::PhoenixEvent>(base::view(event.payload)));
    }
    ASSERT_EQ(events.size(), 2U);
    for (const auto& event : events) {
        const auto& tx =
            base::equal(event.nullifiers[0].bytes, crypto::scalar_to_montgomery(spent[0]).value()) ? first : second;
        auto refund = phoenix::refund_note(*tx.phoenix(), event.gas_spent, 0).value();
        refund.pos = event.refund_note.value().pos;
        EXPECT_EQ(phoenix::Note::from_archive(wire::rkyv::archive(*event.refund_note)), refund);
    }
}

TEST_F(PhoenixChain, refuses_proofs_of_older_versions) {
    options_.proof_check = {};  // the program's own
    begin();
    EXPECT_EQ(refusal(preverify(recorded_transfer(0).encode(ledger::Envelope::aegis))),
              "this transaction is invalid Invalid proof");
    EXPECT_EQ(refusal(propagate(recorded_transfer(0))), "this transaction is invalid Invalid proof");
    EXPECT_TRUE(topics().empty()) << "a refusal writes no event";
}

TEST_F(PhoenixChain, of_a_batch_only_the_bad_proofs_are_refused) {
    begin();
    Hold hold;
    hold_verifier(hold);
    std::vector<std::future<Verdict>> verdicts;
    for (std::uint64_t i = 0; i < 6; ++i) {
        const std::byte proof = i % 3 == 0 ? kBadProof : std::byte{};
        verdicts.push_back(propagate_later(shielded({.nullifiers = {nullifier(i + 1)}, .proof = proof})));
    }
    auto pays = transfer(1);
    pays.chain_id = kBenchChain;
    verdicts.push_back(propagate_later(signed_by(1, pays)));
    hold.release();

    for (std::size_t i = 0; i < 6; ++i)
        EXPECT_EQ(refusal(verdicts[i].get()), i % 3 == 0 ? "this transaction is invalid Invalid proof" : "accepted");
    EXPECT_TRUE(verdicts.back().get());
}

TEST_F(PhoenixChain, a_dearer_transaction_takes_the_place_of_all_its_rivals) {
    begin();
    const auto one = shielded({.nullifiers = {nullifier(1)}});
    const auto two = shielded({.nullifiers = {nullifier(2), nullifier(3)}, .gas_price = 2});
    const auto both = shielded({.nullifiers = {nullifier(3), nullifier(1)}, .gas_price = 3});
    ASSERT_TRUE(propagate(one) && propagate(two));
    told();

    ASSERT_TRUE(propagate(both));

    const auto events = told();
    ASSERT_EQ(events.size(), 3U);
    EXPECT_EQ(events[0].topic + events[1].topic, "removedremoved");
    EXPECT_EQ((std::set{events[0].entity, events[1].entity}),
              (std::set{base::to_hex(one.id()), base::to_hex(two.id())}));
    EXPECT_EQ(events[2].topic, "included");
    EXPECT_EQ(chain_->mempool_size(), 1U);
    EXPECT_EQ(refusal(propagate(two)), "this transaction's spendId exists in the mempool");
}

TEST_F(PhoenixChain, drops_what_cannot_be_spent_when_a_block_is_made) {
    begin();
    Shielded old_root{.nullifiers = {nullifier(1)}, .root = nullifier(99), .chain_id = kBenchChain};
    Shielded foreign{.nullifiers = {nullifier(2)}, .root = root(), .chain_id = kBenchChain - 1};
    ASSERT_TRUE(propagate(old_root.tx()) && propagate(foreign.tx()));
    told();

    mine();

    const auto why = dropped();
    ASSERT_EQ(why.size(), 2U);
    EXPECT_NE((why[0] + why[1]).find("Unspendable(Panic("), std::string::npos) << why[0];
    EXPECT_TRUE(last_block().empty());
    EXPECT_EQ(chain_->mempool_size(), 0U);
}

TEST_F(PhoenixChain, a_root_of_an_earlier_block_is_still_good) {
    begin();
    const auto before = shielded({.nullifiers = {nullifier(1)}});
    ASSERT_TRUE(propagate(shielded({.nullifiers = {nullifier(2)}})));
    mine(2);
    ASSERT_NE(root(), before.phoenix()->root) << "new notes";

    ASSERT_TRUE(propagate(before));
    mine();

    EXPECT_EQ(last_block().size(), 1U);
}

TEST_F(PhoenixChain, a_nullifier_is_spent_once_in_a_block) {
    begin();
    const auto first = shielded({}), second = shielded({.proof = std::byte{1}});
    BlockContext context = context_at(1);
    context.chain_id = kBenchChain;
    BlockExecution block(machine(), chain_->state()->state(), context);
    ASSERT_TRUE(block.begin());

    ASSERT_TRUE(block.add(first, SpendProof::good));
    const auto again = block.add(second, SpendProof::good);

    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().kind, Discard::Kind::unspendable);
    EXPECT_TRUE(again.error().text.starts_with("Unspendable(Panic(")) << again.error().text;
}

TEST_F(PhoenixChain, a_limit_that_cannot_pay_the_check_of_the_proof_is_refused_with_one_that_can) {
    begin();
    const auto poor = propagate(shielded({.gas_limit = 5'000'000}));
    ASSERT_FALSE(poor);
    const std::string text = refusal(poor);
    ASSERT_TRUE(text.starts_with("gas limit lower than minimum ")) << text;

    const auto enough = base::parse_u64(text.substr(29)).value();
    EXPECT_GT(enough, 10'000'000U);
    EXPECT_TRUE(propagate(shielded({.gas_limit = enough})));
    mine();
    EXPECT_EQ(last_block().size(), 1U);
}

TEST_F(PhoenixChain, a_restart_keeps_what_waits_and_phoenix_off_gives_it_up) {
    begin();
    ASSERT_TRUE(propagate(shielded({})));
    restart();
    EXPECT_EQ(chain_->mempool_size(), 1U);
    EXPECT_EQ(refusal(propagate(shielded({.proof = std::byte{1}}))),
              "this transaction's spendId exists in the mempool");
    told();

    options_.phoenix = false;
    restart();
    settle();

    EXPECT_EQ(chain_->mempool_size(), 0U);
    EXPECT_EQ(topics(), Topics{"removed"});
    EXPECT_EQ(refusal(propagate(shielded({}))), "this transaction is invalid phoenix is not enabled in the VM");
}

TEST_F(PhoenixChain, a_simulation_says_what_a_block_would_do) {
    begin();
    const auto run = [&](const ledger::Transaction& tx) {
        return simulate(tx.encode(ledger::Envelope::aegis)).value();
    };

    const auto good = run(shielded({}));
    const auto bad = run(shielded({.proof = kBadProof}));

    EXPECT_EQ(good.error, std::nullopt);
    EXPECT_GT(good.gas_spent, 10'000'000U);
    ASSERT_TRUE(bad.error);
    EXPECT_TRUE(bad.error->starts_with("Unspendable(Panic(")) << *bad.error;
    EXPECT_EQ(bad.gas_spent, 0U);
}

TEST_F(PhoenixChain, notes_become_account_balance) {
    begin();
    const std::uint64_t value = 5'000'000;
    Shielded parts{.nullifiers = {nullifier(1), nullifier(2)}, .deposit = value};
    parts.data = ledger::Call{ledger::kTransferContract, "convert", convert_to_account(parts.nullifiers, value)};
    const auto before = account_of(2).balance;

    ASSERT_TRUE(propagate(shielded(parts)));
    mine();

    const auto block = last_block();
    ASSERT_EQ(block.size(), 1U);
    EXPECT_EQ(block[0].error, std::nullopt);
    EXPECT_EQ(account_of(2).balance, before + value);
}

TEST_F(PhoenixChain, notes_pay_a_stake) {
    begin();
    const std::uint64_t value = 2'000'000'000'000;
    Shielded parts{.deposit = value};
    const ledger::StakeParties parties{profile(2), profile(2)};
    parts.data =
        ledger::Call{ledger::kStakeContract, "stake", wire::rkyv::archive(ledger::stake(parties, value, kBenchChain))};

    ASSERT_TRUE(propagate(shielded(parts)));
    mine();

    const auto block = last_block();
    ASSERT_EQ(block.size(), 1U);
    EXPECT_EQ(block[0].error, std::nullopt);
    const auto stake = chain_->state()->call(ledger::kStakeContract, "get_stake", calls::key(profile(2).public_key()));
    EXPECT_EQ(base::to_hex(base::ByteView(stake.value()).subspan(16, 8)), "00204aa9d1010000");
}

}  // namespace
}  // namespace rues::chain::test
