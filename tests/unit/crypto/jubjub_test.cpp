#include "crypto/jubjub.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "base/encoding.hpp"

namespace rues::crypto {
namespace {

std::optional<JubJubPoint> decompress(std::string_view hex) {
    return jubjub_decompress(base::array_from_hex<32>(hex).value());
}

/// The reference writes coordinates as numbers, highest digit first.
std::string number(base::ByteArray<32> little_endian) {
    std::ranges::reverse(little_endian);
    return base::to_hex(little_endian);
}

TEST(JubJub, the_generators_have_the_coordinates_of_the_reference) {  // docs/reference/phoenix-and-plonk.md 1.3
    const auto g = decompress("1200000000000000000000000000000000000000000000000000000000000000");
    ASSERT_TRUE(g);
    EXPECT_EQ(number(g->u), "3fd2814c43ac65a6f1fbf02d0fd6cce62e3ebb21fd6c54ed4df7b7ffec7beaca");
    EXPECT_EQ(number(g->v), std::string(62, '0') + "12");
    const auto nums = decompress("f83e2e1607b705677a50a5820fba4999fd343bebbe2d167b1bebf3b2b30ed8c3");
    ASSERT_TRUE(nums);
    EXPECT_EQ(number(nums->u), "5e67b8f316f414f7bd9514c773fd4456931e316a39fe4541921710179df76377");
    EXPECT_EQ(number(nums->v), "43d80eb3b2f3eb1b7b162dbeeb3b34fd9949ba0f82a5507a6705b707162e3ef8");
}

TEST(JubJub, the_sign_chooses_between_the_two_roots) {  // docs/reference/phoenix-and-plonk.md 9.3: enc(-G)
    const auto g = decompress("1200000000000000000000000000000000000000000000000000000000000000");
    const auto negative = decompress("1200000000000000000000000000000000000000000000000000000000000080");

    ASSERT_TRUE(negative);
    EXPECT_EQ(negative->v, g->v);
    EXPECT_EQ(std::to_integer<int>(g->u[0]) & 1, 0);
    EXPECT_EQ(std::to_integer<int>(negative->u[0]) & 1, 1);
    // u and r - u add up to r (docs/reference/phoenix-and-plonk.md 1.1), so their lowest bytes to 01.
    EXPECT_EQ((std::to_integer<unsigned>(g->u[0]) + std::to_integer<unsigned>(negative->u[0])) & 0xff, 1U);
}

TEST(JubJub, the_identity_decodes_but_not_with_a_sign) {  // docs/reference/phoenix-and-plonk.md 1.2
    const auto identity = decompress("01" + std::string(62, '0'));

    ASSERT_TRUE(identity);
    EXPECT_EQ(identity->u, base::ByteArray<32>{});
    EXPECT_FALSE(decompress("01" + std::string(60, '0') + "80"));
}

TEST(JubJub, a_v_that_is_not_below_r_is_refused) {  // docs/reference/phoenix-and-plonk.md 1.1, 1.2
    EXPECT_FALSE(decompress("02000000fffffffffe5bfeff02a4bd5305d8a10908d83933487d9d2953a7ed73"));  // r + 1
    EXPECT_TRUE(
        decompress("00000000fffffffffe5bfeff02a4bd5305d8a10908d83933487d9d2953a7ed73"));  // r - 1 is -1: (0, -1)
}

TEST(JubJub, half_of_all_v_have_no_point) {
    int found = 0;
    for (unsigned v = 2; v < 258; ++v) {
        base::ByteArray<32> bytes{};
        bytes[0] = static_cast<std::byte>(v);
        bytes[1] = static_cast<std::byte>(v >> 8);
        found += jubjub_decompress(bytes).has_value() ? 1 : 0;
    }
    EXPECT_GT(found, 96);
    EXPECT_LT(found, 160);
}

}  // namespace
}  // namespace rues::crypto
