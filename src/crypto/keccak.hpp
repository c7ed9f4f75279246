#pragma once

#include <array>
#include <cstdint>

namespace rues::crypto {

/// The 1,600 bits of Keccak as 25 lanes; lane (x, y) of FIPS 202 is number x + 5 y.
using KeccakState = std::array<std::uint64_t, 25>;

/// Keccak-f[1600] (FIPS 202 3.3), the permutation of Keccak-256 and of STROBE.
void keccak_f1600(KeccakState& state) noexcept;

}  // namespace rues::crypto
