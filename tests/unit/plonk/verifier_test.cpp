#include "plonk/verifier.hpp"

#include "golden.hpp"
#include "plonk/equation.hpp"
#include "support/load_share.hpp"

namespace rues::plonk {
namespace {

using golden::circuit;
using golden::holds;

TEST(Verifier, recorded_proofs_hold_as_v1_and_as_nothing_else) {
    for (const auto& statement : golden::transactions()) {
        EXPECT_TRUE(holds(circuit(statement.notes), statement, Version::v1)) << statement.notes;
        EXPECT_FALSE(holds(circuit(statement.notes), statement, Version::v2)) << statement.notes;
        EXPECT_FALSE(holds(circuit(statement.notes), statement, Version::v3)) << statement.notes;
    }
}

TEST(Verifier, a_proof_of_each_version_holds_as_that_version_only) {
    const auto& [data, proofs] = golden::small_circuit();
    ASSERT_EQ(proofs.size(), 3U);
    for (const auto& [made_as, statement] : proofs) {
        for (const auto version : {Version::v1, Version::v2, Version::v3})
            EXPECT_EQ(holds(data, statement, version), made_as == version);
    }
}

TEST(Verifier, evaluations_of_selectors_are_opened_from_v2_on) {  // docs/reference/phoenix-and-plonk.md 5.3
    for (const auto& [version, statement] : golden::small_circuit().proofs) {
        const auto proof = Proof::decode(statement.proof).value();
        const auto& data = golden::small_circuit().data;
        const auto challenges = challenges_of(data, proof, statement.values(), version);
        const auto scalar_of_q_arith = [&](const Fr& v) {
            auto by = challenges;
            by.v = v;
            return terms_of(data, proof, statement.values(), by, version)->of_data[VerifierData::q_arith];
        };
        EXPECT_EQ(scalar_of_q_arith(Fr(2)) - scalar_of_q_arith(Fr(0)), version == Version::v1 ? Fr(0) : Fr(256));
    }
}

TEST(Verifier, a_batch_may_mix_versions_and_reference_strings) {
    const auto all = golden::transactions();
    const auto& small = golden::small_circuit();
    golden::Batch batch;
    std::vector<bool> expected;
    const auto add = [&](const VerifierData& data, const golden::Statement& statement, Version version, bool holds) {
        batch.add(data, statement, version);
        expected.push_back(holds);
    };
    for (const auto& [version, statement] : small.proofs) add(small.data, statement, version, true);
    add(circuit(1), all[0], Version::v1, true);
    add(circuit(2), all[2], Version::v1, true);
    EXPECT_EQ(batch.verify(), expected) << "all good";

    add(small.data, small.proofs[1].second, Version::v3, false);
    add(circuit(2), all[2], Version::v2, false);
    add(small.data, small.proofs[2].second, Version::v3, true);
    EXPECT_EQ(batch.verify(), expected) << "two bad";
}

TEST(Verifier, a_proof_holds_for_its_own_circuit_only) {
    const auto all = golden::transactions();
    auto more = all.front();
    more.inputs.insert(more.inputs.end(), 32, std::byte{0});
    EXPECT_FALSE(holds(circuit(2), more, Version::v1));
    EXPECT_FALSE(holds(circuit(1), more, Version::v1)) << "an input too many";
    auto fewer = all.front();
    fewer.inputs.resize(fewer.inputs.size() - 32);
    EXPECT_FALSE(holds(circuit(1), fewer, Version::v1));
    fewer.inputs.clear();
    EXPECT_FALSE(holds(circuit(1), fewer, Version::v1));
}

TEST(Verifier, a_proof_does_not_hold_for_the_inputs_of_another) {
    const auto all = golden::transactions();
    golden::Statement mixed = all[0];
    mixed.inputs = all[1].inputs;
    EXPECT_FALSE(holds(circuit(1), mixed, Version::v1));
}

TEST(Verifier, a_batch_may_mix_circuits) {
    golden::Batch batch;
    const auto all = golden::transactions();
    for (const auto& statement : all) batch.add(circuit(statement.notes), statement, Version::v1);
    EXPECT_EQ(batch.verify(), std::vector<bool>(all.size(), true));
}

TEST(Verifier, an_empty_batch_has_no_answers) {
    EXPECT_TRUE(verify_batch({}, golden::seed()).empty());
}

TEST(Verifier, only_the_bad_proofs_of_a_batch_are_rejected) {
    const auto all = golden::transactions();
    constexpr std::size_t kCount = 20;
    for (const std::vector<std::size_t>& bad :
         {std::vector<std::size_t>{0}, {7}, {19}, {3, 4}, {0, 5, 10, 15, 19}, {8, 9, 10, 11, 12, 13, 14, 15}}) {
        golden::Batch batch;
        std::vector<bool> expected;
        for (std::size_t i = 0; i < kCount; ++i) {
            const auto& statement = all[i % all.size()];
            const bool is_bad = std::ranges::find(bad, i) != bad.end();
            auto inputs = statement.values();
            if (is_bad) inputs[i % inputs.size()] += Fr(1);
            batch.add(circuit(statement.notes), Proof::decode(statement.proof).value(), inputs, Version::v1);
            expected.push_back(!is_bad);
        }
        EXPECT_EQ(batch.verify(), expected) << bad.size();
    }
}

TEST(Verifier, a_batch_of_bad_proofs_alone_is_rejected_whole) {
    const auto statement = golden::transactions().front();
    golden::Batch batch;
    for (int i = 0; i < 10; ++i) batch.add(circuit(1), statement, i % 2 == 0 ? Version::v2 : Version::v3);
    EXPECT_EQ(batch.verify(), std::vector<bool>(10, false));
}

TEST(Verifier, errors_that_would_cancel_out_in_a_plain_sum_are_found) {
    // Two proofs whose openings at z are shifted by g and by -g. Only u is drawn after them, and does not multiply
    // them: the sum of both equations holds.
    const auto statement = golden::transactions().front();
    const auto good = Proof::decode(statement.proof).value();
    const auto shifted = [&good](const blst_p1_affine& by) {
        Proof out = good;
        blst_p1 sum;
        blst_p1_from_affine(&sum, &good.commitments[Proof::w_z].point());
        blst_p1_add_or_double_affine(&sum, &sum, &by);
        out.commitments[Proof::w_z] = G1Point(crypto::affine(sum));
        return out;
    };
    blst_p1_affine g = *blst_p1_affine_generator();
    golden::Batch batch;
    batch.add(circuit(1), shifted(g), statement.values(), Version::v1);
    blst_fp_cneg(&g.y, &g.y, true);
    batch.add(circuit(1), shifted(g), statement.values(), Version::v1);
    EXPECT_EQ(batch.verify(), std::vector<bool>(2, false));
}

TEST(Verifier, a_challenge_on_a_row_of_the_domain_that_counts_does_not_divide_by_zero) {
    // docs/reference/phoenix-and-plonk.md 5.6
    const auto statement = golden::transactions().front();
    const auto proof = Proof::decode(statement.proof).value();
    const auto inputs = statement.values();
    auto challenges = challenges_of(circuit(1), proof, inputs, Version::v1);
    const auto has_terms = [&](const Fr& z) {
        challenges.z = z;
        return terms_of(circuit(1), proof, inputs, challenges, Version::v1).has_value();
    };

    EXPECT_FALSE(has_terms(Fr(1)));
    for (const auto& row : circuit(1).input_rows()) EXPECT_FALSE(has_terms(row.root)) << row.row;
    EXPECT_TRUE(has_terms(Fr::root_of_unity(16))) << "row 1 has no public input";
}

/// Every bit of a proof, in parts that run side by side.
class FlippedBits : public testing::TestWithParam<std::size_t> {};
constexpr std::size_t kParts = 8;

TEST_P(FlippedBits, of_a_proof_are_rejected_in_batches) {
    constexpr std::size_t kBatch = 64;
    const auto statement = golden::transactions().front();
    const std::size_t bits = Proof::kSize * 8;
    const std::size_t first = GetParam() * bits / kParts;
    const std::size_t last = (GetParam() + 1) * bits / kParts;
    const std::size_t share = rues::test::case_share();
    std::size_t decoded = 0;
    for (std::size_t begin = first; begin < last; begin += kBatch * share) {
        golden::Batch batch;
        batch.add(circuit(1), statement, Version::v1);
        std::vector<bool> expected{true};
        for (std::size_t bit = begin; bit < std::min(begin + kBatch * share, last); bit += share) {
            auto bytes = statement.proof;
            bytes[bit / 8] ^= std::byte{1} << bit % 8;
            const auto proof = Proof::decode(bytes);
            if (!proof) continue;
            batch.add(circuit(1), *proof, statement.values(), Version::v1);
            expected.push_back(false);
            ++decoded;
        }
        ASSERT_EQ(batch.verify(), expected) << begin;
    }
    if (first >= Proof::kCommitments * 48 * 8) {
        EXPECT_GT(decoded, (last - first) / share / 2) << "most scalars decode";
    }
}
INSTANTIATE_TEST_SUITE_P(Verifier, FlippedBits, testing::Range<std::size_t>(0, kParts));

TEST(Verifier, a_flipped_bit_of_a_public_input_is_rejected) {
    const auto good = golden::transactions().front();
    golden::Batch batch;
    std::vector<bool> expected;
    const std::size_t share = rues::test::case_share();
    for (std::size_t byte = 0; byte < good.inputs.size(); byte += share) {
        auto statement = good;
        statement.inputs[byte] ^= std::byte{1} << byte % 8;
        const auto input = base::to_array<32>(base::ByteView(statement.inputs).subspan(byte / 32 * 32, 32));
        if (!Fr::from_bytes(input)) continue;
        batch.add(circuit(1), statement, Version::v1);
        expected.push_back(false);
    }
    EXPECT_GT(expected.size(), good.inputs.size() / share * 9 / 10);
    EXPECT_EQ(batch.verify(), expected);
}

TEST(Verifier, a_flipped_bit_of_verifier_data_is_rejected) {
    const auto statement = golden::transactions().front();
    const auto inputs = statement.values();
    const auto bytes = base::to_bytes(ledger::transaction_circuits()[0].verifier_data);
    const std::size_t rows = bytes.size() - 8 * inputs.size();
    std::size_t decoded = 0;
    for (std::size_t byte = 0; byte < bytes.size(); ++byte) {
        // Points are most of the bytes and take long; one bit of each of their bytes is enough.
        if (byte >= rows && inputs[(byte - rows) / 8].is_zero()) continue;  // its row does not matter
        const bool is_point = byte >= 68 && byte < 68 + 15 * 48;
        for (unsigned bit = is_point ? static_cast<unsigned>(byte % 8) : 0; bit < 8; bit += is_point ? 8 : 1) {
            auto flipped = bytes;
            flipped[byte] ^= std::byte{1} << bit;
            const auto data = VerifierData::decode(flipped);
            if (!data) continue;
            ++decoded;
            ASSERT_FALSE(holds(*data, statement, Version::v1)) << byte << " " << bit;
        }
    }
    EXPECT_GT(decoded, 12U * 8U) << "each bit of the label, and some of the rows";
}

}  // namespace
}  // namespace rues::plonk
