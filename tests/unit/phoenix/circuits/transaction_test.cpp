#include "phoenix/circuits/transaction.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "base/endian.hpp"
#include "crypto/hash.hpp"
#include "plonk/composer/description.hpp"
#include "unit/phoenix/circuits/inputs.hpp"

namespace rues::phoenix {
namespace {

struct Identity {
    std::size_t inputs, gates, witnesses, description_size;
    std::string_view description_hash;
};

// docs/reference/phoenix-and-plonk.md 4.1 and 4.6: equal to the circuits of the network in every selector and wire.
constexpr Identity kIdentities[] = {
    {1, 46'321, 62'253, 713'453, "a42bcbd3927f62a66be4dbb50465bd0c8486f566364fe348c09f7adb735c2008"},
    {2, 73'646, 94'037, 1'190'169, "2eba8d8f5ce634599abbee95772278f10f1888c9696f409574d5893fc10bf834"},
    {3, 100'971, 125'821, 1'725'143, "d2572619155fbaf7404742543658de733a28aa2bf1ec076c8734a71d6945285b"},
    {4, 128'296, 157'605, 2'272'573, "e82cd49488e0b09be04c48b2c7f0ada8a7773f6bf1adfc58aa8314fe06d14857"},
};

class TransactionCircuit : public testing::TestWithParam<Identity> {};
INSTANTIATE_TEST_SUITE_P(Inputs, TransactionCircuit, testing::ValuesIn(kIdentities),
                         [](const auto& each) { return std::to_string(each.param.inputs); });

TEST_P(TransactionCircuit, is_the_circuit_of_the_network) {
    const plonk::Circuit circuit = transaction_circuit(GetParam().inputs);

    EXPECT_EQ(circuit.gates().size(), GetParam().gates);
    EXPECT_EQ(circuit.witnesses(), GetParam().witnesses);
    EXPECT_EQ(circuit.input_rows().size(), 28 + GetParam().inputs);
    EXPECT_EQ(circuit.selectors().size(), 1'132U);
    const base::Bytes description = plonk::describe(circuit);
    EXPECT_EQ(description.size(), GetParam().description_size);
    EXPECT_EQ(base::to_hex(crypto::sha256(description)), GetParam().description_hash);
}

TEST(TransactionCircuit, has_its_public_inputs_in_the_rows_of_the_network) {  // docs/reference/phoenix-and-plonk.md 4.2
    const std::vector<std::uint32_t> expected{4,      5,      6,      27'331, 27'332, 27'870, 27'871, 28'409,
                                              28'410, 37'181, 37'182, 37'183, 37'184, 41'745, 41'746, 41'747,
                                              41'748, 41'749, 41'750, 41'751, 41'752, 46'313, 46'314, 46'315,
                                              46'316, 46'317, 46'318, 46'319, 46'320};
    EXPECT_EQ(transaction_circuit(1).input_rows(), expected);
}

class RecordedInputs : public testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(Inputs, RecordedInputs, testing::Values(1, 4));

TEST_P(RecordedInputs, satisfy_every_gate) {
    const auto built = compose(recorded_inputs::witness(GetParam()));
    EXPECT_EQ(first_unsatisfied(built.circuit, built.assignment), std::nullopt);
    EXPECT_EQ(built.assignment.inputs.size(), 28 + GetParam());
}

TEST_P(RecordedInputs, give_the_same_values_when_gates_are_not_recorded) {
    const TransactionWitness witness = recorded_inputs::witness(GetParam());
    const auto all = compose(witness);
    const auto values = compose(witness, plonk::Composer::Record::values);
    EXPECT_EQ(values.assignment.witnesses, all.assignment.witnesses);
    EXPECT_EQ(values.assignment.inputs, all.assignment.inputs);
    EXPECT_TRUE(values.circuit.gates().empty());
}

TEST_P(RecordedInputs, give_the_circuit_that_blank_inputs_give) {
    EXPECT_EQ(describe(compose(recorded_inputs::witness(GetParam())).circuit),
              describe(transaction_circuit(GetParam())));
}

/// The text of first_unsatisfied for the recorded input with one note, after `change`; `nothing` when all rows hold.
std::string unsatisfied_after(void (*change)(TransactionWitness&)) {
    TransactionWitness witness = recorded_inputs::witness(1);
    change(witness);
    const auto built = compose(witness);
    return first_unsatisfied(built.circuit, built.assignment).value_or("nothing");
}

TEST(UnsatisfiedTransaction, is_found_with_its_row) {
    EXPECT_NE(unsatisfied_after([](TransactionWitness& of) { of.payload_hash = Fr(1); }), "nothing");
    EXPECT_NE(unsatisfied_after([](TransactionWitness& of) { of.root = Fr(1); }), "nothing");
    EXPECT_NE(unsatisfied_after([](TransactionWitness& of) { of.inputs[0].nullifier = Fr(1); }), "nothing");
    EXPECT_NE(unsatisfied_after([](TransactionWitness& of) { of.inputs[0].value += 1; }), "nothing");
    EXPECT_NE(unsatisfied_after([](TransactionWitness& of) { of.outputs[1].value += 1; }), "nothing");
    EXPECT_NE(unsatisfied_after([](TransactionWitness& of) { of.max_fee += 1; }), "nothing");
    EXPECT_NE(unsatisfied_after([](TransactionWitness& of) { of.inputs[0].opening.positions[3] ^= 1; }), "nothing");
    EXPECT_NE(unsatisfied_after([](TransactionWitness& of) { of.outputs[0].sender.a.nonce = of.sender.a; }), "nothing");
}

TEST(TransactionWitness, refuses_bytes_that_are_too_short_with_the_text_of_the_network) {
    const auto text = [](base::ByteView bytes) {
        const auto decoded = TransactionWitness::decode(bytes);
        return decoded ? std::string("decoded") : decoded.error().text;
    };
    const base::Bytes one = recorded_inputs::bytes(1);
    const base::ByteView all = one;
    EXPECT_EQ(text(base::Bytes(8)), "BadLength(8, 872)");  // tests/data/rusk-1.7/http.json records this answer
    EXPECT_EQ(text(base::Bytes(7)), "BadLength(7, 8)");
    EXPECT_EQ(text(base::Bytes()), "BadLength(0, 8)");
    EXPECT_EQ(text(all.first(3'649)), "BadLength(3649, 3650)");
    EXPECT_EQ(text(all), "decoded");
    base::Bytes most(16, std::byte{0xff});
    EXPECT_EQ(text(most), "BadLength(16, 18446744073709549710)");
}

TEST(TransactionWitness, has_one_to_four_inputs) {
    constexpr std::size_t kInput = 2'778;
    const base::Bytes one = recorded_inputs::bytes(1);
    for (const std::size_t inputs : {0U, 1U, 2U, 4U, 5U}) {
        base::Bytes bytes(8);
        bytes[0] = static_cast<std::byte>(inputs);
        for (std::size_t i = 0; i < inputs; ++i) base::append(bytes, base::ByteView(one).subspan(8, kInput));
        base::append(bytes, base::ByteView(one).subspan(8 + kInput));
        const auto decoded = TransactionWitness::decode(bytes);
        EXPECT_EQ(decoded.has_value(), inputs >= 1 && inputs <= 4) << inputs;
        EXPECT_EQ(decoded ? "InvalidData" : decoded.error().text, "InvalidData");
    }
}

TEST(TransactionWitness, ignores_bytes_after_the_last_field) {
    base::Bytes longer = recorded_inputs::bytes(1);
    longer.resize(longer.size() + 3);
    EXPECT_TRUE(TransactionWitness::decode(longer).has_value());
}

/// A field of the encoding, at an offset from docs/reference/phoenix-and-plonk.md 4.5.
struct Field {
    std::size_t offset, size;
    bool may_be_anything;  ///< as far as decoding goes
};

TEST(TransactionWitness, refuses_each_field_that_is_no_point_and_no_canonical_scalar) {
    constexpr std::size_t kNote = 8 + 2'276, kAfterNote = kNote + 302, kOutput = 8 + 2'778, kRest = kOutput + 2 * 296;
    std::vector<Field> fields{{8, 32, false},
                              {8 + 32 + 5 * 32, 32, false},
                              {8 + 2'208, 4, false},
                              {kNote, 1, false},
                              {kNote + 1, 32, false},
                              {kNote + 33, 32, false},
                              {kNote + 65, 32, false},
                              {kNote + 97, 8, true},
                              {kNote + 105, 68, true},
                              {kNote + 173, 1, false},
                              {kNote + 174, 128, true},
                              {kAfterNote, 32, false},
                              {kAfterNote + 32, 8, true},
                              {kAfterNote + 40, 32, false},
                              {kAfterNote + 72, 32, false},
                              {kAfterNote + 104, 32, false},
                              {kAfterNote + 136, 32, false},
                              {kAfterNote + 168, 32, false}};
    for (const std::size_t output : {kOutput, kOutput + 296}) {
        fields.push_back({output, 8, true});
        for (std::size_t i = 0; i < 9; ++i) fields.push_back({output + 8 + 32 * i, 32, false});
    }
    for (std::size_t i = 0; i < 2; ++i) fields.push_back({kRest + 32 * i, 32, false});
    for (std::size_t i = 0; i < 2; ++i) fields.push_back({kRest + 64 + 8 * i, 8, true});
    for (std::size_t i = 0; i < 6; ++i) fields.push_back({kRest + 80 + 32 * i, 32, false});

    for (const Field& field : fields) {
        base::Bytes bytes = recorded_inputs::bytes(1);
        std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(field.offset), field.size, std::byte{0xff});
        const auto decoded = TransactionWitness::decode(bytes);
        EXPECT_EQ(decoded.has_value(), field.may_be_anything) << "offset " << field.offset;
        EXPECT_EQ(decoded ? "InvalidData" : decoded.error().text, "InvalidData");
    }
}

TEST(TransactionWitness, refuses_a_note_whose_encrypted_sender_is_no_four_points) {
    constexpr std::size_t kNote = 8 + 2'276, kSender = kNote + 173;
    base::Bytes bytes = recorded_inputs::bytes(1);
    ASSERT_EQ(bytes[kSender], std::byte{1}) << "the sender of the recorded note is a contract";
    bytes[kSender] = std::byte{0};
    EXPECT_FALSE(TransactionWitness::decode(bytes).has_value());
    const auto key = base::to_array<32>(base::ByteView(bytes).subspan(kNote + 65, 32));
    for (std::size_t i = 0; i < 4; ++i) {
        std::ranges::copy(key, bytes.begin() + static_cast<std::ptrdiff_t>(kSender + 1 + 32 * i));
    }
    EXPECT_TRUE(TransactionWitness::decode(bytes).has_value());
    bytes.at(kSender + 128) ^= std::byte{0x7f};
    EXPECT_FALSE(TransactionWitness::decode(bytes).has_value());
}

TEST(TransactionWitness, refuses_a_point_outside_the_prime_subgroup) {
    base::Bytes bytes = recorded_inputs::bytes(1);
    const auto two_torsion = base::from_hex("00000000fffffffffe5bfeff02a4bd5305d8a10908d83933487d9d2953a7ed73").value();
    std::ranges::copy(two_torsion, bytes.begin() + 8 + 2'276 + 302);
    EXPECT_EQ(TransactionWitness::decode(bytes).error().text, "InvalidData");
}

}  // namespace
}  // namespace rues::phoenix
