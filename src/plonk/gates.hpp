#pragma once

#include "plonk/proof.hpp"

/// The gate identities at one row, without their selectors (docs/reference/phoenix-and-plonk.md 5.1). A row satisfies
/// an identity when it is zero. `separation` is the challenge that keeps the identities apart.
namespace rues::plonk::gates {

Fr range(const Evaluations& at, const Fr& separation) noexcept;
Fr logic(const Evaluations& at, const Fr& separation) noexcept;
/// One step of the product of a point of JubJub that the circuit fixes.
Fr fixed_base(const Evaluations& at, const Fr& separation) noexcept;
/// A sum of two points of JubJub.
Fr variable_base(const Evaluations& at, const Fr& separation) noexcept;

}  // namespace rues::plonk::gates
