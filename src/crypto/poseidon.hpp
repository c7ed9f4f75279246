#pragma once

#include <array>
#include <span>

#include "crypto/fl.hpp"
#include "crypto/fr.hpp"

/// The Poseidon hash of the network: the Hades permutation of width 5 in a SAFE sponge
/// (docs/reference/phoenix-and-plonk.md 2.1, 2.2). Pure, any thread; the constants are made from their seed once, in
/// about a millisecond.
namespace rues::crypto {

using PoseidonState = std::array<Fr, 5>;
void poseidon_permute(PoseidonState& state) noexcept;

/// The hash of the domain Other. REQUIRES: there is at least one element; the sponge of the network absorbs nothing
/// shorter.
Fr poseidon_hash(std::span<const Fr> elements) noexcept;
/// The hash cut to 250 bits, as a scalar of JubJub.
Fl poseidon_truncated(std::span<const Fr> elements) noexcept;
/// The hash of the domain Merkle4: a node of the note tree from its children. A missing child is zero.
Fr poseidon_node(const std::array<Fr, 4>& children) noexcept;

}  // namespace rues::crypto
