#pragma once

#include <array>
#include <span>

#include "crypto/fr.hpp"

/// Small operations on polynomials, given by their coefficients, the constant one first.
namespace rues::plonk {

using crypto::Fr;

/// The value at x.
Fr evaluated(std::span<const Fr> polynomial, const Fr& x) noexcept;

/// Adds factor · polynomial. REQUIRES: `to` is not shorter.
void add_multiple(std::span<Fr> to, std::span<const Fr> polynomial, const Fr& factor) noexcept;

/// Divides by X - x in place and drops the remainder, which is returned. The quotient has one coefficient less: the
/// last becomes zero.
Fr divide_by_root(std::span<Fr> polynomial, const Fr& x) noexcept;

/// The remainder of the division by X^out.size() - x^out.size(): a polynomial with the same values at x times the roots
/// of unity of that order.
void fold(std::span<const Fr> polynomial, const Fr& x, std::span<Fr> out) noexcept;

}  // namespace rues::plonk
