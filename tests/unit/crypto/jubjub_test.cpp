#include "crypto/jubjub.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>

#include "base/encoding.hpp"
#include "crypto/jubjub_archive.hpp"

namespace rues::crypto {
namespace {

constexpr std::string_view kG = "1200000000000000000000000000000000000000000000000000000000000000";
constexpr std::string_view kNums = "f83e2e1607b705677a50a5820fba4999fd343bebbe2d167b1bebf3b2b30ed8c3";
constexpr std::string_view kMinusOne = "00000000fffffffffe5bfeff02a4bd5305d8a10908d83933487d9d2953a7ed73";

std::optional<JubJubAffine> decode_any(std::string_view hex) {
    return JubJubAffine::decode_any(base::array_from_hex<32>(hex).value());
}

std::string hex(const JubJubPoint& point) {
    return base::to_hex(point.encode());
}

/// The reference writes coordinates as numbers, highest digit first.
std::string number(const Fr& value) {
    auto bytes = value.bytes();
    std::ranges::reverse(bytes);
    return base::to_hex(bytes);
}

Fl any_scalar() {
    return hash_to_fl(base::view(*rc::gen::string<std::string>()));
}

/// The point of order two, (0, -1).
JubJubPoint torsion() {
    return JubJubPoint(decode_any(kMinusOne).value());
}

TEST(JubJub, the_generators_have_the_coordinates_of_the_reference) {  // docs/reference/phoenix-and-plonk.md 1.3
    const auto g = jubjub_generator().affine();
    EXPECT_EQ(number(g.u), "3fd2814c43ac65a6f1fbf02d0fd6cce62e3ebb21fd6c54ed4df7b7ffec7beaca");
    EXPECT_EQ(number(g.v), std::string(62, '0') + "12");
    EXPECT_EQ(base::to_hex(g.encode()), kG);
    const auto nums = jubjub_nums_generator().affine();
    EXPECT_EQ(number(nums.u), "5e67b8f316f414f7bd9514c773fd4456931e316a39fe4541921710179df76377");
    EXPECT_EQ(number(nums.v), "43d80eb3b2f3eb1b7b162dbeeb3b34fd9949ba0f82a5507a6705b707162e3ef8");
    EXPECT_EQ(base::to_hex(nums.encode()), kNums);
}

TEST(JubJub, multiples_are_those_of_the_reference) {  // docs/reference/phoenix-and-plonk.md 9.3
    const JubJubPoint& g = jubjub_generator();
    EXPECT_EQ(hex(g.doubled()), "5f2e8c3d02d4f25fe7db7f278c8a9ff57b5c3462a065d3ac7ec6d99131bd7a47");
    EXPECT_EQ(hex(g * (Fl() - Fl(1))), "12" + std::string(60, '0') + "80");
    EXPECT_EQ(hex(jubjub_nums_generator() * Fl(2)), "81b5f7c352d3f097954e7081e33feb442cd044b3a99597f5bc5982681f04d55c");
    EXPECT_EQ(hex(g + jubjub_nums_generator()), "66d44248b54d65afe33504ce9b4bdb27050ba4bb61dadf437e940fb9b48eb704");
    EXPECT_EQ(hex(g * Fl(25)), "eaf94b0579bb709bb1d8acc074bd00c511979c6ffbd2e437f469a06472393695");
}

TEST(JubJub, all_ways_to_multiply_agree) {
    EXPECT_TRUE(rc::check([] {
        const Fl a = any_scalar(), b = any_scalar();
        const JubJubPoint p = jubjub_nums_generator() * any_scalar();
        RC_ASSERT(p * a == p.multiplied_by_bits(a));
        RC_ASSERT(p * a == JubJubMultiples(p) * a);
        RC_ASSERT(p * (a + b) == p * a + p * b);
        RC_ASSERT((p * a).doubled() == p * a + p * a);
        RC_ASSERT((p * a).has_prime_order());
    }));
}

TEST(JubJub, multiplying_by_zero_gives_the_identity) {
    EXPECT_TRUE((jubjub_generator() * Fl()).is_identity());
    EXPECT_TRUE(jubjub_generator().multiplied_by_bits(Fl()).is_identity());
    EXPECT_TRUE((jubjub_generator_multiples() * Fl()).is_identity());
    EXPECT_EQ(hex(JubJubPoint()), "01" + std::string(62, '0'));
    EXPECT_EQ(jubjub_generator() + JubJubPoint(), jubjub_generator());
}

TEST(JubJub, the_sign_chooses_between_the_two_roots) {  // docs/reference/phoenix-and-plonk.md 9.3: enc(-G)
    const auto g = decode_any(kG);
    const auto negative = decode_any("1200000000000000000000000000000000000000000000000000000000000080");

    ASSERT_TRUE(g && negative);
    EXPECT_EQ(negative->v, g->v);
    EXPECT_TRUE(negative->u.is_odd());
    EXPECT_EQ(negative->u, -g->u);
}

TEST(JubJub, the_identity_decodes_but_not_with_a_sign) {  // docs/reference/phoenix-and-plonk.md 1.2
    const auto identity = decode_any("01" + std::string(62, '0'));

    ASSERT_TRUE(identity);
    EXPECT_TRUE(identity->u.is_zero());
    EXPECT_TRUE(JubJubAffine::decode(identity->encode()));
    EXPECT_FALSE(decode_any("01" + std::string(60, '0') + "80"));
}

TEST(JubJub, a_v_that_is_not_below_r_is_refused) {  // docs/reference/phoenix-and-plonk.md 1.1, 1.2
    EXPECT_FALSE(decode_any("02000000fffffffffe5bfeff02a4bd5305d8a10908d83933487d9d2953a7ed73"));  // r + 1
    EXPECT_TRUE(decode_any(kMinusOne));                                                            // (0, -1)
}

TEST(JubJub, half_of_all_v_have_no_point) {
    int found = 0;
    for (unsigned v = 2; v < 258; ++v) {
        base::ByteArray<32> bytes{};
        bytes[0] = static_cast<std::byte>(v);
        bytes[1] = static_cast<std::byte>(v >> 8);
        found += JubJubAffine::decode_any(bytes).has_value() ? 1 : 0;
    }
    EXPECT_GT(found, 96);
    EXPECT_LT(found, 160);
}

TEST(JubJub, points_outside_the_prime_subgroup_do_not_decode) {  // docs/reference/phoenix-and-plonk.md 1.2
    const JubJubPoint mixed = jubjub_generator() + torsion();

    EXPECT_TRUE(JubJubAffine::decode_any(mixed.encode()));
    EXPECT_FALSE(JubJubAffine::decode(mixed.encode()));
    EXPECT_FALSE(JubJubAffine::decode(torsion().encode()));
    EXPECT_TRUE(JubJubAffine::decode(jubjub_generator().encode()));
}

/// A point of order eight, lowest v of the four.
JubJubPoint torsion_of_order_eight() {
    return JubJubPoint(*decode_any("24690b1096dff2005db7790c72b5b6c29e65545cd2a7981c1ae53610a1e9942a"));
}

TEST(JubJub, no_sum_of_a_subgroup_point_and_a_torsion_point_decodes) {
    const JubJubPoint t = torsion_of_order_eight();
    ASSERT_TRUE(t.doubled().doubled().doubled().is_identity());
    ASSERT_FALSE(t.doubled().doubled().is_identity());

    EXPECT_TRUE(rc::check([&] {
        const JubJubPoint p = jubjub_nums_generator() * any_scalar();
        JubJubPoint shifted = p;
        RC_ASSERT(JubJubAffine::decode(p.encode()).has_value());
        for (int i = 1; i < 8; ++i) {
            shifted = shifted + t;
            RC_ASSERT(shifted.is_on_curve() && !shifted.has_prime_order());
            RC_ASSERT(JubJubAffine::decode_any(shifted.encode()).has_value());
            RC_ASSERT(!JubJubAffine::decode(shifted.encode()).has_value());
        }
        RC_ASSERT(shifted + t == p);
    }));
    JubJubPoint multiple = t;
    for (int i = 1; i < 8; ++i, multiple = multiple + t) EXPECT_FALSE(JubJubAffine::decode(multiple.encode())) << i;
}

TEST(JubJub, a_product_takes_every_digit_into_account) {
    for (unsigned bit = 0; bit < 252; ++bit) {
        base::ByteArray<32> bytes{};
        bytes[bit / 8] = static_cast<std::byte>(1U << bit % 8);
        const Fl power = Fl::from_bytes(bytes).value();  // l is above 2^251
        JubJubPoint expected = jubjub_generator();
        for (unsigned i = 0; i < bit; ++i) expected = expected.doubled();
        EXPECT_EQ(jubjub_generator() * power, expected) << bit;
        EXPECT_EQ(jubjub_generator_multiples() * power, expected) << bit;
        EXPECT_EQ(jubjub_generator() * (Fl() - power) + expected, JubJubPoint()) << bit;
    }
}

TEST(JubJub, points_are_encoded_together_as_one_by_one) {
    std::array<JubJubPoint, 5> points;
    for (std::size_t i = 0; i < points.size(); ++i) points[i] = jubjub_generator() * Fl(i * i);
    std::array<base::ByteArray<32>, 5> encoded{};

    jubjub_encode(points, encoded);

    for (std::size_t i = 0; i < points.size(); ++i) EXPECT_EQ(encoded[i], points[i].encode()) << i;
}

TEST(JubJub, a_key_has_prime_order_and_coordinates_that_belong_together) {  // docs/reference/phoenix-and-plonk.md 3.6
    const JubJubPoint good = jubjub_generator() * Fl(5);
    ASSERT_TRUE(good.has_prime_order());

    JubJubPoint wrong_t = good, zero_z = good, off_curve = good;
    wrong_t.t1 += Fr(1);
    zero_z.z = Fr();
    off_curve.u += Fr(1);
    off_curve.t1 = off_curve.u * off_curve.z.inverse();
    off_curve.t2 = off_curve.v;

    EXPECT_FALSE(wrong_t.has_prime_order());
    EXPECT_FALSE(zero_z.has_prime_order());
    EXPECT_FALSE(off_curve.has_prime_order());
    EXPECT_FALSE(JubJubPoint().has_prime_order());
    EXPECT_FALSE(torsion().has_prime_order());
    EXPECT_FALSE((good + torsion()).has_prime_order());
    EXPECT_TRUE((good + torsion()).is_on_curve());
}

TEST(JubJub, archived_coordinates_are_undone) {
    const JubJubPoint point = jubjub_generator() * Fl(77);
    const auto encoded = point.encode();

    const auto again = jubjub_from_archive(jubjub_to_archive(point));

    ASSERT_TRUE(again);
    EXPECT_EQ(*again, point);
    EXPECT_EQ(again->z, point.z);
    EXPECT_EQ(jubjub_compress_extended(jubjub_to_archive(point)), encoded);
    EXPECT_EQ(jubjub_compress_extended(*jubjub_extended(encoded)), encoded);
    EXPECT_EQ(jubjub_compress_affine(*jubjub_affine(encoded)), encoded);
}

TEST(JubJub, archived_coordinates_that_are_no_point_are_refused) {
    auto limbs = jubjub_to_archive(jubjub_generator());
    auto not_canonical = limbs, no_point = limbs, no_z = limbs;
    std::fill_n(not_canonical.begin() + 128, 32, std::byte{0xff});
    no_point[0] ^= std::byte{1};
    std::fill_n(no_z.begin() + 64, 32, std::byte{0});

    EXPECT_FALSE(jubjub_from_archive(not_canonical));
    EXPECT_FALSE(jubjub_compress_extended(no_point));
    EXPECT_FALSE(jubjub_compress_extended(no_z));
    EXPECT_FALSE(jubjub_compress_affine(base::to_array<64>(base::ByteView(no_point).first(64))));
}

}  // namespace
}  // namespace rues::crypto
