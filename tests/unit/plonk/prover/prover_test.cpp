#include "plonk/prover/prover.hpp"

#include <gtest/gtest.h>

#include "plonk/prover/cpu_engine.hpp"
#include "plonk/verifier.hpp"
#include "unit/plonk/prover/small_circuit.hpp"

namespace rues::plonk {
namespace {

constexpr Version kVersions[] = {Version::v1, Version::v2, Version::v3};

/// Compiles circuits and proves with `CpuEngine` over the powers of a known tau.
class ProverTest : public testing::Test {
protected:
    Compiled compiled(Circuit circuit, const Engine& engine) {
        return compile(std::move(circuit), base::view(small::kLabel), opening_key_of(small::tau()), engine).value();
    }
    base::Result<Proof> prove_with(const ProverKey& key, const Assignment& assignment, Version version,
                                   const Engine& engine) {
        return prove(key, assignment, small::blinders(), version, {engine, in_order_});
    }

    const Executor in_order_ = in_order;
    const std::vector<blst_p1_affine> powers_ = powers_of(small::tau(), powers_needed(2'048), in_order);
    const CpuEngine engine_{powers_, in_order};
};

TEST_F(ProverTest, a_proof_of_16_gates_is_accepted_under_its_version_alone) {
    const auto built = small::product(6, 7, 48);
    ASSERT_EQ(built.circuit.gates().size(), 16U);
    const Compiled keys = compiled(built.circuit, engine_);
    for (const Version made : kVersions) {
        const Proof proof = prove_with(keys.key, built.assignment, made, engine_).value();
        for (const Version checked : kVersions) {
            EXPECT_EQ(verify(keys.key.data(), proof, built.assignment.inputs, checked), made == checked);
        }
        EXPECT_FALSE(verify(keys.key.data(), proof, std::array{Fr(49)}, made));
        EXPECT_EQ(Proof::decode(proof.encode()).value().encode(), proof.encode());
    }
}

TEST_F(ProverTest, every_kind_of_gate_is_proved) {
    const auto built = small::every_gate(0x0123456789abcdef);
    const Compiled keys = compiled(built.circuit, engine_);
    for (const Version version : kVersions) {
        const Proof proof = prove_with(keys.key, built.assignment, version, engine_).value();
        EXPECT_TRUE(verify(keys.key.data(), proof, built.assignment.inputs, version));
    }
}

TEST_F(ProverTest, a_circuit_of_four_gates_is_proved) {
    const auto built = Composer().finish();
    const Compiled keys = compiled(built.circuit, engine_);
    const Proof proof = prove_with(keys.key, built.assignment, Version::v3, engine_).value();
    EXPECT_TRUE(verify(keys.key.data(), proof, {}, Version::v3));
}

TEST_F(ProverTest, commitments_by_powers_are_those_of_the_known_tau) {
    const KnownTauEngine known(small::tau(), powers_.size(), in_order);
    const auto built = small::every_gate(77);
    const Compiled by_powers = compiled(built.circuit, engine_);
    const Compiled by_tau = compiled(built.circuit, known);
    EXPECT_EQ(by_powers.verifier_data, by_tau.verifier_data);
    EXPECT_EQ(prove_with(by_powers.key, built.assignment, Version::v3, engine_).value().encode(),
              prove_with(by_tau.key, built.assignment, Version::v3, known).value().encode());
}

TEST_F(ProverTest, tasks_in_another_order_give_the_same_proof) {
    const Executor backwards = [](std::size_t count, const Task& task) {
        while (count > 0) task(--count);
    };
    const CpuEngine engine(powers_, backwards);
    const auto built = small::every_gate(1);
    const Compiled keys = compiled(built.circuit, engine);
    const auto proof = prove(keys.key, built.assignment, small::blinders(), Version::v3, {engine, backwards}).value();
    EXPECT_EQ(proof.encode(), prove_with(keys.key, built.assignment, Version::v3, engine_).value().encode());
}

TEST_F(ProverTest, other_blinders_give_another_proof_of_the_same) {
    const auto built = small::product(6, 7, 48);
    const Compiled keys = compiled(built.circuit, engine_);
    const ProverTools tools{engine_, in_order_};
    const auto one = prove(keys.key, built.assignment, small::blinders("one"), Version::v3, tools).value();
    const auto two = prove(keys.key, built.assignment, small::blinders("two"), Version::v3, tools).value();
    for (std::size_t i = 0; i < Proof::kCommitments; ++i) EXPECT_NE(one.commitments[i], two.commitments[i]) << i;
    EXPECT_TRUE(verify(keys.key.data(), two, built.assignment.inputs, Version::v3));
}

TEST_F(ProverTest, an_assignment_that_does_not_satisfy_the_circuit_has_no_proof) {
    const auto built = small::product(6, 7, 49);
    const Compiled keys = compiled(built.circuit, engine_);
    const auto proof = prove_with(keys.key, built.assignment, Version::v3, engine_);
    ASSERT_FALSE(proof.has_value());
    EXPECT_EQ(proof.error().text, "the circuit is not satisfied: row 6 of 16 does not hold: an arithmetic gate");
}

TEST_F(ProverTest, an_assignment_of_another_size_is_refused) {
    const auto built = small::product(6, 7, 48);
    const Compiled keys = compiled(built.circuit, engine_);
    auto assignment = built.assignment;
    assignment.inputs.push_back(Fr());
    EXPECT_FALSE(prove_with(keys.key, assignment, Version::v3, engine_).has_value());
    assignment = built.assignment;
    assignment.witnesses.pop_back();
    EXPECT_FALSE(prove_with(keys.key, assignment, Version::v3, engine_).has_value());
}

TEST_F(ProverTest, stops_wherever_it_may_not_go_on) {
    using enum ProverStep;
    const std::vector all{check,    wires,    permutation, quotient,    quotient, quotient,
                          quotient, quotient, quotient,    evaluations, openings};
    ASSERT_EQ(all.size(), kProverCalls);
    const auto built = small::product(6, 7, 48);
    const Compiled keys = compiled(built.circuit, engine_);
    for (std::size_t allowed = 0; allowed <= all.size(); ++allowed) {
        std::vector<ProverStep> asked;
        const ProverTools tools{engine_, in_order_, [&](ProverStep step) {
                                    asked.push_back(step);
                                    return asked.size() <= allowed;
                                }};
        const auto proof = prove(keys.key, built.assignment, small::blinders(), Version::v3, tools);
        ASSERT_EQ(proof.has_value(), allowed == all.size()) << allowed;
        EXPECT_TRUE(std::ranges::equal(asked, std::span(all).first(std::min(allowed + 1, all.size())))) << allowed;
        if (!proof) {
            EXPECT_EQ(proof.error().kind, base::Error::Kind::would_block);
        }
    }
}

TEST_F(ProverTest, a_reference_string_that_is_too_short_compiles_nothing) {
    const auto built = small::product(6, 7, 48);
    EXPECT_EQ(powers_needed(16), 32U + 7);
    const std::span<const blst_p1_affine> powers = powers_;
    const CpuEngine just(powers.first(39), in_order);
    const CpuEngine less(powers.first(38), in_order);
    const auto label = base::view(small::kLabel);
    EXPECT_TRUE(compile(built.circuit, label, opening_key_of(small::tau()), just).has_value());
    EXPECT_FALSE(compile(built.circuit, label, opening_key_of(small::tau()), less).has_value());
}

TEST_F(ProverTest, a_key_is_loaded_from_the_coefficients_of_its_circuit) {
    const auto built = small::every_gate(5);
    const Compiled keys = compiled(built.circuit, engine_);
    const auto stored =
        std::make_shared<std::vector<Fr>>(keys.key.coefficients().begin(), keys.key.coefficients().end());
    const auto loaded =
        ProverKey::load(built.circuit, VerifierData::decode(keys.verifier_data).value(), *stored, stored);
    ASSERT_TRUE(loaded.has_value());
    EXPECT_EQ(prove_with(*loaded, built.assignment, Version::v3, engine_).value().encode(),
              prove_with(keys.key, built.assignment, Version::v3, engine_).value().encode());

    const auto data = VerifierData::decode(keys.verifier_data).value();
    EXPECT_FALSE(ProverKey::load(built.circuit, data, std::span(*stored).first(15), stored).has_value());
}

TEST_F(ProverTest, a_key_is_not_loaded_from_the_data_of_another_circuit) {
    const auto built = small::product(6, 7, 48);
    const Compiled keys = compiled(built.circuit, engine_);
    const auto data = VerifierData::decode(keys.verifier_data).value();
    const auto stored =
        std::make_shared<std::vector<Fr>>(keys.key.coefficients().begin(), keys.key.coefficients().end());
    EXPECT_TRUE(ProverKey::load(built.circuit, data, *stored, stored).has_value());

    const auto one_gate_less = small::product(6, 7, 48, 15);
    EXPECT_FALSE(ProverKey::load(one_gate_less.circuit, data, *stored, stored).has_value());
    Composer other_row;
    other_row.append_public(Fr(1));
    while (other_row.gates() < 16) other_row.assert_equal(Composer::kOne, Composer::kOne);
    EXPECT_FALSE(ProverKey::load(std::move(other_row).finish().circuit, data, *stored, stored).has_value());
}

TEST(KnownTau, has_the_last_power_of_the_reference) {  // docs/reference/phoenix-and-plonk.md 6.4
    const auto powers = powers_of(small::tau().power(131'078), 2, in_order);
    EXPECT_EQ(base::to_hex(crypto::G1Point(powers[1]).bytes()),
              "b6dbf1056f69266a56ae3682ed58971a5dbc5ca99470ba77a998c674948bee73f22e7a5d1cbd13d420761f503e2d7ac5");
    const auto many = powers_of(small::tau(), 5'000, in_order);
    const auto one = powers_of(small::tau().power(4'999), 2, in_order);
    EXPECT_EQ(crypto::G1Point(many[4'999]), crypto::G1Point(one[1]));
}

}  // namespace
}  // namespace rues::plonk
