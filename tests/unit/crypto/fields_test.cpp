#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>

#include "base/encoding.hpp"
#include "crypto/fl.hpp"
#include "crypto/fr.hpp"
#include "crypto/hash.hpp"

namespace rues::crypto {
namespace {

using base::to_hex;
using base::view;

constexpr std::string_view kR = "01000000fffffffffe5bfeff02a4bd5305d8a10908d83933487d9d2953a7ed73";
constexpr std::string_view kRMinusOne = "00000000fffffffffe5bfeff02a4bd5305d8a10908d83933487d9d2953a7ed73";
constexpr std::string_view kL = "b72cf7d65e0e97d08210c8cc932068a6003b3401013b6706a9af3365eab47d0e";
constexpr std::string_view kLMinusOne = "b62cf7d65e0e97d08210c8cc932068a6003b3401013b6706a9af3365eab47d0e";

ByteArray<32> array(std::string_view hex) {
    return base::array_from_hex<32>(hex).value();
}

Fr any_fr() {
    return Fr::from_wide(blake2b_512(view(*rc::gen::string<std::string>())));
}
Fl any_fl() {
    return hash_to_fl(view(*rc::gen::string<std::string>()));
}

/// a + b mod 2^256 of little-endian integers.
ByteArray<32> plain_sum(const ByteArray<32>& a, const ByteArray<32>& b) {
    ByteArray<32> out;
    unsigned carry = 0;
    for (std::size_t i = 0; i < 32; ++i) {
        carry += std::to_integer<unsigned>(a[i]) + std::to_integer<unsigned>(b[i]);
        out[i] = static_cast<std::byte>(carry);
        carry >>= 8;
    }
    return out;
}

TEST(Fields, hashes_to_scalars_are_those_of_the_reference) {  // docs/reference/phoenix-and-plonk.md 9.3
    EXPECT_EQ(to_hex(Fr::from_wide(blake2b_512({})).bytes()),
              "30c0d8d7b59113e47148ad5d096d043f41b9525b311e8299fef69f6ae2290b3b");
    EXPECT_EQ(to_hex(Fr::from_wide(blake2b_512(view("abc"))).bytes()),
              "3b6494d18a7fe469346aa39d90cd4d903518349dc8c8fc34f3540e9e65696364");
    EXPECT_EQ(to_hex(hash_to_fl({}).bytes()), "bc7d339d6389aed10223d4d56ccf0cb9006dbc4bc478442f8186ccf789ef8407");
    EXPECT_EQ(to_hex(hash_to_fl(view("abc")).bytes()),
              "7d7ab4a0228ec6e6fd9db0c6e7df1556522e29d4ef081c506540ad94ff90d502");
}

TEST(Fields, one_block_of_the_seeded_generator_gives_the_scalars_of_the_reference) {
    // docs/reference/phoenix-and-plonk.md 9.3: StdRng seed 0xbeef, first 64 bytes
    const auto wide =
        base::array_from_hex<64>(
            "2586f0c49e1413662e900a4684ec2001bb131b6045bf6da376fbb3454cfb4b7dd0489e910c666e0c7c81ae435d136191"
            "186af4e91c62e9e1ea6cbe2537c8401b")
            .value();

    EXPECT_EQ(to_hex(Fr::from_wide(wide).bytes()), "fea927ad5c2e47affd0264deb31e83d1c353d26fa9132c4835adf3299613b75b");
    EXPECT_EQ(to_hex(Fl::from_wide(wide).bytes()), "a84df1a2b1cfaf2f92aea1b97c28fe1ee9d9a7a5ae5bfa514c220cdde17c030d");
}

TEST(Fields, an_integer_that_is_not_below_the_order_does_not_decode) {  // docs/reference/phoenix-and-plonk.md 1.1, 1.2
    EXPECT_FALSE(Fr::from_bytes(array(kR)));
    EXPECT_TRUE(Fr::from_bytes(array(kRMinusOne)));
    EXPECT_FALSE(Fr::from_montgomery(array(kR)));
    EXPECT_TRUE(Fr::from_montgomery(array(kRMinusOne)));
    EXPECT_FALSE(Fl::from_bytes(array(kL)));
    EXPECT_TRUE(Fl::from_bytes(array(kLMinusOne)));
    EXPECT_EQ(to_hex(fl_modulus()), kL);
}

TEST(Fields, the_order_minus_one_is_minus_one) {
    EXPECT_EQ(Fr(), *Fr::from_bytes(array(kRMinusOne)) + Fr(1));
    EXPECT_EQ(-Fr(1), *Fr::from_bytes(array(kRMinusOne)));
    EXPECT_EQ(Fl(), *Fl::from_bytes(array(kLMinusOne)) + Fl(1));
    EXPECT_EQ(Fl() - Fl(1), *Fl::from_bytes(array(kLMinusOne)));
    EXPECT_EQ(*Fl::from_bytes(array(kLMinusOne)) * *Fl::from_bytes(array(kLMinusOne)), Fl(1));
}

TEST(Fields, limbs_of_a_jubjub_scalar_are_reduced) {
    const Fl three(3);

    const Fl again = Fl::from_montgomery(plain_sum(three.montgomery(), fl_modulus()));

    EXPECT_EQ(again, three);
    EXPECT_EQ(Fl::from_montgomery(fl_modulus()), Fl());
}

TEST(Fields, forms_of_elements_are_undone) {
    EXPECT_TRUE(rc::check([] {
        const Fr a = any_fr();
        RC_ASSERT(Fr::from_bytes(a.bytes()) == a);
        RC_ASSERT(Fr::from_montgomery(a.montgomery()) == a);
        const Fl b = any_fl();
        RC_ASSERT(Fl::from_bytes(b.bytes()) == b);
        RC_ASSERT(Fl::from_montgomery(b.montgomery()) == b);
    }));
}

TEST(Fields, the_laws_of_a_field_hold) {
    EXPECT_TRUE(rc::check([] {
        const Fr a = any_fr(), b = any_fr(), c = any_fr();
        RC_ASSERT((a + b) * c == a * c + b * c);
        RC_ASSERT(a - b + b == a);
        RC_ASSERT(a.is_zero() || a * a.inverse() == Fr(1));
        RC_ASSERT(a.squared() == a * a);
        const Fl x = any_fl(), y = any_fl(), z = any_fl();
        RC_ASSERT((x + y) * z == x * z + y * z);
        RC_ASSERT(x - y + y == x);
        RC_ASSERT(x * (y * z) == (x * y) * z);
    }));
}

TEST(Fields, a_square_has_a_root_and_the_generator_of_the_group_has_none) {
    EXPECT_TRUE(rc::check([] {
        const Fr a = any_fr();
        const auto root = a.squared().square_root();
        RC_ASSERT(root.has_value());
        RC_ASSERT(*root == a || *root == -a);
        RC_ASSERT(!(a.squared() * Fr(7)).square_root() || a.is_zero());  // 7 is no square
    }));
    EXPECT_EQ(Fr().square_root(), Fr());
    EXPECT_EQ(Fr().inverse(), Fr());
}

}  // namespace
}  // namespace rues::crypto
