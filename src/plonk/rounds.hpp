#pragma once

#include "plonk/proof.hpp"
#include "plonk/transcript.hpp"

/// The rounds of the protocol (docs/reference/phoenix-and-plonk.md 5.2, steps 4 to 10). Each appends the parts
/// of its round to the transcript and draws the next challenges. A prover calls them one after the other, as it makes
/// the parts of its proof; a verifier calls all at once.
namespace rues::plonk {

struct Challenges {
    Fr beta, gamma, alpha;
    Fr range, logic, fixed_base, variable_base;  ///< keep the gate identities apart
    Fr z, v, v_w, u;
};

namespace rounds {

void append_inputs(Transcript& to, std::span<const Fr> inputs) noexcept;
void after_wires(Transcript& to, const Proof& proof, Challenges& out) noexcept;
void after_permutation(Transcript& to, const Proof& proof, Challenges& out) noexcept;
void after_quotient(Transcript& to, const Proof& proof, Challenges& out) noexcept;
void after_evaluations(Transcript& to, const Proof& proof, Challenges& out) noexcept;
void after_openings(Transcript& to, const Proof& proof, Challenges& out) noexcept;  ///< only a verifier needs it

}  // namespace rounds
}  // namespace rues::plonk
