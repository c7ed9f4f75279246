#include "fixture.hpp"

namespace rues::feed::test {
namespace {

TEST_F(Feed, without_randomness_no_session_opens_and_its_place_stays_free) {
    bool works = false;
    hub.reset();
    auto made = Hub::create(
        log, {.id_key = {}, .random = [&](std::span<std::byte> out) { return works && base::system_random(out); }},
        manual.executors(), clock, base::no_log());
    ASSERT_TRUE(made);
    hub = std::move(*made);
    hub->start();

    EXPECT_FALSE(hub->open(0, socket, {}));
    works = true;
    EXPECT_TRUE(hub->open(0, socket, {}));
}

TEST_F(Feed, the_first_message_of_a_session_is_its_id) {
    start();
    const auto id = open(socket);
    EXPECT_EQ(socket.texts, std::vector{wire::to_string(id)});
    EXPECT_EQ(hub->sessions(), 1u);
    hub->closed(0, id, true);
    EXPECT_EQ(hub->sessions(), 0u);
}

TEST_F(Feed, sessions_beyond_the_limit_are_refused) {
    start({.max_sessions_per_loop = 1});
    Socket other;
    ASSERT_TRUE(hub->open(0, socket, {}));
    EXPECT_FALSE(hub->open(0, other, {}));
    EXPECT_TRUE(hub->open(1, other, {}));
}

TEST_F(Feed, a_closed_session_is_unknown_even_when_its_slot_is_used_again) {
    start();
    const auto first = open(socket);
    hub->closed(0, first, true);
    const auto second = open(socket);
    EXPECT_EQ(subscribe(first, kAccepted), SubscribeResult::unknown_session);
    EXPECT_EQ(subscribe(second, kAccepted), SubscribeResult::ok);
}

TEST_F(Feed, a_subscription_delivers_every_event_after_its_position) {
    start();
    const auto id = open(socket);
    publish({kAccepted, kAccepted});
    const auto subscribed = change(true, id, uri(blocks, kA, "Reverted"));
    EXPECT_EQ(subscribed.result, SubscribeResult::ok);
    EXPECT_EQ(subscribed.position, (wire::Position{kEpoch, 2}));
    EXPECT_TRUE(subscribed.fresh);
    EXPECT_FALSE(subscribed.recovered);
    EXPECT_EQ(change(true, id, kAny).position, (wire::Position{kEpoch, 2}));
    publish({kAccepted, kOther, uri(blocks, kA, "stopped")});
    EXPECT_EQ(socket.sequence(), (Sequence{3, 4}));
}

TEST_F(Feed, an_event_that_matches_two_subscriptions_is_delivered_once) {
    start();
    const auto id = open(socket);
    EXPECT_EQ(subscribe(id, kAccepted), SubscribeResult::ok);
    EXPECT_EQ(subscribe(id, kAny), SubscribeResult::ok);
    publish({kAccepted, kOther});
    EXPECT_EQ(socket.sequence(), (Sequence{1, 2}));
    EXPECT_EQ(unsubscribe(id, kAccepted), SubscribeResult::ok);
    publish({kAccepted});
    EXPECT_EQ(socket.sequence(), (Sequence{1, 2, 3}));
}

TEST_F(Feed, unsubscribing_without_a_subscription_returns_not_subscribed) {
    start();
    const auto id = open(socket);
    EXPECT_EQ(unsubscribe(id, kAccepted), SubscribeResult::not_subscribed);
}

TEST_F(Feed, subscribing_again_at_the_limit_changes_nothing_and_is_ok) {
    start({.max_subscriptions = 1});
    const auto id = open(socket);
    EXPECT_EQ(subscribe(id, kAccepted), SubscribeResult::ok);
    EXPECT_EQ(subscribe(id, kAccepted), SubscribeResult::ok);
    EXPECT_EQ(subscribe(id, kOther), SubscribeResult::too_many);
    publish({kAccepted, kOther});
    EXPECT_EQ(socket.sequence(), (Sequence{1}));
}

// docs/reference/differences.md 8.
TEST_F(Feed, a_contract_topic_matches_as_given_and_in_lower_case) {
    start();
    const auto id = open(socket);
    EXPECT_EQ(subscribe(id, uri(contracts, kA, "Moved")), SubscribeResult::ok);
    EXPECT_EQ(subscribe(id, uri(contracts, kA, "moved")), SubscribeResult::ok);
    publish({uri(contracts, kA, "Moved"), uri(contracts, kA, "moved"), uri(contracts, kA, "MOVED")});
    EXPECT_EQ(socket.sequence(), (Sequence{1, 2}));
    EXPECT_EQ(unsubscribe(id, uri(contracts, kA, "Moved")), SubscribeResult::ok);
    publish({uri(contracts, kA, "Moved"), uri(contracts, kA, "moved")});
    EXPECT_EQ(socket.sequence(), (Sequence{1, 2, 5}));
}

TEST_F(Feed, a_half_sent_message_is_finished_and_no_event_is_lost_or_sent_twice) {
    start();
    const auto id = open(socket);
    subscribe(id, kAccepted);
    socket.room = one + 5;
    publish({kAccepted, kAccepted, kAccepted});
    EXPECT_EQ(socket.sequence(), (Sequence{1}));
    publish({kAccepted});
    drain(id, socket, 3);
    drain(id, socket);
    EXPECT_EQ(socket.sequence(), (Sequence{1, 2, 3, 4}));
}

TEST_F(Feed, unsubscribing_drops_messages_of_which_no_byte_was_sent) {
    start();
    const auto id = open(socket);
    subscribe(id, kAccepted);
    socket.room = one;  // the socket is full before the first byte of the second message
    publish({kAccepted, kAccepted, kAccepted});
    unsubscribe(id, kAccepted);
    drain(id, socket);
    EXPECT_EQ(socket.sequence(), (Sequence{1}));
}

TEST_F(Feed, unsubscribing_does_not_cut_a_half_sent_message) {
    start();
    const auto id = open(socket);
    subscribe(id, kAccepted);
    socket.room = one + 1;
    publish({kAccepted, kAccepted, kAccepted});
    unsubscribe(id, kAccepted);
    drain(id, socket);
    std::size_t unfinished = 1;
    EXPECT_EQ(socket.sequence(&unfinished), (Sequence{1, 2}));
    EXPECT_EQ(unfinished, 0u);
}

TEST_F(Feed, events_that_left_the_tail_are_read_from_the_log) {
    start({.tail_bytes = 1, .catch_up_bytes = 2 * one});
    const auto id = open(socket);
    subscribe(id, kAccepted);
    socket.room = 1;
    Sequence all;
    for (std::uint64_t i = 1; i <= 20; ++i) {
        publish({kAccepted});
        all.push_back(i);
    }
    drain(id, socket);
    EXPECT_EQ(socket.sequence(), all);
}

TEST_F(Feed, events_unsubscribed_during_a_read_of_the_log_are_not_delivered) {
    start({.tail_bytes = 1});
    const auto id = open(socket);
    subscribe(id, kAccepted);
    subscribe(id, kOther);
    socket.room = 0;
    publish({kAccepted, kOther});
    publish({kAccepted, kOther});
    socket.room = Socket::kUnlimited;
    socket.blocked = false;
    hub->writable(0, id);
    ASSERT_FALSE(manual.pool.empty());
    hub->unsubscribe(id, kAccepted, [](const Subscribed&) {});
    while (Manual::one(manual.loops[0])) {
    }
    manual.run();
    EXPECT_EQ(socket.sequence(), (Sequence{2, 4}));
}

TEST_F(Feed, a_loop_that_the_tail_overtook_continues_from_the_log) {
    start({.tail_bytes = 1});
    const auto id = open(socket);
    subscribe(id, kAccepted);
    for (int i = 0; i < 5; ++i) hub->appended(log.append({kAccepted}));
    manual.run();
    EXPECT_EQ(socket.sequence(), (Sequence{1, 2, 3, 4, 5}));
}

// docs/reference/differences.md 7.
TEST_F(Feed, a_session_too_far_behind_is_closed_once_with_the_position_of_its_last_whole_event) {
    start({.catch_up_distance = 3});
    const auto id = open(socket);
    subscribe(id, kAccepted);
    socket.room = one + 1;
    for (int i = 0; i < 12; ++i) publish({kAccepted});
    ASSERT_EQ(socket.closes.size(), 1u);
    EXPECT_EQ(socket.closes[0].first, 1013);
    EXPECT_EQ(socket.closes[0].second, "Slow consumer, last position 1122334455667788-1");
    drain(id, socket);  // the close frame can only follow the end of the message
    std::size_t unfinished = 1;
    EXPECT_EQ(socket.sequence(&unfinished), (Sequence{1, 2}));
    EXPECT_EQ(unfinished, 0u);
}

TEST_F(Feed, closed_sessions_are_counted_by_the_reason) {
    start({.catch_up_distance = 3});
    const auto count = [&](Closing why) { return hub->closings()[static_cast<std::size_t>(why)].value(); };
    const auto id = open(socket);
    subscribe(id, kAccepted);
    EXPECT_EQ(count(Closing::slow_consumer), 0u);

    socket.room = 1;
    for (int i = 0; i < 12; ++i) publish({kAccepted});
    Socket other;
    hub->drain(0, open(other));

    EXPECT_EQ(count(Closing::slow_consumer), 1u) << "once, however often the session is looked at";
    EXPECT_EQ(count(Closing::restart), 1u);
    EXPECT_EQ(count(Closing::taken_over), 0u);
}

TEST(ClosingTest, each_row_describes_its_own_reason) {
    for (std::size_t i = 0; i < kClosings; ++i) EXPECT_EQ(static_cast<std::size_t>(kClosingRows[i].why), i);
}

TEST_F(Feed, a_log_that_cannot_be_read_closes_the_session_with_1011) {
    start({.tail_bytes = 1});
    const auto id = open(socket);
    subscribe(id, kAccepted);
    log.fail_reads();
    for (int i = 0; i < 3; ++i) hub->appended(log.append({kAccepted}));
    manual.run();
    ASSERT_EQ(socket.closes.size(), 1u);
    EXPECT_EQ(socket.closes[0].first, 1011);
}

TEST_F(Feed, subscribing_is_busy_when_too_many_requests_wait_for_the_loop) {
    start();
    const auto id = open(socket);
    std::size_t busy = 0;
    std::size_t ok = 0;
    for (int i = 0; i < 4'097; ++i) {
        hub->subscribe(id, kAccepted, {}, [&](const Subscribed& subscribed) {
            (subscribed.result == SubscribeResult::busy ? busy : ok) += 1;
        });
    }
    EXPECT_EQ(busy, 1u);
    manual.run();
    EXPECT_EQ(ok, 4'096u);
}

}  // namespace
}  // namespace rues::feed::test
