#include "app/node_log.hpp"

#include <gtest/gtest.h>

#include "app/output.hpp"
#include "base/json.hpp"

namespace rues::app {
namespace {

TEST(NodeLog, a_json_line_is_one_object_whatever_the_message_holds) {
    const std::string message = "a \"quote\",\na line end, \x1b[2J and é";
    const auto line = json_line(base::LogLevel::warning, message, 1'700'000'000'042);

    EXPECT_EQ(line.find('\n'), std::string::npos);
    const auto parsed = boost::json::parse(line).as_object();
    EXPECT_EQ(parsed.at("time").as_string(), "2023-11-14T22:13:20.042Z");
    EXPECT_EQ(parsed.at("level").as_string(), "warning");
    EXPECT_EQ(parsed.at("message").as_string(), message);
}

TEST(NodeLog, control_characters_do_not_reach_a_terminal) {
    EXPECT_EQ(printable("plain text, é…"), "plain text, é…");
    EXPECT_EQ(printable("a\x1b[2Jb\nc\r\x7f"), "a\\x1b[2Jb\\x0ac\\x0d\\x7f");
    EXPECT_EQ(printable("\xc2\x9b"
                        "2J\xc2\xa0"),
              "\\x9b"
              "2J\xc2\xa0");
}

}  // namespace
}  // namespace rues::app
