#include "base/json_reading.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace rues::base::json {
namespace {

// RFC 8259 6: numbers that a double cannot hold are not interoperable.
TEST(JsonReading, a_number_beyond_a_double_is_refused_at_any_depth) {
    const std::string digits(400, '9');
    for (const std::string& number : {std::string("1e400"), std::string("-1e400"), digits, "-" + digits,
                                      std::string("123456789e301"), std::string("1e99999")}) {
        for (const std::string& text : {number, "[" + number + "]", R"({"a":[{"b":)" + number + "}]}"})
            EXPECT_FALSE(parse(text)) << text;
    }
    EXPECT_EQ(parse("[1e400]").error(), "number out of range");
    for (const std::string number :
         {"1.7976931348623157e308", "-1.7976931348623157e308", "1e-400", "0", "-0", "18446744073709551615"})
        EXPECT_TRUE(parse(number)) << number;
    EXPECT_TRUE(parse(std::string(300, '9')));
}

TEST(JsonReading, invalid_json_is_refused) {
    for (const std::string_view text :
         {"", "{", "nul", "NaN", "Infinity", "01", "1.", "+1", "'a'", "[1,]", "{\"a\":1,}", "\"\\ud800\"",
          "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\xff\"", "\"\xed\xa0\x80\"", "\"\n\"", "1 2"}) {
        const auto read = parse(text);
        EXPECT_FALSE(read) << text;
        EXPECT_FALSE(read.error().empty());
    }
    EXPECT_FALSE(parse(std::string(33, '[') + std::string(33, ']')));
    EXPECT_TRUE(parse(std::string(32, '[') + std::string(32, ']')));
    EXPECT_FALSE(parse("[[1]]", 1));
}

TEST(JsonReading, member_text_is_the_text_as_it_was_written) {
    const std::string_view text =
        " { \"a\" : 1.0 ,\"b\":\"}\\\"]\",\"c\":[1, {\"a\":2}],\"\\u0064\":{ \"x\" : null } ,\"e\":-0,\"\":true } ";
    ASSERT_TRUE(parse(text));
    EXPECT_EQ(member_text(text, "a"), "1.0");
    EXPECT_EQ(member_text(text, "b"), "\"}\\\"]\"");
    EXPECT_EQ(member_text(text, "c"), "[1, {\"a\":2}]");
    EXPECT_EQ(member_text(text, "d"), "{ \"x\" : null }");
    EXPECT_EQ(member_text(text, "e"), "-0");
    EXPECT_EQ(member_text(text, ""), "true");
    EXPECT_EQ(member_text(text, "x"), std::nullopt);
    EXPECT_EQ(member_text("{}", "a"), std::nullopt);
    EXPECT_EQ(member_text(R"({"a":1,"a":2})", "a"), "2");
}

/// Prints random JSON with blanks and escapes in every place where they are allowed.
class Writer {
public:
    explicit Writer(unsigned seed) : random_(seed) {}
    std::string object(unsigned depth) {
        std::string out = blanks() + "{" + blanks();
        for (unsigned left = pick(4); left > 0; --left)
            out += text() + blanks() + ":" + any(depth) + (left > 1 ? "," + blanks() : "");
        return out + "}" + blanks();
    }

private:
    unsigned pick(unsigned count) { return static_cast<unsigned>(random_() % count); }
    std::string blanks() { return std::string(pick(2), " \t\r\n"[pick(4)]); }
    std::string text() {
        constexpr std::string_view kParts[] = {"a", "b", "\\u0061", "\\\"",     "\\\\",          "}",
                                               "]", ",", ":",       "\xc3\xa9", "\\ud83d\\ude00"};
        std::string out = "\"";
        for (unsigned left = pick(3); left > 0; --left) out += kParts[pick(std::size(kParts))];
        return out + "\"";
    }
    std::string any(unsigned depth) {
        constexpr std::string_view kLeaves[] = {"1.0", "-0", "1e5", "12345678901234567890123", "true", "null"};
        if (depth == 0 || pick(2) == 0) return blanks() + (pick(2) == 0 ? text() : std::string(kLeaves[pick(6)]));
        if (pick(2) == 0) return object(depth - 1);
        std::string out = "[";
        for (unsigned left = pick(3); left > 0; --left) out += any(depth - 1) + (left > 1 ? "," : "");
        return blanks() + out + blanks() + "]";
    }

    std::mt19937 random_;
};

TEST(JsonReading, member_text_parses_to_the_value_of_the_member) {
    for (unsigned seed = 0; seed < 3'000; ++seed) {
        const std::string text = Writer(seed).object(4);
        const auto read = parse(text);
        ASSERT_TRUE(read) << text;
        for (const auto& member : read->as_object()) {
            const auto written = member_text(text, member.key());
            ASSERT_TRUE(written) << text;
            EXPECT_EQ(parse(*written), member.value()) << text;
        }
        EXPECT_TRUE(parse(print(*read))) << text;
    }
}

TEST(JsonReading, each_byte_outside_a_character_becomes_a_replacement_character) {
    EXPECT_EQ(as_text("a\xc3\xa9\xf0\x9f\x98\x80"), "a\xc3\xa9\xf0\x9f\x98\x80");
    EXPECT_EQ(as_text("\xff"
                      "a\xc3"),
              "\xef\xbf\xbd"
              "a\xef\xbf\xbd");
    EXPECT_EQ(as_text("\xe2\x82"), "\xef\xbf\xbd\xef\xbf\xbd");
    EXPECT_EQ(as_text(""), "");
}

}  // namespace
}  // namespace rues::base::json
