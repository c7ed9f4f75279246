#include "base/json_decimal.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <random>

#include "base/json_reading.hpp"

namespace rues::base::json {
namespace {

// What serde_json 1.0 prints for these numbers.
TEST(JsonDecimal, numbers_are_printed_as_nodes_print_them) {
    const std::pair<double, const char*> cases[] = {
        {0.0, "0.0"},
        {-0.0, "-0.0"},
        {1.0, "1.0"},
        {-1.5, "-1.5"},
        {100.0, "100.0"},
        {12.34, "12.34"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1e15, "1000000000000000.0"},
        {1e16, "1e16"},
        {1234567890123456.0, "1234567890123456.0"},
        {123456789012345680.0, "1.2345678901234568e17"},
        {0.00001, "0.00001"},
        {0.0000123, "0.0000123"},
        {0.000001, "1e-6"},
        {0.0000012, "1.2e-6"},
        {5e-324, "5e-324"},
        {1.7976931348623157e308, "1.7976931348623157e308"},
    };
    for (const auto& [number, text] : cases) EXPECT_EQ(decimal(number), text);
}

TEST(JsonDecimal, a_value_is_printed_like_print_but_for_its_doubles) {
    const auto v = *parse(R"({"b":[1.50,2,{"c":1e2}],"a\"":"x\n","e":{},"f":[],"g":null,"h":true,"i":-3})");

    EXPECT_EQ(print_decimal(v), R"({"b":[1.5,2,{"c":100.0}],"a\"":"x\n","e":{},"f":[],"g":null,"h":true,"i":-3})");
    const auto without = *parse(R"({"b":[1,"é"],"a":{}})");
    EXPECT_EQ(print_decimal(without), print(without));
}

TEST(JsonDecimal, the_digits_are_those_of_the_same_double) {
    std::mt19937_64 random(7);
    for (int i = 0; i < 20'000; ++i) {
        const auto number = std::bit_cast<double>(random());
        if (!std::isfinite(number)) continue;
        const std::string text = decimal(number);
        ASSERT_EQ(std::strtod(text.c_str(), nullptr), number) << text;
        ASSERT_TRUE(parse(text)) << text;
    }
}

}  // namespace
}  // namespace rues::base::json
