#pragma once

#include "base/error.hpp"
#include "plonk/equation.hpp"
#include "plonk/prover/executor.hpp"
#include "plonk/prover/prover_key.hpp"

namespace rues::plonk {

/// The polynomials of one proof.
struct Polynomials {
    std::array<SecretVector, 4> wires;  ///< n + 2 coefficients
    SecretVector permutation;           ///< z: n + 3 coefficients
    std::vector<Fr> inputs;             ///< PI: n coefficients
};

/// t, the sum of all identities (docs/reference/phoenix-and-plonk.md 5.1) divided by X^n - 1: 4n + 7 coefficients.
/// `invalid` when it is not divisible, so that the circuit is not satisfied.
///
/// The sum is evaluated on four cosets of n points, one after the other, so that little memory is needed. That gives t
/// modulo X^4n - 7^4n. The seven highest coefficients follow from eight further points.
///
/// `go_on` is asked after each coset; `cancelled` when it says no.
base::Result<SecretVector> quotient(const ProverKey& key, const Polynomials& polynomials, const Challenges& challenges,
                                    const Engine& engine, const Executor& executor, const std::function<bool()>& go_on);

/// The error of a proof that may not go on.
inline std::unexpected<base::Error> cancelled() {
    return base::failure(base::Error::Kind::would_block, "the proof was cancelled");
}

}  // namespace rues::plonk
