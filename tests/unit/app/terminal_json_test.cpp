#include "app/terminal_json.hpp"

#include <gtest/gtest.h>

namespace rues::app {
namespace {

TEST(TerminalJson, control_characters_are_escaped_and_the_value_is_the_same) {
    const boost::json::value json{{"a\x7f",
                                   "\x1b[2J\xc2\x9b"
                                   "2J\xc2\xa0é"},
                                  {"b", 1.5}};
    const auto text = terminal_json(json);
    EXPECT_EQ(text, R"({"a\u007f":"\u001b[2J\u009b2J)"
                    "\xc2\xa0é"
                    R"(","b":1.5})");
    EXPECT_EQ(boost::json::parse(text), json);
}

}  // namespace
}  // namespace rues::app
