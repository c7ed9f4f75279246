// Events on a socket: positions, slow readers, the end. docs/legacy.md.
#include "unit/api/legacy/socket_fixture.hpp"

namespace rues::api::legacy {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::StartsWith;

TEST_F(LegacySocket, events_of_a_subscription_come_as_messages_with_position_height_and_entity) {
    open();
    const auto subscribed =
        answer(message({{"X-Id", "1"}}, TargetType::host, "rues", "subscribe", "/on/blocks/accepted"));
    EXPECT_EQ(header(subscribed, "Status"), "200; OK");
    EXPECT_EQ(header(subscribed, "X-Id"), "1");
    const auto position = header(subscribed, "Rues-Position");
    EXPECT_EQ(position, (wire::Position{stage_.store().epoch(), stage_.store().last_seq()}.to_string()));

    stage_.add_blocks(2);
    stage_.work();

    const auto all = peer_.messages();
    ASSERT_EQ(all.size(), 3U);
    const auto& event = all[2];
    EXPECT_EQ(event.event.target_type, TargetType::host);
    EXPECT_EQ(event.event.target, "blocks");
    EXPECT_EQ(event.event.topic, "accepted");
    EXPECT_EQ(header(event, "Content-Type"), "application/json");
    EXPECT_EQ(header(event, "Content-Length"), std::to_string(event.event.data.size()));
    EXPECT_EQ(header(event, "Rues-Height"), "2");
    EXPECT_EQ(header(event, "Rues-Position"),
              (wire::Position{stage_.store().epoch(), stage_.store().last_seq()}.to_string()));
    EXPECT_EQ(header(event, "Rues-Entity").size(), 64U);
    EXPECT_EQ(header(event, "Status"), "(none)");
    EXPECT_EQ(boost::json::parse(data(event)).at("header").at("height").to_number<int>(), 2);
}

TEST_F(LegacySocket, a_contract_event_comes_from_its_contract_whatever_its_topic) {
    open();
    const std::string topic = "a/\"b\"\n☃";
    answer(message({}, TargetType::host, "rues", "subscribe",
                   "/on/contracts:" + std::string(kTransfer) + "/a%2F%22b%22%0A%E2%98%83"));

    stage_.publish({ledger::kTransferContract, topic, base::Bytes(3, std::byte{0xca}), {}});
    stage_.work();

    ASSERT_EQ(peer_.messages().size(), 2U);
    const auto event = peer_.messages()[1];
    EXPECT_EQ(event.event.target_type, TargetType::contract);
    EXPECT_EQ(event.event.target, kTransfer);
    EXPECT_EQ(event.event.topic, topic);
    EXPECT_EQ(header(event, "Content-Type"), "application/octet-stream");
    EXPECT_EQ(base::to_hex(event.event.data), "cacaca");
    EXPECT_EQ(header(event, "Rusk-Origin"), std::string(64, '0'));
}

TEST_F(LegacySocket, subscriptions_in_the_url_begin_after_a_position) {
    stage_.add_blocks(5);
    stage_.work();
    Opening opening;
    opening.on = {{wire::Component::blocks, std::nullopt, "accepted"}};
    opening.after = wire::Position{stage_.store().epoch(), stage_.store().last_seq() - 2};
    open(std::move(opening));
    stage_.work();
    stage_.add_blocks(1);
    stage_.work();

    EXPECT_THAT(topics(), ElementsAre("accepted", "accepted", "accepted"));
    EXPECT_EQ(header(peer_.messages()[0], "Rues-Height"), "4");
    EXPECT_EQ(header(peer_.messages()[2], "Rues-Height"), "6");
}

TEST_F(LegacySocket, a_subscription_may_name_a_position_and_is_answered_before_its_events) {
    stage_.add_blocks(3);
    stage_.work();
    open();
    const auto after = wire::Position{stage_.store().epoch(), 0}.to_string();
    ask(message({{"rues-AFTER", after}}, TargetType::host, "rues", "subscribe", "/on/blocks/accepted"));
    stage_.work();

    EXPECT_THAT(topics(), ElementsAre("subscribe", "accepted", "accepted", "accepted"));
    EXPECT_EQ(header(peer_.messages()[0], "Rues-Recovered"), "true");
    EXPECT_EQ(header(peer_.messages()[0], "Rues-Position"), after);
}

TEST_F(LegacySocket, the_position_in_the_url_holds_for_subscriptions_that_name_none) {
    stage_.add_blocks(3);
    stage_.work();
    Opening opening;
    opening.after = wire::Position{stage_.store().epoch(), 1};
    open(std::move(opening));
    ask(message({}, TargetType::host, "rues", "subscribe", "/on/blocks/accepted"));
    stage_.work();

    EXPECT_THAT(topics(), ElementsAre("subscribe", "accepted", "accepted"));
}

TEST_F(LegacySocket, after_unsubscribe_no_event_comes) {
    open();
    const auto said = [this](std::string_view topic, std::string_view uri) {
        return header(answer(message({}, TargetType::host, "rues", topic, uri)), "Status");
    };
    EXPECT_EQ(said("unsubscribe", "/on/blocks/accepted"), "404; Subscription not found");
    EXPECT_EQ(said("subscribe", "/on/blocks/accepted"), "200; OK");
    EXPECT_EQ(said("unsubscribe", "/on/blocks/accepted"), "200; OK");
    EXPECT_EQ(said("unsubscribe", "/on/blocks/accepted"), "404; Subscription not found");
    const std::size_t before = peer_.frames().size();

    stage_.add_blocks(1);
    stage_.work();

    EXPECT_EQ(peer_.frames().size(), before);
}

TEST_F(LegacySocket, what_is_no_uri_of_events_is_refused) {
    open();
    const auto said = [this](std::string_view uri, wire::HeaderList headers = {}) {
        return header(answer(message(std::move(headers), TargetType::host, "rues", "subscribe", uri)), "Status");
    };

    EXPECT_EQ(said(""), "404; Path not found");
    EXPECT_EQ(said("/on/nothing/x"), "404; Path not found");
    EXPECT_EQ(said("\xff"), "404; Path not found");
    EXPECT_EQ(said("/on/contracts/" + std::string(2'000, 't')),
              "400; Invalid input: the URI of a subscription has at most 1024 bytes");
    EXPECT_THAT(said("/on/blocks/accepted", {{"Rues-After", "yesterday"}}),
                StartsWith("400; Invalid input: a position"));
}

TEST_F(LegacySocket, a_slow_reader_holds_no_queue_and_later_gets_every_event_in_order) {
    open();
    answer(message({}, TargetType::host, "rues", "subscribe", "/on/blocks/accepted"));
    const std::size_t before = peer_.received.size();
    peer_.room = 0;
    stage_.add_blocks(2'000);
    stage_.work();
    EXPECT_EQ(peer_.received.size(), before);
    EXPECT_LT(stage_.context->legacy_bytes.taken(), 10'000U) << "one event above the high water at most";

    for (int i = 0; i < 5'000 && peer_.messages().size() < 2'001; ++i) {
        peer_.room = 9'999;
        socket_->on_writable();
        stage_.work();
    }

    const auto all = peer_.messages();
    ASSERT_EQ(all.size(), 2'001U);
    for (std::size_t i = 1; i < all.size(); ++i) ASSERT_EQ(header(all[i], "Rues-Height"), std::to_string(i));
}

TEST_F(LegacySocket, answers_come_between_events_while_the_reader_is_slow) {
    open();
    answer(message({}, TargetType::host, "rues", "subscribe", "/on/blocks/accepted"));
    peer_.room = 0;
    stage_.add_blocks(100);
    stage_.work();
    ask_info("1");
    stage_.work();
    for (int i = 0; i < 1'000 && peer_.messages().size() < 102; ++i) {
        peer_.room = 9'999;
        socket_->on_writable();
        stage_.work();
    }

    std::vector<std::string> heights;
    for (const auto& each : peer_.messages()) {
        if (each.event.topic == "accepted") heights.push_back(header(each, "Rues-Height"));
    }
    EXPECT_EQ(heights.size(), 100U);
    EXPECT_EQ(heights.front(), "1");
    EXPECT_EQ(heights.back(), "100");
    EXPECT_EQ(std::ranges::count(ids(), "1"), 1);
}

TEST_F(LegacySocket, a_reader_that_is_too_slow_is_closed_with_its_last_position) {
    feed::Limits limits;
    limits.catch_up_distance = 50;
    stage_.hub().use_limits(limits);
    open();
    answer(message({}, TargetType::host, "rues", "subscribe", "/on/blocks/accepted"));
    peer_.room = 0;
    for (int i = 0; i < 10; ++i) stage_.add_blocks(50), stage_.work();

    EXPECT_THAT(peer_.closed, StartsWith("1013 Slow consumer, last position "));
}

TEST_F(LegacySocket, a_drain_closes_with_the_last_position) {
    open();
    answer(message({}, TargetType::host, "rues", "subscribe", "/on/blocks/accepted"));
    stage_.add_blocks(1);
    stage_.work();
    const auto last = header(peer_.messages().back(), "Rues-Position");

    socket_->on_drain();

    EXPECT_EQ(peer_.closed, "1012 Service restart, last position " + last);
}

}  // namespace
}  // namespace rues::api::legacy
