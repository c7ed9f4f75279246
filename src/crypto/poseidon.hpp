#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "crypto/fl.hpp"
#include "crypto/fr.hpp"

/// The Poseidon hash of the network: the Hades permutation of width 5 in a SAFE sponge
/// (docs/reference/phoenix-and-plonk.md 2.1, 2.2). Pure, any thread; the constants are made from their seed once, in
/// about a millisecond.
namespace rues::crypto {

using PoseidonState = std::array<Fr, 5>;

/// The constants of the permutation, for circuits that compute the hash gate by gate.
struct PoseidonConstants {
    static constexpr std::size_t kWidth = 5;
    static constexpr std::size_t kRate = 4;  ///< elements that one permutation absorbs
    static constexpr std::size_t kRounds = 68;
    /// All elements pass the S-box in the first and the last four rounds, in the others only the last element does.
    static constexpr bool is_full(std::size_t round) noexcept { return round < 4 || round >= kRounds - 4; }

    std::array<Fr, kWidth * kRounds> round;  ///< in order of their use
    std::array<std::array<Fr, kWidth>, kWidth> matrix;
};
const PoseidonConstants& poseidon_constants() noexcept;

/// The use of a hash, which is part of the first element of its state (docs/reference/phoenix-and-plonk.md 2.2).
enum class PoseidonDomain : std::uint8_t { other = 0x0, merkle4 = 0xf };
/// The first element of the state of a hash of so many elements, before any of them is absorbed.
Fr poseidon_tag(std::size_t elements, PoseidonDomain domain);

void poseidon_permute(PoseidonState& state) noexcept;

/// The hash of the domain Other. REQUIRES: there is at least one element; the sponge of the network absorbs nothing
/// shorter.
Fr poseidon_hash(std::span<const Fr> elements) noexcept;
/// The hash cut to 250 bits, as a scalar of JubJub.
Fl poseidon_truncated(std::span<const Fr> elements) noexcept;
/// The hash of the domain Merkle4: a node of the note tree from its children. A missing child is zero.
Fr poseidon_node(const std::array<Fr, 4>& children) noexcept;

}  // namespace rues::crypto
