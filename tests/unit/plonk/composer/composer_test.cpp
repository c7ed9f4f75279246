#include "plonk/composer/composer.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/encoding.hpp"
#include "crypto/hash.hpp"
#include "plonk/composer/hash.hpp"

namespace rues::plonk {
namespace {

using crypto::Fl;
using crypto::JubJubPoint;

constexpr std::size_t kStart = 4;  ///< gates that every circuit begins with

std::optional<std::string> unsatisfied(Composer&& composer) {
    const auto built = std::move(composer).finish();
    return first_unsatisfied(built.circuit, built.assignment);
}

Fr any_fr() {
    return Fr::from_wide(crypto::blake2b_512(base::view(*rc::gen::string<std::string>())));
}

Fl any_fl() {
    return crypto::hash_to_fl(base::view(*rc::gen::string<std::string>()));
}

Fr as_fr(const Fl& scalar) {
    return Fr::from_bytes(scalar.bytes()).value();
}

JubJubPoint any_point() {
    return crypto::jubjub_generator() * any_fl();
}

void expect_point(const Composer& composer, const WitnessPoint& at, const JubJubPoint& expected) {
    const auto affine = expected.affine();
    RC_ASSERT(composer.value(at.u) == affine.u);
    RC_ASSERT(composer.value(at.v) == affine.v);
}

TEST(Composer, begins_with_zero_one_and_four_gates) {
    Composer composer;
    EXPECT_EQ(composer.gates(), kStart);
    EXPECT_EQ(composer.value(Composer::kZero), Fr());
    EXPECT_EQ(composer.value(Composer::kOne), Fr(1));
    EXPECT_EQ(unsatisfied(std::move(composer)), std::nullopt);
}

TEST(Composer, a_sum_has_all_its_terms) {
    Composer composer;
    const Witness a = composer.append(Fr(2)), b = composer.append(Fr(3)), d = composer.append(Fr(5));
    const Witness out =
        composer.add({.m = Fr(7), .l = Fr(11), .r = Fr(13), .f = Fr(17), .c = Fr(19), .a = a, .b = b, .d = d});

    EXPECT_EQ(composer.value(out), Fr(7 * 2 * 3 + 11 * 2 + 13 * 3 + 17 * 5 + 19));
    EXPECT_EQ(composer.gates(), kStart + 1);
    EXPECT_EQ(unsatisfied(std::move(composer)), std::nullopt);
}

TEST(Composer, assertions_that_do_not_hold_leave_a_row_that_does_not) {
    const auto after = [](void (*claim)(Composer&, Witness)) {
        Composer composer;
        claim(composer, composer.append(Fr(2)));
        return unsatisfied(std::move(composer));
    };
    EXPECT_EQ(after([](Composer& in, Witness two) { in.assert_constant(two, Fr(2)); }), std::nullopt);
    EXPECT_EQ(after([](Composer& in, Witness two) { in.assert_constant(two, Fr(3)); }),
              "row 4 of 5 does not hold: an arithmetic gate");
    EXPECT_EQ(after([](Composer& in, Witness two) { in.assert_constant(two, Fr(1), Fr(1)); }), std::nullopt);
    EXPECT_NE(after([](Composer& in, Witness two) { in.assert_constant(two, Fr(1), Fr(2)); }), std::nullopt);
    EXPECT_NE(after([](Composer& in, Witness two) { in.assert_equal(two, Composer::kOne); }), std::nullopt);
    EXPECT_NE(after([](Composer& in, Witness two) { in.assert_boolean(two); }), std::nullopt);
    EXPECT_EQ(after([](Composer& in, Witness) { in.assert_boolean(Composer::kOne); }), std::nullopt);
}

TEST(Composer, decomposes_a_witness_into_as_many_bits_as_asked) {
    Composer composer;
    const auto bits = composer.bits<5>(composer.append(Fr(0b10110)));
    const std::array<std::uint64_t, 5> expected{0, 1, 1, 0, 1};
    for (std::size_t i = 0; i < bits.size(); ++i) EXPECT_EQ(composer.value(bits[i]), Fr(expected[i]));
    EXPECT_EQ(composer.gates(), kStart + 2 * 5 + 1);
    EXPECT_EQ(unsatisfied(std::move(composer)), std::nullopt);

    Composer small;
    small.bits<4>(small.append(Fr(0b10110)));
    EXPECT_NE(unsatisfied(std::move(small)), std::nullopt);
}

TEST(Composer, a_range_of_64_bits_holds_exactly_below_2_to_64) {
    const Fr limit = Fr(2).squared(6);
    for (const auto& [value, inside] :
         {std::pair{Fr(), true}, {Fr(1), true}, {limit - Fr(1), true}, {limit, false}, {-Fr(1), false}}) {
        Composer composer;
        composer.assert_64_bits(composer.append(value));
        EXPECT_EQ(composer.gates(), kStart + 10);
        EXPECT_EQ(!unsatisfied(std::move(composer)).has_value(), inside);
    }
}

TEST(Composer, xor_of_250_bits_is_that_of_the_integers) {
    EXPECT_TRUE(rc::check([] {
        Composer composer;
        const Fr a = any_fr(), b = any_fr();
        const Witness out = composer.xor_250(composer.append(a), composer.append(b));

        auto expected = a.bytes();
        for (std::size_t i = 0; i < expected.size(); ++i) expected[i] ^= b.bytes()[i];
        expected[31] &= std::byte{3};
        RC_ASSERT(composer.value(out).bytes() == expected);
        RC_ASSERT(composer.gates() == kStart + 126);
        RC_ASSERT(!unsatisfied(std::move(composer)).has_value());
    }));
}

TEST(Composer, adds_points) {
    EXPECT_TRUE(rc::check([] {
        Composer composer;
        const JubJubPoint p = any_point(), q = any_point();
        const WitnessPoint of_p = composer.append(p.affine());
        expect_point(composer, composer.add(of_p, composer.append(q.affine())), p + q);
        expect_point(composer, composer.add(of_p, of_p), p.doubled());
        expect_point(composer, composer.add(of_p, {Composer::kZero, Composer::kOne}), p);
        RC_ASSERT(composer.gates() == kStart + 3 * 2);
        RC_ASSERT(!unsatisfied(std::move(composer)).has_value());
    }));
}

TEST(Composer, multiplies_points) {
    const FixedBase base(crypto::jubjub_nums_generator());
    for (const Fl& scalar : {Fl(), Fl(1), Fl(2), Fl() - Fl(1), crypto::hash_to_fl(base::view("any"))}) {
        Composer composer;
        const Witness of_scalar = composer.append(as_fr(scalar));
        const WitnessPoint product = composer.multiply(of_scalar, composer.append(crypto::jubjub_generator().affine()));
        EXPECT_EQ(composer.gates(), kStart + 2'017);
        const WitnessPoint fixed = composer.multiply(of_scalar, base);
        EXPECT_EQ(composer.gates(), kStart + 2'017 + 261);

        const auto expected = (crypto::jubjub_generator() * scalar).affine();
        EXPECT_EQ(composer.value(product.u), expected.u);
        EXPECT_EQ(composer.value(product.v), expected.v);
        const auto expected_fixed = (crypto::jubjub_nums_generator() * scalar).affine();
        EXPECT_EQ(composer.value(fixed.u), expected_fixed.u);
        EXPECT_EQ(composer.value(fixed.v), expected_fixed.v);
        EXPECT_FALSE(composer.malformed_scalar());
        EXPECT_EQ(unsatisfied(std::move(composer)), std::nullopt);
    }
}

TEST(Composer, a_fixed_product_with_a_scalar_that_is_not_below_l_is_malformed) {
    const FixedBase base(crypto::jubjub_generator());
    Composer composer;
    composer.multiply(composer.append(Fr::from_bytes(crypto::fl_modulus()).value()), base);
    EXPECT_TRUE(composer.malformed_scalar());
    EXPECT_NE(unsatisfied(std::move(composer)), std::nullopt);
}

TEST(Composer, hashes_as_the_hash_does) {
    for (const std::size_t count : {1U, 3U, 4U, 5U, 7U}) {
        Composer composer;
        std::vector<Fr> elements;
        std::vector<Witness> witnesses;
        for (std::size_t i = 0; i < count; ++i) {
            elements.push_back(-Fr(i + 1));
            witnesses.push_back(composer.append(elements.back()));
        }
        const Witness hash = append_hash(composer, witnesses);
        EXPECT_EQ(composer.gates(), kStart + 1 + count + 985 * ((count + 3) / 4));
        EXPECT_EQ(composer.value(hash), crypto::poseidon_hash(elements));
        EXPECT_EQ(composer.value(append_truncated_hash(composer, witnesses)),
                  as_fr(crypto::poseidon_truncated(elements)));
        EXPECT_EQ(unsatisfied(std::move(composer)), std::nullopt);
    }
}

/// Changes one witness at a time. Some row must stop holding, because each gate depends on its wires.
TEST(Composer, every_witness_of_the_primitives_is_constrained) {
    Composer composer;
    const WitnessPoint p = composer.append_public(crypto::jubjub_generator().affine());
    composer.add(p, p);
    const Witness value = composer.append_public(Fr(0x0123456789abcdef));
    composer.assert_64_bits(value);
    composer.bits<60>(value);
    composer.multiply(value, FixedBase(crypto::jubjub_generator()));
    append_hash(composer, std::array{value});
    const auto built = std::move(composer).finish();
    ASSERT_EQ(first_unsatisfied(built.circuit, built.assignment), std::nullopt);

    for (std::size_t i = 0; i < built.assignment.witnesses.size(); ++i) {
        Assignment changed = built.assignment;
        changed.witnesses[i] += Fr(1);
        EXPECT_NE(first_unsatisfied(built.circuit, changed), std::nullopt) << "witness " << i;
    }
}

}  // namespace
}  // namespace rues::plonk
