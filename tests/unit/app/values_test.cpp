#include "app/values.hpp"

#include <gtest/gtest.h>

namespace rues::app {
namespace {

using std::chrono::milliseconds;

TEST(Number, is_decimal_complete_and_in_range) {
    EXPECT_EQ(parse_number("0", 0, 9), 0U);
    EXPECT_EQ(parse_number("18446744073709551615", 0, UINT64_MAX), UINT64_MAX);
    EXPECT_EQ(parse_number("7", 7, 7), 7U);
    for (const auto* text : {"",
                             " ",
                             "010",
                             "00",
                             "0x10",
                             "0b1",
                             "0o7",
                             "+1",
                             "-1",
                             "-0",
                             " 1",
                             "1 ",
                             "1\n",
                             "1e3",
                             "1.0",
                             "1_000",
                             "1,000",
                             "1k",
                             "\xd9\xa1",
                             "nan",
                             "18446744073709551616",
                             "99999999999999999999999"})
        EXPECT_FALSE(parse_number(text, 0, UINT64_MAX)) << text;
    EXPECT_FALSE(parse_number("6", 7, 9));
    EXPECT_FALSE(parse_number("10", 7, 9));
}

TEST(Number, an_error_says_the_range) {
    EXPECT_EQ(parse_number("x", 1, 9).error(), "expected a number from 1 to 9");
}

TEST(Duration, has_a_unit) {
    EXPECT_EQ(parse_duration("500ms"), milliseconds(500));
    EXPECT_EQ(parse_duration("1s"), milliseconds(1'000));
    EXPECT_EQ(parse_duration("2m"), milliseconds(120'000));
    EXPECT_EQ(parse_duration("3h"), milliseconds(10'800'000));
    EXPECT_EQ(parse_duration("0s"), milliseconds(0));
    for (const auto* text : {"", "1", "s", "-1s", "+1s", "1.5s", "1 s", "1s ", "1d", "1ss", "01s", "00s", "0x1s",
                             "1e3s", "400000h", "99999999999999999999s", "18446744073709551617ms"})
        EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(Duration, without_a_unit_the_error_says_that_one_is_expected) {
    EXPECT_EQ(parse_duration("60").error(), "expected a duration with its unit, such as 60s or 60ms");
}

TEST(Duration, has_bounds) {
    EXPECT_EQ(parse_duration("87840h"), kLongestDuration);
    EXPECT_FALSE(parse_duration("87841h"));
    EXPECT_FALSE(parse_duration("9ms", milliseconds(10)));
    EXPECT_EQ(parse_duration("2s", milliseconds(10), milliseconds(1'500)).error(),
              "expected a duration from 10ms to 1500ms");
}

}  // namespace
}  // namespace rues::app
