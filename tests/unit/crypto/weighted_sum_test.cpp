#include <gtest/gtest.h>

#include <vector>

#include "crypto/groups.hpp"
#include "crypto/hash.hpp"

namespace rues::crypto {
namespace {

/// The sum by definition, one product after the other.
blst_p1_affine naive_sum(const std::vector<blst_p1_affine>& points, const std::vector<Fr>& scalars) {
    blst_p1 sum{};
    for (std::size_t i = 0; i < points.size(); ++i) {
        blst_p1 product;
        blst_p1_from_affine(&product, &points[i]);
        const auto scalar = scalars[i].bytes();
        blst_p1_mult(&product, &product, base::u8(base::ByteView(scalar)), 255);
        blst_p1_add_or_double(&sum, &sum, &product);
    }
    return affine(sum);
}

Fr random_scalar(std::size_t number) {
    return Fr::from_wide(blake2b_512(base::view("scalar " + std::to_string(number))));
}

blst_p1_affine multiple_of_generator(const Fr& scalar) {
    return naive_sum({*blst_p1_affine_generator()}, {scalar});
}

void expect_naive_sum(const std::vector<blst_p1_affine>& points, const std::vector<Fr>& scalars) {
    EXPECT_EQ(G1Point(affine(weighted_sum(points, scalars))), G1Point(naive_sum(points, scalars)));
}

TEST(WeightedSum, equals_the_sum_of_the_products_whatever_the_number_of_points) {
    for (const std::size_t count : {0U, 1U, 2U, 3U, 27U, 60U, 200U, 201U, 300U}) {
        std::vector<blst_p1_affine> points;
        std::vector<Fr> scalars;
        for (std::size_t i = 0; i < count; ++i) {
            points.push_back(multiple_of_generator(random_scalar(1'000 + i)));
            scalars.push_back(random_scalar(i));
        }
        SCOPED_TRACE(count);
        expect_naive_sum(points, scalars);
    }
}

TEST(WeightedSum, takes_every_scalar) {
    const Fr z = Fr(0xd201000000010000);
    const Fr z_squared = z * z;
    std::vector<Fr> all{Fr(), Fr(1), Fr(2), Fr(15), Fr(16), Fr(17), Fr(31), Fr(32), z, z_squared, -z_squared};
    all.insert(all.end(), {z_squared - Fr(1), z_squared + Fr(1), -Fr(1), -Fr(2), -Fr(15), -Fr(16), Fr(1) - z_squared});
    for (unsigned bit = 1; bit < 255; ++bit) {
        const Fr power = Fr(2).power(bit);  // of two: the digits are carried from one window to the next
        all.insert(all.end(), {power, power - Fr(1), power + Fr(1)});
    }
    const blst_p1_affine point = multiple_of_generator(random_scalar(0));
    const blst_p1_affine other = multiple_of_generator(random_scalar(1));
    for (const Fr& scalar : all) expect_naive_sum({point, other}, {scalar, Fr(1)});  // one point is a case of its own
}

TEST(WeightedSum, takes_equal_points_opposite_points_and_the_identity) {
    const blst_p1_affine point = multiple_of_generator(random_scalar(0));
    blst_p1_affine opposite = point;
    blst_fp_cneg(&opposite.y, &opposite.y, true);
    const blst_p1_affine identity{};
    const Fr scalar = random_scalar(1);

    expect_naive_sum({point, point, point}, {scalar, scalar, random_scalar(2)});
    expect_naive_sum({point, opposite}, {scalar, scalar});
    EXPECT_TRUE(G1Point(affine(weighted_sum(std::array{point, opposite}, std::array{scalar, scalar}))).is_identity());
    expect_naive_sum({identity, point, identity}, {scalar, scalar, scalar});
    EXPECT_TRUE(G1Point(affine(weighted_sum(std::array{identity}, std::array{scalar}))).is_identity());
}

}  // namespace
}  // namespace rues::crypto
