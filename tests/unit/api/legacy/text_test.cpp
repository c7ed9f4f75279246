// Requests and answers as text. docs/legacy.md.
#include "unit/api/legacy/socket_fixture.hpp"

namespace rues::api::legacy {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::StartsWith;

TEST_F(LegacyText, a_text_request_is_answered_as_text) {
    open();

    const auto said = ask_text(
        R"({"headers":{"X-Request-Id":"1","Rusk-Version":"1.7"},"event":{"target":{"type":"Host","name":"node"},"topic":"info","data":""}})");

    EXPECT_EQ(boost::json::serialize(said.at("headers")),
              R"({"X-Request-Id":"1","Content-Type":"application/json","Content-Length":")" +
                  std::to_string(stage_.context->node_info.size()) + R"(","Rusk-Version":"1.7.0","Status":"200; OK"})");
    EXPECT_EQ(boost::json::serialize(said.at("event").at("target")), R"({"type":"Host","name":"node"})");
    EXPECT_EQ(said.at("event").at("topic"), "info");
    EXPECT_EQ(said.at("data"), boost::json::string(stage_.context->node_info));
    EXPECT_EQ(said.at("event").at("data"), said.at("data"));
    std::vector<std::string_view> keys;
    for (const auto& member : said) keys.push_back(member.key());
    EXPECT_THAT(keys, ElementsAre("headers", "event", "data"));
}

TEST_F(LegacyText, octets_are_hex_in_both_directions) {
    open();
    const auto said = ask_text(
        R"({"headers":{"content-type":"application/octet-stream","Content-Length":3},"event":{"target":{"type":"Host","name":"rusk"},"topic":"preverify","data":"cafe0"}})");
    EXPECT_EQ(said.at("headers").at("Status"), "400; Invalid input: the data is not hex");

    const auto echo = ask_text(
        R"({"headers":{"Content-Type":"application/octet-stream"},"event":{"target":{"type":"Debugger","name":"echo"},"topic":"","data":"CAFE0"}})");
    EXPECT_EQ(echo.at("data"), "CAFE0");
    EXPECT_EQ(echo.at("headers").at("Status"), "200; OK");
}

TEST_F(LegacyText, a_text_whose_headers_can_be_read_is_answered_400_and_any_other_closes_with_1007) {
    open();
    for (const std::string_view rest :
         {R"("event":1)", R"("event":{})", R"("x":1)",
          R"("event":{"target":{"type":"host","name":"node"},"topic":"info","data":""})",
          R"("event":{"target":{"type":"Host","name":7},"topic":"info","data":""})",
          R"("event":{"target":{"type":"Host","name":"node"},"topic":null,"data":""})",
          R"("event":{"target":{"type":"Host","name":"node"},"topic":"info","data":{}})"}) {
        const auto said = ask_text(std::string(R"({"headers":{"X-A":"b"},)").append(rest).append("}"));
        EXPECT_THAT(std::string(said.at("headers").at("Status").as_string()), StartsWith("400; Invalid input: "))
            << rest;
        EXPECT_EQ(said.at("headers").at("X-A"), "b");
    }
    for (const std::string_view text : {"", "hello", "[]", "{}", R"({"headers":[]})", R"({"headers":{"X-A":1}})"}) {
        Peer peer;
        const auto socket = stage_.connect(peer);
        socket->on_text(text);
        EXPECT_THAT(peer.closed, StartsWith("1007 ")) << text;
    }
}

TEST_F(LegacyText, events_come_in_the_form_of_the_last_subscribe) {
    open();
    ask_text(
        R"({"headers":{},"event":{"target":{"type":"Host","name":"rues"},"topic":"subscribe","data":"/on/blocks/accepted"}})");
    stage_.add_blocks(1);
    stage_.work();
    answer(message({}, TargetType::host, "rues", "subscribe", "/on/blocks/statechange"));
    stage_.add_blocks(1);
    stage_.work();

    const auto frames = peer_.frames();
    ASSERT_EQ(frames.size(), 4U);
    ASSERT_TRUE(frames[1].is_text);
    EXPECT_FALSE(frames[3].is_text);
    const auto event = boost::json::parse(frames[1].payload).as_object();
    EXPECT_EQ(event.at("event").at("target").at("name"), "blocks");
    EXPECT_EQ(event.at("headers").at("Rues-Height"), "1");
    EXPECT_THAT(std::string(event.at("data").as_string()), StartsWith("{\"header\""));
}

}  // namespace
}  // namespace rues::api::legacy
