#include "graphql/error.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace rues::graphql {
namespace {

TEST(Quoted, every_byte_at_every_place_is_escaped_as_in_json) {
    for (int c = 1; c < 128; ++c) {
        for (std::size_t at = 0; at < 20; ++at) {
            std::string text(20, 'x');
            text[at] = static_cast<char>(c);
            std::string out = "before";
            append_quoted(out, text);
            EXPECT_EQ(out, "before" + boost::json::serialize(boost::json::value(text))) << c << " at " << at;
        }
    }
    std::string out;
    append_quoted(out, "\xC3\xA9\xF0\x9F\x98\x80 \xEF\xBF\xBF, eight and more");
    EXPECT_EQ(out, "\"\xC3\xA9\xF0\x9F\x98\x80 \xEF\xBF\xBF, eight and more\"") << "only ASCII is escaped";
}

// docs/reference/graphql.md 7.1
TEST(Locator, locations_far_apart_are_found_in_any_order) {
    std::string text;
    for (int i = 0; i < 5000; ++i) text += i % 3 == 0 ? "\xC3\xA9\r\n" : "\xE2\x82\xAC\r";
    Locator locate(text);
    const auto slow = [&](std::size_t end) {
        Location out;
        for (std::size_t i = 0; i < end; ++i) {
            if (text[i] == '\r' && text.substr(i, 2) == "\r\n") continue;
            if (text[i] == '\r' || text[i] == '\n')
                out = {out.line + 1, 1};
            else if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80)
                ++out.column;
        }
        return out;
    };
    for (const std::uint32_t at : {20'000U, 4'096U, 4'095U, 4'097U, 0U, 12'288U, 8'191U, 8'192U, 19'999U, 1U, 2U})
        EXPECT_EQ(locate(at), slow(at)) << at;
    EXPECT_EQ(locate(UINT32_MAX).line, 5001U) << "beyond the end is the end";
}

}  // namespace
}  // namespace rues::graphql
