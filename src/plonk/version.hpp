#pragma once

#include <cstdint>

namespace rues::plonk {

/// The versions of the proof system; a proof is valid under one of them (docs/reference/phoenix-and-plonk.md 5.3). V1
/// does not open four evaluations, so V1 proofs can be forged. A chain accepts them only below the height of PLONK_V2.
enum class Version : std::uint8_t { v1, v2, v3 };

}  // namespace rues::plonk
