#pragma once

#include <optional>

#include "plonk/rounds.hpp"
#include "plonk/verifier_data.hpp"

/// The equation that a verification checks: docs/reference/phoenix-and-plonk.md 5.6.
namespace rues::plonk {

/// The challenges that the transcript gives for this proof. Costs some thirty permutations of Keccak.
Challenges challenges_of(const VerifierData& data, const Proof& proof, std::span<const Fr> inputs, Version version);

/// The scalars of one proof's equation. The proof holds when e(-(w_z + u·w_zw), x_h) · e(S, h) = 1, where S is the sum
/// of the scalars below, each times its point.
struct Terms {
    static constexpr std::size_t kG = VerifierData::kPolynomials;  ///< the scalar of g

    std::array<Fr, VerifierData::kPolynomials + 1> of_data;  ///< of the circuit's commitments and of g
    std::array<Fr, Proof::kCommitments> of_proof;
    Fr u;
};

/// The terms of a proof's equation. nullopt when z is 1 or the root of a row of a public input, because the equation
/// would divide by zero. Nobody can choose z; such a proof does not hold. REQUIRES: there is an input for each row.
std::optional<Terms> terms_of(const VerifierData& data, const Proof& proof, std::span<const Fr> inputs,
                              const Challenges& challenges, Version version);

}  // namespace rues::plonk
