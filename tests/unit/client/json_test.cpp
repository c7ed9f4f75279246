#include "rues/json.hpp"

#include <gtest/gtest.h>

namespace rues {
namespace {

TEST(Json, members_and_elements_are_looked_up_and_missing_ones_are_null) {
    const Json json = Json::parse(R"({"a":[1,{"b":"c"}],"d":null,"e":true})").value();

    EXPECT_EQ(json.kind(), Json::Kind::object);
    EXPECT_EQ(json["a"][1]["b"].as_string(), "c");
    EXPECT_EQ(json["a"].size(), 2U);
    EXPECT_EQ(json["e"].as_bool(), true);
    EXPECT_TRUE(json["d"].is_null());
    EXPECT_TRUE(json["x"]["y"][7].is_null());
    EXPECT_TRUE(json["a"]["b"].is_null()) << "an array has no members";
    EXPECT_TRUE(json[0].is_null()) << "an object has no elements";
    EXPECT_TRUE(json["a"][-1].is_null());
    EXPECT_EQ(json["a"].to_text(), R"([1,{"b":"c"}])");
    EXPECT_EQ(json.members().size(), 3U);
    EXPECT_EQ(json.members()[1].first, "d");
    EXPECT_TRUE(Json().is_null());
    EXPECT_EQ(Json().to_text(), "null");
}

TEST(Json, integers_are_exact_over_the_whole_range_of_64_bits) {
    const Json json = Json::parse("[18446744073709551615,-9223372036854775808,9007199254740993,1.5,-1]").value();

    EXPECT_EQ(json[0].as_u64(), 18446744073709551615U);
    EXPECT_EQ(json[0].as_i64(), std::nullopt);
    EXPECT_EQ(json[1].as_i64(), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(json[2].as_u64(), 9007199254740993U);
    EXPECT_EQ(json[2].as_i64(), 9007199254740993);
    EXPECT_EQ(json[3].as_double(), 1.5);
    EXPECT_EQ(json[3].as_u64(), std::nullopt);
    EXPECT_EQ(json[4].as_u64(), std::nullopt);
    EXPECT_EQ(json[4].as_double(), -1.0);
    EXPECT_EQ(json[4].as_string(), std::nullopt);
}

TEST(Json, a_part_keeps_its_document_alive) {
    const Json part = Json::parse(R"({"a":{"b":[1,2]}})").value()["a"]["b"];

    EXPECT_EQ(part[1].as_u64(), 2U);
}

TEST(Json, text_that_is_not_json_or_too_deep_is_refused) {
    for (const char* bad : {"", "{", "{\"a\":}", "nul", "[1,]", "\x01", "01"}) EXPECT_FALSE(Json::parse(bad)) << bad;
    EXPECT_TRUE(Json::parse(std::string(64, '[') + std::string(64, ']')));
    EXPECT_FALSE(Json::parse(std::string(65, '[') + std::string(65, ']')));
}

}  // namespace
}  // namespace rues
