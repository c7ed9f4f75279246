#include "plonk/prover/weighted_sums.hpp"

#include <gtest/gtest.h>

#include "crypto/hash.hpp"
#include "plonk/prover/known_tau.hpp"

namespace rues::plonk {
namespace {

/// The sum as the tested code computes it.
crypto::G1Point sum_by_windows(std::span<const blst_p1_affine> points, std::span<const Fr> elements,
                               const Windows& windows) {
    const ScalarVector scalars = scalars_of(elements);
    std::vector<blst_p1> sums;
    for (std::size_t i = 0; i < windows.count; ++i) sums.push_back(window_sum(points, scalars, windows, i));
    return crypto::G1Point(crypto::affine(joined(sums, windows)));
}

std::vector<Fr> some_elements(std::size_t count) {
    std::vector<Fr> out;
    for (std::size_t i = 0; i < count; ++i) {
        out.push_back(Fr::from_wide(crypto::blake2b_512(base::view(std::to_string(i)))));
    }
    return out;
}

TEST(WeightedSums, are_those_of_blst_for_every_width_of_windows) {
    const auto points = powers_of(Fr(5), 300, in_order);
    auto elements = some_elements(points.size());
    elements[0] = Fr();
    elements[1] = Fr(1);
    elements[2] = -Fr(1);
    elements[3] = Fr(1) - Fr(2).squared(7);
    const auto expected = crypto::G1Point(crypto::affine(crypto::weighted_sum(points, elements)));
    for (std::size_t bits = 2; bits <= 16; ++bits) {
        EXPECT_EQ(sum_by_windows(points, elements, {bits, (255 + bits) / bits}), expected) << bits;
    }
}

TEST(WeightedSums, hold_when_sums_meet_equal_and_opposite_points) {
    // 1 is a power of itself: all points are equal. -1 has two powers: points are equal or opposite.
    for (const Fr& tau : {Fr(1), -Fr(1)}) {
        const auto points = powers_of(tau, 200, in_order);
        const std::vector<Fr> threes(points.size(), Fr(3));
        const auto any = some_elements(points.size());
        for (const auto& elements : {threes, any}) {
            EXPECT_EQ(sum_by_windows(points, elements, Windows::for_points(points.size())),
                      crypto::G1Point(crypto::affine(crypto::weighted_sum(points, elements))));
        }
    }
}

TEST(WeightedSums, of_nothing_are_the_identity) {
    const auto points = powers_of(Fr(5), 4, in_order);
    const Windows windows = Windows::for_points(0);
    EXPECT_TRUE(sum_by_windows(points, {}, windows).is_identity());
    EXPECT_TRUE(sum_by_windows(points, std::array{Fr(), Fr()}, windows).is_identity());
    EXPECT_EQ(sum_by_windows(points, std::array{Fr(), Fr(1)}, windows), crypto::G1Point(points[1]));
}

TEST(Windows, hold_all_bits_of_a_scalar_and_a_carry) {
    for (const std::size_t points : {0U, 1U, 18U, 1'000U, 65'536U, 131'079U, 10'000'000U}) {
        const Windows windows = Windows::for_points(points);
        EXPECT_GT(windows.bits * windows.count, 255U) << points;
        EXPECT_LE(windows.bits, 16U);
    }
}

}  // namespace
}  // namespace rues::plonk
