#include "client/amount.hpp"

#include <gtest/gtest.h>

namespace rues::client {
namespace {

TEST(Amount, dusk_has_nine_decimals) {
    EXPECT_EQ(parse_amount("1"), 1'000'000'000U);
    EXPECT_EQ(parse_amount("0.5"), 500'000'000U);
    EXPECT_EQ(parse_amount("1.000000001"), 1'000'000'001U);
    EXPECT_EQ(parse_amount("250lux"), 250U);
    EXPECT_EQ(parse_amount("18446744073.709551615"), UINT64_MAX);
    EXPECT_EQ(parse_amount("18446744073709551615lux"), UINT64_MAX);
}

TEST(Amount, an_amount_that_does_not_fit_or_is_no_number_is_refused) {
    for (const auto* text : {"",
                             ".",
                             ".5",
                             "1.",
                             "-1",
                             "+1",
                             "1e3",
                             "1.0000000001",
                             "1 ",
                             "lux",
                             "0x1",
                             "1.5lux",
                             "18446744073.709551616",
                             "18446744074",
                             "18446744073709551616lux",
                             "1.-1",
                             "1,5",
                             "01",
                             "00.5",
                             "010lux",
                             "0x1lux",
                             "1 lux",
                             "1.5.5",
                             "1._5"})
        EXPECT_FALSE(parse_amount(text)) << text;
}

TEST(Amount, the_error_tells_too_large_from_not_a_number) {
    for (const auto* text :
         {"18446744073.709551616", "18446744074", "18446744073709551616lux", "99999999999999999999999"})
        EXPECT_EQ(parse_amount(text).error(), "too large: an amount is at most 18446744073.709551615 DUSK") << text;
    EXPECT_EQ(parse_amount("1e3").error(), "expected DUSK with up to 9 decimals (1.5), or LUX (1500000000lux)");
}

TEST(Amount, is_printed_without_trailing_zeros) {
    EXPECT_EQ(dusk(0), "0");
    EXPECT_EQ(dusk(1), "0.000000001");
    EXPECT_EQ(dusk(1'500'000'000), "1.5");
    EXPECT_EQ(dusk(UINT64_MAX), "18446744073.709551615");
}

}  // namespace
}  // namespace rues::client
