// The form of Rusk 0.7 to 1.0. docs/legacy.md.
#include "unit/api/legacy/socket_fixture.hpp"

namespace rues::api::legacy {
namespace {

using namespace test;
using testing::HasSubstr;
using testing::StartsWith;

class LegacyOld : public LegacyText {
protected:
    void open_old(TargetType type, std::string name) {
        Opening opening;
        opening.target = Target{type, std::move(name)};
        open(std::move(opening));
    }
};

TEST_F(LegacyOld, a_reply_has_headers_data_and_error_in_this_order) {
    open_old(TargetType::host, "Chain");
    socket_->on_text(
        R"({"headers":{"X-Request-Id":7,"x-list":[1,"a"],"Rusk-Version":"^1.0"},"event":{"topic":"info","data":""}})");
    stage_.work();

    ASSERT_EQ(peer_.frames().size(), 1U);
    EXPECT_EQ(peer_.frames()[0].payload,
              R"({"headers":{"X-Request-Id":7,"x-list":[1,"a"],"Rusk-Version":"1.7.0"},"data":)" +
                  stage_.context->node_info + R"(,"error":null})");
}

TEST_F(LegacyOld, a_version_that_does_not_match_is_an_error_with_the_old_text) {
    open_old(TargetType::host, "rusk");
    socket_->on_binary(base::ByteView(message({{"Content-Type", "application/octet-stream"},
                                               {"Rusk-Version", "0.7.0"},
                                               {"X-Request-Id", "12be34ef"}},
                                              TargetType::host, "", ""))
                           .first(4 + 92));
    EXPECT_THAT(peer_.closed, StartsWith("1011 ")) << "the topic is missing";

    // docs/reference/protocol.md 9.2: the headers of the example, then length, topic and data
    Peer peer;
    Opening opening;
    opening.target = Target{TargetType::host, "rusk"};
    const auto socket = stage_.connect(peer, std::move(opening));
    const auto bytes = *base::from_hex(
        "5c0000007b22436f6e74656e742d54797065223a226170706c69636174696f6e2f6f637465742d73747265616d222c225275736b2d5665"
        "7273696f6e223a22302e372e30222c22582d526571756573742d4964223a223132626533346566227d"
        "09000000707265766572696679cafe01");
    ASSERT_EQ(bytes.size(), 112U);
    socket->on_binary(bytes);
    stage_.work();

    ASSERT_EQ(peer.frames().size(), 1U);
    EXPECT_EQ(peer.frames()[0].payload, R"({"headers":{"X-Request-Id":"12be34ef","Rusk-Version":"1.7.0"},"data":null,)"
                                        R"("error":"Mismatched rusk version: requested ^0.7.0 - current 1.7.0"})");
}

TEST_F(LegacyOld, a_feeder_sends_one_reply_for_each_item_and_none_at_its_end) {
    open_old(TargetType::contract, std::string(kTransfer));
    socket_->on_text(R"({"headers":{"Rusk-Feeder":"*"},"event":{"topic":"sync_accounts","data":")" +
                     std::string(32, '0') + R"("}})");
    stage_.work();

    const auto frames = peer_.frames();
    ASSERT_EQ(frames.size(), 4U);
    const auto item = boost::json::parse(frames[0].payload).as_object();
    EXPECT_TRUE(base::from_hex(std::string_view(item.at("data").as_string())));
    EXPECT_TRUE(item.at("error").is_null());
    EXPECT_FALSE(peer_.is_paused);
}

TEST_F(LegacyOld, errors_of_graphql_are_the_error_of_the_reply) {
    open_old(TargetType::host, "Chain");
    const auto said = ask_text(R"({"headers":{},"event":{"topic":"gql","data":"{ foo }"}})");

    EXPECT_TRUE(said.at("data").is_null());
    EXPECT_THAT(std::string(said.at("error").as_string()), StartsWith("[{\"message\":\"Unknown field"));
}

TEST_F(LegacyOld, debuggers_and_subscriptions_do_not_exist) {
    for (const auto& [type, name] : {std::pair(TargetType::debugger, "echo"), std::pair(TargetType::host, "rues"),
                                     std::pair(TargetType::host, "x")}) {
        Peer peer;
        Opening opening;
        opening.target = Target{type, name};
        const auto socket = stage_.connect(peer, std::move(opening));
        socket->on_text(R"({"headers":{},"event":{"topic":"subscribe","data":"/on/blocks/accepted"}})");
        stage_.work();
        ASSERT_EQ(peer.frames().size(), 1U);
        EXPECT_THAT(peer.frames()[0].payload, HasSubstr(R"("data":null,"error":")"));
    }
}

}  // namespace
}  // namespace rues::api::legacy
