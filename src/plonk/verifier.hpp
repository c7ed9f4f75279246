#pragma once

#include <span>
#include <vector>

#include "plonk/proof.hpp"
#include "plonk/verifier_data.hpp"

/// Checks PLONK proofs as dusk-plonk makes them (docs/reference/phoenix-and-plonk.md 5). Pure, any thread.
namespace rues::plonk {

/// True when the proof holds for these public inputs, in the order of their rows. False when their number is not that
/// of the circuit.
bool verify(const VerifierData& data, const Proof& proof, std::span<const Fr> inputs, Version version);

/// A proof to verify. Points to data that the caller keeps.
struct ProofItem {
    const VerifierData* data;
    const Proof* proof;
    std::span<const Fr> inputs;
    Version version;
};

/// Verifies many proofs, also of different circuits and versions, with one product of pairings, as a linear combination
/// with random 128-bit coefficients. The coefficients come from `seed`. The caller must draw the seed after the items
/// are fixed: a prover who knows it beforehand can make wrong proofs cancel out. When the combination fails, the batch
/// is divided until each bad proof is found, and only the bad proofs are false; verifier.cpp says what that costs.
/// result[i] belongs to items[i].
std::vector<bool> verify_batch(std::span<const ProofItem> items, const base::ByteArray<32>& seed);

}  // namespace rues::plonk
