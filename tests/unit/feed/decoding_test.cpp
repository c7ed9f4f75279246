// Decoded events: docs/delivery.md, docs/decisions/0018.
#include "decoding_fixture.hpp"

namespace rues::feed::test {
namespace {

using Decoding = DecodingFeed;

TEST_F(Decoding, a_subscription_gets_decoded_events_and_others_get_them_as_they_are) {
    const auto id = open(socket);
    const auto plain = open(other);
    EXPECT_TRUE(decode(id, kCalled).decodes);
    EXPECT_FALSE(change(true, plain, kCalled).decodes);

    publish({kCalled, kCalled});
    publish({kCalled});

    EXPECT_EQ(got(socket), (Got{json(1), json(2), json(3)}));
    EXPECT_EQ(got(other), (Got{"1 stored", "2 stored", "3 stored"}));
}

TEST_F(Decoding, a_decoded_event_keeps_its_other_headers) {
    decode(open(socket), kCalled);
    change(true, open(other), kCalled);

    publish({kCalled});

    auto decoded = socket.frames().at(0).headers;
    auto stored = other.frames().at(0).headers;
    EXPECT_EQ(decoded.back(), (std::pair<std::string, std::string>("Rues-Decoded", "json")));
    decoded.pop_back();
    for (auto& [name, value] : stored) {
        if (name == "Content-Type") value = "application/json";
    }
    EXPECT_EQ(decoded, stored);
}

TEST_F(Decoding, an_event_is_decoded_once_for_all_sessions_of_all_loops) {
    std::deque<Socket> sockets(20);
    for (std::size_t i = 0; i < sockets.size(); ++i) {
        const auto id = hub->open(i % 2, sockets[i], {}).value();
        manual.run();
        decode(id, i % 3 == 0 ? kAnyCalled : kCalled);
    }

    publish({kCalled, kCalled});

    EXPECT_EQ(calls, 2U);
    for (const Socket& each : sockets) EXPECT_EQ(got(each), (Got{json(1), json(2)}));
}

TEST_F(Decoding, live_decoded_events_use_the_lanes) {
    decode(open(socket), kCalled);
    decode(open(other), kCalled);
    publish({kCalled});
    Socket::by_lane = 0;

    publish({kCalled});

    EXPECT_EQ(Socket::by_lane, 2U);
    EXPECT_EQ(got(socket), (Got{json(1), json(2)}));
}

TEST_F(Decoding, without_a_decoding_subscription_nothing_is_decoded) {
    change(true, open(socket), kCalled);
    const auto id = open(other);
    decode(id, kCalled);
    unsubscribe(id, kCalled);

    publish({kCalled});

    EXPECT_EQ(calls, 0U);
    EXPECT_EQ(got(socket), (Got{"1 stored"}));
    EXPECT_TRUE(got(other).empty());
}

TEST_F(Decoding, events_of_other_components_come_as_they_are) {
    const auto id = open(socket);
    EXPECT_FALSE(decode(id, kAccepted).decodes);
    decode(id, kCalled);

    publish({kAccepted, kCalled, kAccepted});

    EXPECT_EQ(got(socket), (Got{"1 stored", json(2), "3 stored"}));
}

TEST_F(Decoding, an_event_of_two_subscriptions_comes_once_and_decoded) {
    const auto id = open(socket);
    change(true, id, kAnyCalled);
    decode(id, kCalled);

    publish({kCalled, kForeign, kCalled});

    EXPECT_EQ(got(socket), (Got{json(1), "2 stored", json(3)}));
}

TEST_F(Decoding, a_subscription_that_exists_stays_as_it_is) {
    const auto id = open(socket);
    change(true, id, kCalled);
    EXPECT_FALSE(decode(id, kCalled).decodes);
    decode(id, kForeign);
    EXPECT_TRUE(change(true, id, kForeign, {.decodes = false}).decodes);

    publish({kCalled, kForeign});

    EXPECT_EQ(got(socket), (Got{"1 stored", json(2, 'b')}));
}

TEST_F(Decoding, a_session_that_was_opened_to_decode_does_so_unless_a_subscription_says_no) {
    const auto id = open(socket, {.decodes = true});
    EXPECT_TRUE(change(true, id, kCalled).decodes);
    EXPECT_FALSE(change(true, id, kForeign, {.decodes = false}).decodes);

    publish({kCalled, kForeign});

    EXPECT_EQ(got(socket), (Got{json(1), "2 stored"}));
}

TEST_F(Decoding, an_event_that_cannot_be_decoded_comes_as_it_is_and_says_why) {
    failure = "bad \"bytes\"\n" + std::string(300, 'x');
    decode(open(socket), kBad);

    publish({kBad});

    EXPECT_EQ(got(socket), (Got{"1 no; bad \"bytes\"?" + std::string(wire::kMaxReason - 12, 'x')}));
    EXPECT_EQ(socket.frames().at(0).payload, base::Bytes(3, std::byte{0x2a}));
}

TEST_F(Decoding, without_a_decoder_no_event_is_decoded) {
    decoder = {};
    start({.late_subscriptions = false});
    decode(open(socket), kCalled);

    publish({kCalled});

    EXPECT_EQ(got(socket), (Got{"1 no; no driver"}));
}

TEST_F(Decoding, a_failure_is_tried_again_when_it_is_no_longer_kept) {
    decode(open(socket), kBad);
    publish({kBad});
    const auto id = open(other);
    decode_after(id, kBad, 0);
    ASSERT_EQ(calls, 1U);
    unsubscribe(id, kBad);

    clock.advance(DecodedEvents::kFailureKept);
    decode_after(id, kBad, 0);

    EXPECT_EQ(calls, 2U);
    EXPECT_EQ(got(other), (Got{"1 no; the driver says no", "1 no; the driver says no"}));
}

TEST_F(Decoding, a_new_driver_decodes_events_that_the_old_one_decoded_or_could_not) {
    const auto id = open(socket);
    decode(id, kCalled);
    publish({kCalled});
    unsubscribe(id, kCalled);

    driver = 2;
    hub->driver_changed();
    decode_after(id, kCalled, 0);

    EXPECT_EQ(got(socket), (Got{json(1), json(1, 'a', 2)}));
}

TEST_F(Decoding, what_an_old_driver_makes_while_it_is_replaced_is_not_kept) {
    const auto id = open(socket);
    decode(id, kSlow);
    during = [&] {
        if (calls == 1) hub->driver_changed();
        driver = 2;
    };

    publish({kSlow});

    EXPECT_EQ(calls, 2U);
    EXPECT_EQ(got(socket), (Got{json(1, 'a', 2)}));
}

TEST_F(Decoding, a_payload_that_is_too_large_when_it_is_decoded_comes_as_it_is) {
    decoder = [](const auto&, auto, auto) -> std::expected<base::json::value, std::string> {
        return base::json::value(boost::json::string(DecodedEvents::kMaxJson, 'x'));
    };
    start({.late_subscriptions = false});
    decode(open(socket), kCalled);

    publish({kCalled});

    EXPECT_EQ(got(socket), (Got{"1 no; the decoded payload has more than 262144 bytes"}));
}

// --- events that are not decoded yet ---

TEST_F(Decoding, a_slow_event_holds_back_only_the_sessions_that_subscribed_to_it) {
    const auto id = open(socket);
    decode(id, kSlow);
    change(true, id, kAccepted);
    decode(open(other), kForeign);
    Socket plain;
    change(true, open(plain), kSlow);
    Got slow_during, foreign_during, plain_during;
    during = [&] {
        manual.run();
        plain_during = got(plain);
        manual.tick();  // the grace is over
        slow_during = got(socket);
        foreign_during = got(other);
    };

    publish({kSlow, kAccepted, kForeign});

    EXPECT_EQ(plain_during, (Got{"1 stored"}));
    EXPECT_TRUE(slow_during.empty());
    EXPECT_EQ(foreign_during, (Got{json(3, 'b')}));
    EXPECT_EQ(got(socket), (Got{json(1), "2 stored"}));
    EXPECT_EQ(calls, 2U);
}

TEST_F(Decoding, a_session_that_waits_gets_all_that_came_meanwhile_in_order) {
    const auto id = open(socket);
    decode(id, kSlow);
    decode(id, kForeign);
    during = [&] {
        manual.tick();
        during = {};
        for (int i = 0; i < 3; ++i) publish({kForeign, kSlow});
    };

    publish({kForeign, kSlow, kForeign});

    EXPECT_EQ(socket.sequence(), (Sequence{1, 2, 3, 4, 5, 6, 7, 8, 9}));
    EXPECT_EQ(calls, 9U);
}

TEST_F(Decoding, nobody_waits_for_further_events_of_a_contract_that_was_slow) {
    const auto id = open(other);
    decode(id, kForeign);
    change(true, id, kAccepted);
    decode(open(socket), kSlow);
    manual.holds_decoders = true;
    publish({kSlow, kAccepted});
    ASSERT_TRUE(got(other).empty());
    manual.tick();
    ASSERT_EQ(got(other), (Got{"2 stored"}));

    publish({kSlow, kAccepted});

    EXPECT_EQ(got(other), (Got{"2 stored", "4 stored"}));
    clock.advance(std::chrono::seconds(10));
    publish({kSlow, kAccepted});
    EXPECT_EQ(got(other), (Got{"2 stored", "4 stored"})) << "the contract has another chance";
    manual.holds_decoders = false;
    manual.run();
    EXPECT_EQ(got(socket), (Got{json(1), json(3), json(5)}));
    EXPECT_EQ(got(other), (Got{"2 stored", "4 stored", "6 stored"}));
}

TEST_F(Decoding, a_contract_is_not_slow_because_its_event_came_late_in_the_wait_for_another_one) {
    decode(open(socket), kSlow);
    decode(open(other), kForeign);
    Socket third;
    const auto id = open(third);
    decode(id, kBad);
    change(true, id, kAccepted);
    manual.holds_decoders = true;
    publish({kSlow});
    publish({kForeign});
    manual.tick();

    publish({kForeign, kAccepted});

    EXPECT_TRUE(got(third).empty()) << "the live end waits for event 3";
    manual.holds_decoders = false;
    manual.run();
    EXPECT_EQ(got(third), (Got{"4 stored"}));
    EXPECT_EQ(got(other), (Got{json(2, 'b'), json(3, 'b')}));
}

TEST_F(Decoding, an_event_that_is_not_decoded_in_time_comes_as_it_is) {
    decode(open(socket), kSlow);
    manual.holds_decoders = true;
    publish({kSlow});
    manual.tick();
    clock.advance(Limits{}.decode_wait);
    manual.tick();
    ASSERT_TRUE(got(socket).empty());

    clock.advance(std::chrono::milliseconds(1));
    manual.tick();

    EXPECT_EQ(got(socket), (Got{"1 no; it was not decoded in time"}));
}

TEST_F(Decoding, an_event_for_which_no_thread_is_free_for_too_long_comes_as_it_is) {
    const auto id = open(socket);
    decode(id, kCalled);
    socket.room = 0;
    publish({kCalled});
    clock.advance(DecodedEvents::kFailureKept);
    hub->driver_changed();
    manual.decoded_reads_room = 0;
    drain(id, socket);
    ASSERT_TRUE(got(socket).empty());

    clock.advance(Limits{}.decode_wait + std::chrono::milliseconds(1));
    manual.tick();
    const Got busy = got(socket);
    manual.decoded_reads_room = SIZE_MAX;
    publish({kCalled});

    EXPECT_EQ(busy, (Got{"1 no; too many events wait to be decoded"}));
    EXPECT_EQ(got(socket), (Got{busy[0], json(2)}));
}

TEST_F(Decoding, a_session_does_not_wait_for_an_event_from_which_it_has_unsubscribed) {
    const auto id = open(socket);
    decode(id, kSlow);
    change(true, id, kAccepted);
    manual.holds_decoders = true;
    publish({kSlow, kAccepted});
    manual.tick();
    ASSERT_TRUE(got(socket).empty());

    unsubscribe(id, kSlow);

    EXPECT_EQ(got(socket), (Got{"2 stored"}));
    manual.holds_decoders = false;
    manual.run();
    EXPECT_EQ(got(socket), (Got{"2 stored"}));
}

TEST_F(Decoding, a_session_that_closes_while_it_waits_is_forgotten) {
    const auto id = open(socket);
    decode(id, kSlow);
    decode(open(other), kSlow);
    during = [&] {
        manual.tick();
        hub->closed(0, id, true);
    };

    publish({kSlow});

    EXPECT_TRUE(got(socket).empty());
    EXPECT_EQ(got(other), (Got{json(1)}));
    EXPECT_EQ(hub->sessions(), 1U);
}

}  // namespace
}  // namespace rues::feed::test
