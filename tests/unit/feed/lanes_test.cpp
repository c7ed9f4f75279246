// Delivery by lanes, which bypasses the sinks: only while the next message for a session is the next live event.
#include "fixture.hpp"

namespace rues::feed::test {
namespace {

/// Two sessions that subscribed to one topic and use their lanes.
struct Lanes : Feed {
    void SetUp() override {
        start({.late_subscriptions = false});
        id = open(socket);
        other_id = open(other);
        for (const auto& each : {id, other_id}) EXPECT_EQ(subscribe(each, kAccepted), SubscribeResult::ok);
        publish({kAccepted});
        Socket::by_lane = 0;
        publish({kAccepted});
        EXPECT_EQ(Socket::by_lane, 2U);
    }
    void expect(Sequence first, Sequence second) {
        EXPECT_EQ(socket.sequence(), first);
        EXPECT_EQ(other.sequence(), second);
    }

    Socket other;
    wire::SessionId id{};
    wire::SessionId other_id{};
};

TEST_F(Lanes, several_messages_of_one_topic_are_sent_by_the_lanes) {
    publish({kAccepted, kAccepted});
    EXPECT_EQ(Socket::by_lane, 4U);
    expect({1, 2, 3, 4}, {1, 2, 3, 4});
}

TEST_F(Lanes, a_session_whose_lane_is_shut_gets_the_message_from_its_sink) {
    socket.lane_is_shut = true;
    publish({kAccepted});
    EXPECT_EQ(Socket::by_lane, 3U);
    expect({1, 2, 3}, {1, 2, 3});
}

TEST_F(Lanes, a_session_that_stops_within_a_message_continues_there_and_then_uses_its_lane_again) {
    socket.room = one + 7;
    publish({kAccepted, kAccepted});
    EXPECT_FALSE(socket.uses_lane);
    publish({kAccepted});
    expect({1, 2, 3}, {1, 2, 3, 4, 5});
    drain(id, socket);
    publish({kAccepted});
    EXPECT_TRUE(socket.uses_lane);
    expect({1, 2, 3, 4, 5, 6}, {1, 2, 3, 4, 5, 6});
}

TEST_F(Lanes, a_session_whose_socket_is_full_between_messages_falls_behind) {
    socket.room = 0;
    publish({kAccepted});
    publish({kAccepted});
    EXPECT_FALSE(socket.uses_lane);
    drain(id, socket);
    expect({1, 2, 3, 4}, {1, 2, 3, 4});
}

TEST_F(Lanes, events_that_a_replay_delivers_are_not_sent_by_the_lane_too) {
    for (int i = 0; i < 2; ++i) publish({kOther});  // events 3 and 4
    EXPECT_EQ(subscribe(other_id, kOther), SubscribeResult::ok);
    std::optional<Subscribed> answered;
    hub->subscribe(id, kOther, {.after = wire::Position{kEpoch, 2}}, [&](Subscribed s) { answered = std::move(s); });
    manual.run();
    EXPECT_FALSE(socket.uses_lane);
    publish({kOther});
    publish({kAccepted});
    expect({1, 2, 6}, {1, 2, 5, 6});
    answered->hold.reset();
    manual.run();
    EXPECT_EQ(socket.sequence(), (Sequence{1, 2, 6, 3, 4, 5}));
    publish({kOther});
    publish({kAccepted});
    EXPECT_TRUE(socket.uses_lane);
    EXPECT_EQ(socket.sequence(), (Sequence{1, 2, 6, 3, 4, 5, 7, 8}));
}

TEST_F(Lanes, events_up_to_the_position_of_a_subscription_are_not_delivered) {
    hub->appended(log.append({kOther}));  // event 3, which the loop has not delivered yet
    std::vector<Subscribed> answered;
    for (const auto& each : {id, other_id}) hub->subscribe_here(0, each, kOther, {});
    manual.run();
    expect({1, 2}, {1, 2});
    publish({kOther});
    publish({kOther});
    expect({1, 2, 4, 5}, {1, 2, 4, 5});
    EXPECT_EQ(Socket::by_lane, 6U);
}

TEST_F(Lanes, a_subscription_that_ends_by_itself_ends_after_its_last_event) {
    const auto executed = uri(transactions, kA, "executed");
    const auto removed = uri(transactions, kA, "removed");
    for (const auto& each : {id, other_id}) {
        for (const auto& to : {executed, removed})
            EXPECT_EQ(change(true, each, to, {.until_end = each == id}).result, SubscribeResult::ok);
    }
    EXPECT_FALSE(socket.uses_lane);
    publish({executed});
    publish({removed});
    expect({1, 2, 3, 4}, {1, 2, 3, 4});
    EXPECT_EQ(unsubscribe(id, removed), SubscribeResult::not_subscribed);
    publish({kAccepted});
    EXPECT_TRUE(socket.uses_lane);
}

TEST_F(Lanes, lanes_match_their_subscriptions_when_sessions_leave) {
    Socket third;
    const auto third_id = open(third);
    EXPECT_EQ(subscribe(third_id, kAccepted), SubscribeResult::ok);
    publish({kAccepted});
    EXPECT_EQ(unsubscribe(id, kAccepted), SubscribeResult::ok);
    publish({kAccepted});
    hub->closed(0, other_id, true);
    publish({kAccepted});
    EXPECT_EQ(subscribe(id, kAccepted), SubscribeResult::ok);
    publish({kAccepted});
    expect({1, 2, 3, 6}, {1, 2, 3, 4});
    EXPECT_EQ(third.sequence(), (Sequence{3, 4, 5, 6}));
}

TEST_F(Lanes, a_closed_session_gets_nothing_more) {
    hub->drain(0, id);
    EXPECT_FALSE(socket.uses_lane);
    EXPECT_EQ(socket.closes.size(), 1U);
    publish({kAccepted});
    publish({kAccepted});
    EXPECT_FALSE(socket.uses_lane);
    expect({1, 2}, {1, 2, 3, 4});
}

}  // namespace
}  // namespace rues::feed::test
