#pragma once

#include <span>

#include "crypto/groups.hpp"
#include "plonk/secret_vector.hpp"

/// Sums of many points of G1, each times a scalar, window by window of the scalars' bits, in the way of Pippenger.
///
/// A window's sum costs one addition a point. blst adds in extended coordinates: some ten products of Fp. Here points
/// stay affine, and a batch of additions shares one inversion: six products (docs/decisions/0030 has the measurements).
/// Not constant-time.
namespace rues::plonk {

/// The integer below r that an element stands for, lowest limb first.
using ScalarLimbs = std::array<std::uint64_t, 4>;
using ScalarVector = std::vector<ScalarLimbs, WipingAllocator<ScalarLimbs>>;
ScalarVector scalars_of(std::span<const Fr> elements);

/// The division of a scalar's bits into windows.
struct Windows {
    std::size_t bits;   ///< of one window
    std::size_t count;  ///< enough that the highest digit is not negative

    /// The division that costs the fewest additions for so many points.
    static Windows for_points(std::size_t points) noexcept;
};

/// The sum of points[i] times digit `window` of scalars[i]; digits lie between -2^(bits - 1) and 2^(bits - 1).
/// REQUIRES: there are at least as many points as scalars.
blst_p1 window_sum(std::span<const blst_p1_affine> points, const ScalarVector& scalars, const Windows& windows,
                   std::size_t window);

/// The sum of all windows' sums, each times its power of two.
blst_p1 joined(std::span<const blst_p1> sums, const Windows& windows) noexcept;

}  // namespace rues::plonk
