#include "phoenix/circuits/building.hpp"

#include <gtest/gtest.h>

#include "phoenix/circuits/opening.hpp"
#include "unit/phoenix/circuits/inputs.hpp"
#include "unit/phoenix/note_tree.hpp"

namespace rues::phoenix {
namespace {

constexpr std::uint64_t kGenesisValue = 10'000'000'000;  // LUX, of each transparent note
constexpr std::uint64_t kHidden = 7'000;                 // LUX, of the obfuscated note

const SecretKey& sender() {
    static const SecretKey kKey = test::bench_key(3);
    return kKey;
}
const SecretKey& receiver() {
    static const SecretKey kKey = test::bench_key(4);
    return kKey;
}

/// Five notes of the sender, of which the third one is obfuscated, and one of the receiver.
const test::NoteTree& tree() {
    static const test::NoteTree kTree = [] {
        std::vector<Note> notes;
        for (std::size_t i = 0; i < 5; ++i) notes.push_back(Note::from_archive(test::bench_genesis_note(3)).value());
        const Fl random(5);
        const auto key = sender().public_key();
        const auto hidden_from =
            encrypt_sender(key, key.stealth_address(random).note_key, Fl(std::uint64_t{6}), Fl(std::uint64_t{7}));
        notes[2] = obfuscated_note(key, random, kHidden, Fl(std::uint64_t{8}), {}, hidden_from);
        notes.push_back(Note::from_archive(test::bench_genesis_note(4)).value());
        return test::NoteTree(std::move(notes));
    }();
    return kTree;
}

SpendableNote spendable(std::size_t position) {
    return {tree().note(position), tree().opening(position)};
}

/// A transfer of 1,000 LUX; the notes at 2, 1, 0 and 3 are spent, as many as `inputs` says.
Order order(std::size_t inputs) {
    Order out;
    out.chain_id = 7;
    for (const std::size_t position : {2UZ, 1UZ, 0UZ, 3UZ})
        if (out.inputs.size() < inputs) out.inputs.push_back(spendable(position));
    out.receiver = receiver().public_key();
    out.value = 1'000;
    out.gas_limit = 300;
    out.gas_price = 2;
    return out;
}

Unproven built(Order order, std::uint64_t seed = 1) {
    return build(sender(), std::move(order), test::drawn(seed)).value();
}

std::optional<std::string> unsatisfied(const TransactionWitness& witness) {
    const auto made = compose(witness);
    return plonk::first_unsatisfied(made.circuit, made.assignment);
}

TEST(NoteTree, has_the_root_of_the_recorded_genesis) {  // docs/reference/phoenix-and-plonk.md 2.4
    std::vector<Note> notes;
    for (std::size_t i = 0; i < 100; ++i) notes.push_back(Note::from_archive(test::bench_genesis_note(i)).value());

    const test::NoteTree all(notes);

    EXPECT_EQ(base::to_hex(all.root().bytes()), "be6d1ec1f421eb1631a86464ac8df41c11d3e298692a0b368468acc438d2e759");
    for (const std::size_t position : {0UZ, 37UZ, 99UZ})
        EXPECT_TRUE(leads_to_root(all.opening(position), all.note(position)));
}

TEST(Opening, leads_to_the_root_only_from_its_own_note_and_whole) {
    const CircuitOpening opening = tree().opening(2);
    EXPECT_TRUE(leads_to_root(opening, tree().note(2)));
    EXPECT_FALSE(leads_to_root(opening, tree().note(1)));
    auto other = opening;
    other.root = Fr(1);
    EXPECT_FALSE(leads_to_root(other, tree().note(2)));
    other = opening;
    other.branch[3][2] = Fr(1);
    EXPECT_FALSE(leads_to_root(other, tree().note(2)));
    other = opening;
    other.positions[16] = 1;
    EXPECT_FALSE(leads_to_root(other, tree().note(2)));
}

TEST(Opening, does_not_lead_from_a_note_with_another_position) {
    for (const std::uint64_t position : {std::uint64_t{1}, std::uint64_t{1} << 34}) {  // the second is beyond the tree
        Note moved = tree().note(0);
        moved.pos = position;
        const test::NoteTree false_tree({moved}, test::NoteTree::Positions::as_they_are);
        EXPECT_FALSE(leads_to_root(false_tree.opening(0), false_tree.note(0)));
    }
    Note kept = tree().note(0);
    kept.pos = 0;
    const test::NoteTree good({kept}, test::NoteTree::Positions::as_they_are);
    EXPECT_TRUE(leads_to_root(good.opening(0), good.note(0)));
}

TEST(Opening, is_read_from_the_archive_of_the_contract) {
    const CircuitOpening opening = tree().opening(4);
    wire::layouts::NoteOpening archived;
    archived.root.bytes = opening.root.montgomery();
    auto at = archived.branch.bytes.begin();
    for (const auto& children : opening.branch)
        for (const Fr& child : children) at = std::ranges::copy(child.montgomery(), at).out;
    for (std::size_t i = 0; i < kTreeDepth; ++i)
        base::store_le(archived.positions.bytes.data() + 4 * i, opening.positions[i]);

    const auto read = opening_of(archived);

    ASSERT_TRUE(read);
    EXPECT_EQ(read->root, opening.root);
    EXPECT_EQ(read->branch, opening.branch);
    EXPECT_EQ(read->positions, opening.positions);
    const auto refused = [&](auto change) {
        auto wrong = archived;
        change(wrong);
        return !opening_of(wrong);
    };
    EXPECT_TRUE(refused([](auto& of) { of.root.bytes.fill(std::byte{0xff}); }));
    EXPECT_TRUE(refused([](auto& of) { of.branch.bytes[63] = std::byte{0xff}; }));
    EXPECT_TRUE(refused([](auto& of) { of.positions.bytes[64] = std::byte{4}; }));
}

class BuiltTransaction : public testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(Inputs, BuiltTransaction, testing::Values(1, 2, 3, 4));

TEST_P(BuiltTransaction, satisfies_its_circuit_and_publishes_the_circuits_inputs) {
    const auto made = built(order(GetParam()));
    const auto circuit = made.witness.encode();

    EXPECT_EQ(circuit.size(), 872 + 2'778 * GetParam());  // docs/reference/phoenix-and-plonk.md 4.5
    const auto read = TransactionWitness::decode(circuit);
    ASSERT_TRUE(read) << read.error().text;
    EXPECT_EQ(unsatisfied(*read), std::nullopt);
    EXPECT_EQ(public_inputs(ledger::Transaction(made.body)), compose(*read).assignment.inputs);
}

TEST_P(BuiltTransaction, round_trips_and_publishes_the_nullifiers_of_its_notes) {
    const Order asked = order(GetParam());
    auto made = built(asked);

    const auto tx = std::move(made).with(base::Bytes(1'008));

    const auto bytes = tx.encode(ledger::Envelope::aegis);
    EXPECT_EQ(bytes.size(), 1'904 + 32 * GetParam());  // docs/reference/phoenix-and-plonk.md 3.7
    const auto read = ledger::Transaction::decode(bytes);
    ASSERT_TRUE(read) << read.error().text;
    EXPECT_EQ(read->id(), tx.id());
    const auto& body = *read->phoenix();
    EXPECT_EQ(body.chain_id, 7);
    EXPECT_EQ(body.root, tree().root().bytes());
    EXPECT_EQ(body.max_fee, 600U);
    EXPECT_EQ(body.gas_limit * body.gas_price, body.max_fee);
    ASSERT_EQ(body.nullifiers.size(), GetParam());
    const auto nullifiers = nullifiers_of(sender(), asked.inputs);
    for (std::size_t i = 0; i < GetParam(); ++i) {
        const Note& note = asked.inputs[i].note;
        EXPECT_EQ(body.nullifiers[i], nullifiers[i].bytes());
        EXPECT_EQ(body.nullifiers[i], nullifier(*sender().note_secret(note.stealth_address), note.pos).bytes());
    }
}

TEST(BuiltTransaction, pays_the_receiver_and_gives_the_sender_change_and_refund) {
    const auto made = built(order(2));

    const auto paid = Note::decode(made.body.outputs[0]).value();
    const auto change = Note::decode(made.body.outputs[1]).value();
    EXPECT_EQ(paid.type, NoteType::obfuscated);
    ASSERT_TRUE(receiver().view_key().owns(paid.stealth_address));
    EXPECT_EQ(open(paid, receiver().view_key())->value, 1'000U);
    const auto paid_secret = receiver().note_secret(paid.stealth_address);
    EXPECT_EQ(sender_of(paid, *paid_secret), sender().public_key());
    EXPECT_EQ(change.type, NoteType::obfuscated);
    ASSERT_TRUE(sender().view_key().owns(change.stealth_address));
    EXPECT_EQ(open(change, sender().view_key())->value, kHidden + kGenesisValue - 1'000 - 600);
    // docs/reference/phoenix-and-plonk.md 3.8
    EXPECT_EQ(made.body.fee_stealth_address, change.stealth_address.bytes());
    const auto refund = refund_note(made.body, 100, 0);
    ASSERT_TRUE(refund);
    EXPECT_EQ(open(*refund, sender().view_key())->value, 400U);
    const auto refund_secret = sender().note_secret(refund->stealth_address);
    EXPECT_EQ(sender_of(*refund, *refund_secret), sender().public_key());
}

TEST(BuiltTransaction, may_show_its_value_and_deposit_into_a_contract) {
    auto asked = order(2);
    asked.type = NoteType::transparent;
    asked.deposit = 50;
    asked.data = ledger::Call{ledger::kTransferContract, "deposit", {}};

    const auto made = built(asked);

    const auto paid = Note::decode(made.body.outputs[0]).value();
    EXPECT_EQ(paid.type, NoteType::transparent);
    EXPECT_EQ(open(paid, receiver().view_key())->value, 1'000U);
    EXPECT_EQ(made.body.deposit, 50U);
    EXPECT_EQ(open(Note::decode(made.body.outputs[1]).value(), sender().view_key())->value,
              kHidden + kGenesisValue - 1'000 - 50 - 600);
    EXPECT_EQ(unsatisfied(made.witness), std::nullopt);
}

TEST(BuiltTransaction, is_signed_over_its_data) {
    auto asked = order(1);
    const auto plain = built(asked);
    asked.data = ledger::Memo{base::to_bytes("invoice 7")};
    const auto with_memo = built(asked);

    EXPECT_NE(plain.witness.payload_hash, with_memo.witness.payload_hash);
    EXPECT_EQ(with_memo.witness.payload_hash, payload_hash(ledger::Transaction(with_memo.body)));
    EXPECT_EQ(unsatisfied(with_memo.witness), std::nullopt);
}

TEST(BuiltTransaction, depends_on_the_random_numbers_alone) {
    EXPECT_EQ(built(order(1), 1).witness.encode(), built(order(1), 1).witness.encode());
    const auto one = built(order(1), 1), other = built(order(1), 2);
    EXPECT_NE(one.body.outputs[0], other.body.outputs[0]);
    EXPECT_NE(one.body.outputs[1], other.body.outputs[1]);
    EXPECT_NE(one.witness.signature_a.nonce, other.witness.signature_a.nonce);
    EXPECT_NE(one.witness.inputs[0].nonce, one.witness.signature_a.nonce);
}

TEST(BuiltTransaction, is_not_proven_with_any_other_value) {
    const std::pair<const char*, void (*)(TransactionWitness&)> changes[] = {
        {"payload hash", [](auto& of) { of.payload_hash = Fr(1); }},
        {"root", [](auto& of) { of.root = Fr(1); }},
        {"deposit", [](auto& of) { of.deposit += 1; }},
        {"maximum fee", [](auto& of) { of.max_fee += 1; }},
        {"path", [](auto& of) { of.inputs[0].opening.branch[16][0] = Fr(1); }},
        {"place in the path", [](auto& of) { of.inputs[0].opening.positions[16] ^= 1U; }},
        {"type", [](auto& of) { of.inputs[0].note.type = NoteType::transparent; }},
        {"position", [](auto& of) { of.inputs[0].note.pos += 1; }},
        {"key of the note", [](auto& of) { of.inputs[0].note.stealth_address.note_key = of.sender.a; }},
        {"second key of the note", [](auto& of) { of.inputs[0].note_key_nums = of.sender.a; }},
        {"input value", [](auto& of) { of.inputs[0].value += 1; }},
        {"input blinder", [](auto& of) { of.inputs[0].value_blinder = Fl(1); }},
        {"nullifier", [](auto& of) { of.inputs[0].nullifier = Fr(1); }},
        {"signature of the note", [](auto& of) { of.inputs[0].signature = Fl(1); }},
        {"nonce of it", [](auto& of) { of.inputs[0].nonce = of.sender.a; }},
        {"second nonce of it", [](auto& of) { of.inputs[0].nonce_nums = of.sender.a; }},
        {"output value", [](auto& of) { of.outputs[0].value += 1; }},
        {"output commitment", [](auto& of) { of.outputs[0].value_commitment = of.sender.a; }},
        {"output blinder", [](auto& of) { of.outputs[1].value_blinder = Fl(1); }},
        {"output key", [](auto& of) { of.outputs[1].note_key = of.sender.a; }},
        {"encrypted sender", [](auto& of) { of.outputs[0].sender.b.masked = of.sender.a; }},
        {"blinder of the sender", [](auto& of) { of.outputs[1].sender_blinder_a = Fl(1); }},
        {"sender", [](auto& of) { std::swap(of.sender.a, of.sender.b); }},
        {"first signature of the sender", [](auto& of) { of.signature_a.u = Fl(1); }},
        {"second signature of the sender", [](auto& of) { of.signature_b.nonce = of.sender.a; }},
    };
    const auto circuit = built(order(1)).witness.encode();
    for (const auto& [name, change] : changes) {
        auto witness = TransactionWitness::decode(circuit).value();
        change(witness);
        EXPECT_NE(unsatisfied(witness), std::nullopt) << name;
    }
}

std::string refusal(const Order& asked, const SecretKey& key = sender()) {
    const auto made = build(key, asked, test::drawn(1));
    return made ? "built" : made.error().text;
}

TEST(BuiltTransaction, spends_one_to_four_notes) {
    EXPECT_EQ(refusal(order(0)), "a transaction spends 1 to 4 notes, not 0");
    auto five = order(4);
    five.inputs.push_back(spendable(4));
    EXPECT_EQ(refusal(five), "a transaction spends 1 to 4 notes, not 5");
}

TEST(BuiltTransaction, spends_only_notes_of_its_key_in_one_tree) {
    auto foreign = order(1);
    foreign.inputs.push_back(spendable(5));
    EXPECT_EQ(refusal(foreign), "note 5 does not belong to the key");
    auto elsewhere = order(2);
    elsewhere.inputs[1].opening = tree().opening(3);
    EXPECT_EQ(refusal(elsewhere), "note 1 is not in the tree of the others");
    auto older = order(1);
    const test::NoteTree small({tree().note(0)});
    older.inputs.push_back({small.note(0), small.opening(0)});
    EXPECT_EQ(refusal(older), "note 0 is not in the tree of the others");
}

TEST(BuiltTransaction, spends_no_more_than_its_notes_have) {
    auto all = order(1);
    all.value = kHidden - 600;
    EXPECT_EQ(refusal(all), "built");
    all.value += 1;
    EXPECT_EQ(refusal(all), "the notes have 7000 LUX, and 7001 are needed");
    auto too_large = order(1);
    too_large.gas_limit = UINT64_MAX;
    EXPECT_EQ(refusal(too_large), "the amounts are too large");
    too_large = order(1);
    too_large.value = UINT64_MAX;
    EXPECT_EQ(refusal(too_large), "the amounts are too large");
}

TEST(BuiltTransaction, is_not_built_without_random_numbers) {
    std::size_t calls = 0;
    for (std::size_t good = 0; good < 15; ++good) {
        calls = 0;
        const auto made = build(sender(), order(1), [&](std::span<std::byte>) { return calls++ < good; });
        ASSERT_FALSE(made) << good;
        EXPECT_EQ(made.error().kind, base::Error::Kind::io);
    }
    EXPECT_TRUE(build(sender(), order(1), [](std::span<std::byte>) { return true; }));
}

TEST(TransactionWitness, encodes_to_the_recorded_bytes) {
    for (const std::size_t inputs : {1UZ, 4UZ})
        EXPECT_EQ(recorded_inputs::witness(inputs).encode(), recorded_inputs::bytes(inputs));
}

}  // namespace
}  // namespace rues::phoenix
