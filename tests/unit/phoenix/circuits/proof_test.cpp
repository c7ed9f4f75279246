#include <gtest/gtest.h>

#include <cstdlib>

#include "crypto/hash.hpp"
#include "ledger/circuits.hpp"
#include "plonk/prover/known_tau.hpp"
#include "plonk/prover/polynomial.hpp"
#include "plonk/prover/prover.hpp"
#include "plonk/verifier.hpp"
#include "support/sanitized.hpp"
#include "unit/phoenix/circuits/inputs.hpp"
#include "unit/phoenix/circuits/made_witness.hpp"
#include "unit/phoenix/circuits/polynomial_values.hpp"

// Whole proofs take seconds, under a sanitizer minutes. Only one circuit is compiled and proved by default; the
// environment variable RUES_ALL_PROOFS adds the other three.
namespace rues::phoenix {
namespace {

/// Keys, proofs and values of the developer's reference string (docs/reference/phoenix-and-plonk.md 6.4, 9.4).
struct Golden {
    std::size_t inputs;
    std::string_view verifier_data;
    std::string_view v2, v3;  ///< of the recorded input; empty: none is recorded
};

constexpr Golden kGolden[] = {
    {1, "194f32c4bb021fed079e2d5b3eaa866cd74142303387aeb5dff854c8553952c2",
     "2ff7ca4132cfb20df63b4d11938e2fa8661cf8151d0c640c655dfbf6f5f5ef60",
     "89ea7143ce3245d19f9de8004e8c294b4c70c233095246a8ca7147c5571f8e65"},
    {2, "c9c00a7dd51fa34ac33f86f065be8b463fa1dafb06790a2d62ebf80e1e48e70b", "", ""},
    {3, "d4d9a3e5dd1a15c7718db88db3cba9737c500c6bc79008890a47f08380fcb3c1", "", ""},
    {4, "b0da1f6307a542966d586471ad2585eb8a80f0082e4db454b497ab1411d2e7c0",
     "ebb1104f55468df920b768292c12b9060ac129b3fb0729b9c9c3e465224c9801",
     "2f88fbed420fc6f9bd5ffab607da411ff635fd39e45fcd24d7565b46047eb190"},
};

Fr scalar(std::string_view hex) {
    return Fr::from_bytes(*base::array_from_hex<32>(hex)).value();
}

class TransactionProof : public testing::TestWithParam<Golden> {
protected:
    void SetUp() override {
        if (rues::test::kSanitized) GTEST_SKIP() << "whole proofs take too long under a sanitizer";
        if (GetParam().inputs != 1 && std::getenv("RUES_ALL_PROOFS") == nullptr) {
            GTEST_SKIP() << "RUES_ALL_PROOFS is not set";
        }
    }

    const Fr tau_ = scalar("1daab1b82d0e42f99ea66f8986069b4c1538e08c08147d0ba4129d4e1fcc5910");
    const plonk::Executor in_order_ = plonk::in_order;
    const plonk::KnownTauEngine engine_{tau_, 131'079, plonk::in_order};
};

INSTANTIATE_TEST_SUITE_P(Inputs, TransactionProof, testing::ValuesIn(kGolden),
                         [](const auto& each) { return std::to_string(each.param.inputs); });

/// The network's own test key: a generator with the seed 0xbeef.
plonk::Blinders golden_blinders() {
    base::ByteArray<plonk::Blinders::kBytes> random;
    crypto::chacha12(crypto::chacha12_key(0xbeef), random);
    return plonk::Blinders(random);
}

TEST_P(TransactionProof, has_the_keys_and_bytes_of_the_reference_and_is_accepted) {
    const auto compiled = plonk::compile(transaction_circuit(GetParam().inputs), base::view("dusk-network"),
                                         plonk::opening_key_of(tau_), engine_)
                              .value();
    EXPECT_EQ(base::to_hex(crypto::sha256(compiled.verifier_data)), GetParam().verifier_data);
    EXPECT_TRUE(std::ranges::equal(compiled.verifier_data, ledger::developer_verifier_data()[GetParam().inputs - 1]));
    const Fr zeta = scalar("629b8a96c7474ef9bb0d45036708e748a0cfc4846da6640266f24eeadb46ca62");
    for (std::size_t i = 0; i < plonk::ProverKey::kPolynomials; ++i) {
        const auto polynomial = compiled.key.polynomial(static_cast<plonk::VerifierData::Polynomial>(i));
        EXPECT_EQ(base::to_hex(plonk::evaluated(polynomial, zeta).bytes()),
                  kPolynomialValues[GetParam().inputs - 1][i]);
    }

    const bool recorded = !GetParam().v3.empty();
    const auto built =
        compose(recorded ? recorded_inputs::witness(GetParam().inputs) : made::witness(GetParam().inputs),
                plonk::Composer::Record::values);
    for (const auto version : {plonk::Version::v2, plonk::Version::v3}) {
        const auto proof =
            plonk::prove(compiled.key, built.assignment, golden_blinders(), version, {engine_, in_order_}).value();
        EXPECT_TRUE(plonk::verify(compiled.key.data(), proof, built.assignment.inputs, version));
        if (!recorded) continue;
        EXPECT_EQ(base::to_hex(crypto::sha256(proof.encode())),
                  version == plonk::Version::v2 ? GetParam().v2 : GetParam().v3);
    }
}

TEST(DeveloperVerifierData, has_the_published_hashes) {
    for (const auto& golden : kGolden) {
        const auto data = ledger::developer_verifier_data()[golden.inputs - 1];
        EXPECT_EQ(base::to_hex(crypto::sha256(data)), golden.verifier_data);
    }
}

TEST(MadeWitness, satisfies_the_circuit_of_its_number_of_inputs) {
    for (const std::size_t inputs : {2U, 3U}) {
        const auto built = compose(made::witness(inputs));
        EXPECT_EQ(plonk::first_unsatisfied(built.circuit, built.assignment), std::nullopt);
    }
}

}  // namespace
}  // namespace rues::phoenix
