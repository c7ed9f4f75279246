#include "plonk/prover/domain.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "plonk/prover/polynomial.hpp"

namespace rues::plonk {
namespace {

std::vector<Fr> some_polynomial(std::size_t size) {
    std::vector<Fr> out;
    Fr next(3);
    for (std::size_t i = 0; i < size; ++i) out.push_back(next = next.squared() + Fr(i));
    return out;
}

TEST(Domain, has_the_roots_of_the_reference) {  // docs/reference/phoenix-and-plonk.md 1.1
    EXPECT_EQ(base::to_hex(Domain(16).roots()[1].bytes()),
              "adb896cd858f11d791dcca1fae65a66778b5aef1789af388aa0c18129d375521");
    EXPECT_EQ(base::to_hex(Domain(17).roots()[1].bytes()),
              "100fb7f3052469087d1b71d0d62b7fcdd6332c77ef2e3a47f4cb8a2d33624222");
}

TEST(Domain, values_are_those_of_the_polynomial_at_the_shifted_roots) {
    for (unsigned log_size = 0; log_size <= 7; ++log_size) {
        const Domain domain(log_size);
        const auto polynomial = some_polynomial(domain.size());
        for (const Fr& shift : {Fr(1), Fr(7)}) {
            auto values = polynomial;
            domain.evaluate(values, shift);
            for (std::size_t i = 0; i < values.size(); ++i) {
                ASSERT_EQ(values[i], evaluated(polynomial, shift * domain.roots()[i])) << log_size << " " << i;
            }
            domain.interpolate(values, shift);
            ASSERT_EQ(values, polynomial);
        }
    }
}

TEST(Domain, large_transforms_invert_each_other) {
    for (const unsigned log_size : {11U, 12U, 13U}) {
        const Domain domain(log_size);
        const auto polynomial = some_polynomial(domain.size());
        auto values = polynomial;
        domain.evaluate(values, Fr(7));
        for (const std::size_t i : {std::size_t{0}, std::size_t{1}, domain.size() / 2, domain.size() - 1}) {
            EXPECT_EQ(values[i], evaluated(polynomial, Fr(7) * domain.roots()[i]));
        }
        domain.interpolate(values, Fr(7));
        EXPECT_EQ(values, polynomial);
    }
}

TEST(Polynomial, division_by_a_root_leaves_quotient_and_rest) {
    const auto polynomial = some_polynomial(9);
    auto quotient = polynomial;
    const Fr rest = divide_by_root(quotient, Fr(5));
    EXPECT_EQ(rest, evaluated(polynomial, Fr(5)));
    EXPECT_TRUE(quotient.back().is_zero());
    EXPECT_EQ(evaluated(quotient, Fr(11)) * Fr(11 - 5) + rest, evaluated(polynomial, Fr(11)));
}

TEST(Polynomial, a_folded_polynomial_has_the_same_values_on_the_coset) {
    const Domain domain(3);
    for (const std::size_t size : {1U, 7U, 8U, 9U, 27U}) {
        const auto polynomial = some_polynomial(size);
        std::array<Fr, 8> folded;
        fold(polynomial, Fr(3), folded);
        for (const Fr& root : domain.roots()) {
            EXPECT_EQ(evaluated(folded, Fr(3) * root), evaluated(polynomial, Fr(3) * root));
        }
    }
}

}  // namespace
}  // namespace rues::plonk
