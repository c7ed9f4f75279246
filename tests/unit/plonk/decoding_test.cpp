#include "base/endian.hpp"
#include "crypto/hash.hpp"
#include "golden.hpp"

namespace rues::plonk {
namespace {

base::Bytes verifier_data(std::size_t notes) {
    return base::to_bytes(ledger::transaction_circuits()[notes - 1].verifier_data);
}

/// The point with x = 4 lies on the curve, but not in the subgroup. No point has x = 1.
constexpr std::string_view kOtherGroup =
    "800000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000004";
constexpr std::string_view kOffCurve =
    "800000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001";
constexpr std::string_view kOrder = "01000000fffffffffe5bfeff02a4bd5305d8a10908d83933487d9d2953a7ed73";

/// The text of the error of T::decode, or `decoded`.
template <typename T>
std::string refusal(base::ByteView bytes) {
    const auto decoded = T::decode(bytes);
    return decoded ? "decoded" : decoded.error().text;
}

void put(base::Bytes& bytes, std::size_t at, std::string_view hex) {
    std::ranges::copy(*base::from_hex(hex), bytes.begin() + static_cast<std::ptrdiff_t>(at));
}

TEST(Proof, encodes_to_the_bytes_it_came_from) {
    for (const auto& statement : golden::transactions()) {
        const auto proof = Proof::decode(statement.proof);
        ASSERT_TRUE(proof) << proof.error().text;
        EXPECT_TRUE(base::equal(proof->encode(), statement.proof));
    }
}

TEST(Proof, has_exactly_1008_bytes) {
    auto bytes = golden::transactions().front().proof;
    for (std::size_t length = 0; length < bytes.size(); length += 21)
        EXPECT_FALSE(Proof::decode(base::ByteView(bytes).first(length))) << length;
    bytes.push_back(std::byte{0});
    EXPECT_EQ(refusal<Proof>(bytes), "not a proof: it has 1009 bytes instead of 1008");
}

TEST(Proof, points_must_lie_on_the_curve_and_in_the_subgroup_and_scalars_below_the_order) {
    const auto good = golden::transactions().front().proof;
    for (std::size_t i = 0; i < 11; ++i) {
        for (const auto point : {kOtherGroup, kOffCurve}) {
            auto bytes = good;
            put(bytes, i * 48, point);
            EXPECT_EQ(refusal<Proof>(bytes), "not a proof: commitment " + std::to_string(i) + " is not a point of G1");
        }
    }
    for (std::size_t i = 0; i < 15; ++i) {
        auto bytes = good;
        put(bytes, 528 + i * 32, kOrder);
        EXPECT_EQ(refusal<Proof>(bytes),
                  "not a proof: evaluation " + std::to_string(i) + " is not below the order of the field");
    }
}

TEST(Proof, identities_decode_and_do_not_hold) {  // docs/reference/phoenix-and-plonk.md 1.2
    auto statement = golden::transactions().front();
    put(statement.proof, 0, "c0");
    std::fill(statement.proof.begin() + 1, statement.proof.begin() + 48, std::byte{0});
    EXPECT_TRUE(Proof::decode(statement.proof));
    EXPECT_FALSE(golden::holds(golden::circuit(1), statement, Version::v1));

    for (std::size_t i = 0; i < 11; ++i) {
        put(statement.proof, i * 48, "c0");
        std::fill_n(statement.proof.begin() + static_cast<std::ptrdiff_t>(i * 48 + 1), 47, std::byte{0});
    }
    std::fill(statement.proof.begin() + 528, statement.proof.end(), std::byte{0});
    EXPECT_TRUE(Proof::decode(statement.proof));
    for (const auto version : {Version::v1, Version::v2, Version::v3})
        EXPECT_FALSE(golden::holds(golden::circuit(1), statement, version));
}

TEST(VerifierData, the_files_of_the_network_are_whole) {  // docs/reference/phoenix-and-plonk.md 4.1
    constexpr std::string_view kSha256[] = {"8282c5ad639085fb8e54b97edc5296167659b6c5406b47b5b2cf408475f4314c",
                                            "fe520e9784786571f2349b504a6052eb3e707051a72ef4a02026753f2c6e3645",
                                            "5eb867351a446fe6ad4caeaacf60237d3e61529d9b492b22a1f3c7696565126a",
                                            "e3d995e1441bfee2564ca305b73dcf1733dde217536bec308c1fcf3e8ae9b9dd"};
    constexpr std::uint64_t kGates[] = {46'321, 73'646, 100'971, 128'296};
    for (const auto& circuit : ledger::transaction_circuits()) {
        EXPECT_EQ(base::to_hex(crypto::sha256(circuit.verifier_data)), kSha256[circuit.inputs - 1]);
        const auto data = VerifierData::decode(circuit.verifier_data);
        ASSERT_TRUE(data) << data.error().text;
        EXPECT_EQ(data->constraints(), kGates[circuit.inputs - 1]);
        EXPECT_EQ(data->log_size(), circuit.inputs == 1 ? 16U : 17U);
        EXPECT_EQ(data->input_rows().size(), 28 + circuit.inputs);
    }
}

TEST(VerifierData, rows_of_public_inputs_are_those_of_the_reference) {  // docs/reference/phoenix-and-plonk.md 4.2
    std::vector<std::uint64_t> expected{4, 5, 6, 27331, 27332, 27870, 27871, 28409, 28410};
    for (std::uint64_t row = 37181; row <= 37184; ++row) expected.push_back(row);
    for (std::uint64_t row = 41745; row <= 41752; ++row) expected.push_back(row);
    for (std::uint64_t row = 46313; row <= 46320; ++row) expected.push_back(row);

    std::vector<std::uint64_t> rows;
    for (const auto& each : golden::circuit(1).input_rows()) {
        rows.push_back(each.row);
        EXPECT_EQ(each.root, Fr::root_of_unity(16).power(each.row));
    }
    EXPECT_EQ(rows, expected);
}

TEST(VerifierData, no_byte_may_be_missing_or_follow) {
    auto bytes = verifier_data(1);
    for (std::size_t length = 0; length < bytes.size(); ++length)
        ASSERT_FALSE(VerifierData::decode(base::ByteView(bytes).first(length))) << length;
    for (int i = 0; i < 9; ++i) {
        bytes.push_back(std::byte{0});
        EXPECT_FALSE(VerifierData::decode(bytes));
    }
}

TEST(VerifierData, every_length_and_number_of_the_head_is_checked) {
    for (std::size_t number = 0; number < 6; ++number) {
        for (const std::uint64_t value : {0UL, 1UL, 13UL, 28UL, 30UL, 969UL, 1UL << 16, 1UL << 33, 1UL << 61, ~0UL}) {
            auto bytes = verifier_data(1);
            if (base::load_be<std::uint64_t>(&bytes[number * 8]) == value) continue;
            base::store_be(&bytes[number * 8], value);
            EXPECT_FALSE(VerifierData::decode(bytes)) << number << " " << value;
        }
    }
}

TEST(VerifierData, a_domain_beyond_the_roots_of_unity_is_refused) {
    auto bytes = verifier_data(1);
    constexpr std::uint64_t kTooMany = (std::uint64_t{1} << 32) + 1;
    base::store_be(&bytes[4 * 8], std::uint64_t{1} << 33);
    base::store_be(&bytes[5 * 8], kTooMany);
    base::store_le(&bytes[48 + 12], kTooMany);
    EXPECT_EQ(refusal<VerifierData>(bytes), "not verifier data: its size does not belong to its number of constraints");
}

TEST(VerifierData, points_must_lie_in_their_groups) {
    constexpr std::size_t kKey = 48 + 12 + 8;
    for (std::size_t i = 0; i < 15; ++i) {
        auto bytes = verifier_data(1);
        put(bytes, kKey + i * 48, kOtherGroup);
        EXPECT_EQ(refusal<VerifierData>(bytes),
                  "not verifier data: commitment " + std::to_string(i) + " is not a point of G1");
    }
    constexpr std::size_t kOpening = kKey + 15 * 48 + 240;
    for (const std::size_t at : {kOpening, kOpening + 48, kOpening + 144}) {
        auto bytes = verifier_data(1);
        put(bytes, at, kOffCurve);
        EXPECT_EQ(refusal<VerifierData>(bytes),
                  "not verifier data: its opening key is not a point of G1 and two of G2");
    }
}

}  // namespace
}  // namespace rues::plonk
