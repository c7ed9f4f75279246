// Decoded events of sessions that are behind, replay or resume: docs/delivery.md, docs/decisions/0018.
#include "decoding_fixture.hpp"

namespace rues::feed::test {
namespace {

using Decoding = DecodingFeed;

TEST_F(Decoding, a_replay_is_decoded_by_the_threads_for_reads) {
    start({.tail_bytes = 1, .late_subscriptions = false});
    for (int i = 0; i < 3; ++i) publish({kCalled, kForeign});
    publish({kAccepted});
    manual.holds_decoders = true;

    decode_after(open(socket), kCalled, 1);

    EXPECT_EQ(got(socket), (Got{json(3), json(5)}));
}

TEST_F(Decoding, a_slow_session_continues_where_it_stopped) {
    start({.tail_bytes = 1, .late_subscriptions = false});
    const auto id = open(socket);
    decode(id, kCalled);
    publish({kCalled});
    const std::size_t size = socket.received.size();
    socket.room = size + 7;
    publish({kCalled, kCalled});
    for (int i = 0; i < 3; ++i) publish({kForeign, kCalled});
    for (int i = 0; i < 4; ++i) drain(id, socket, size + 11);

    drain(id, socket);

    std::size_t unfinished = 1;
    EXPECT_EQ(socket.sequence(&unfinished), (Sequence{1, 2, 3, 5, 7, 9}));
    EXPECT_EQ(unfinished, 0U);
    EXPECT_EQ(got(socket).back(), json(9));
}

TEST_F(Decoding, a_half_sent_message_goes_on_with_the_same_bytes_or_the_session_is_closed) {
    for (const bool changes : {false, true}) {
        Socket half;
        const auto id = open(half);
        decode(id, kCalled);
        half.room = 50;
        publish({kCalled});
        hub->driver_changed();
        driver = changes ? 2 : 1;
        drain(id, half);
        EXPECT_EQ(half.closes.size(), changes ? 1U : 0U);
        EXPECT_EQ(half.frames().size(), changes ? 0U : 1U);
        hub->closed(0, id, true);
        if (!changes) continue;
        EXPECT_EQ(half.received.size(), 50U);
        EXPECT_EQ(half.closes[0].first, 1013);
        EXPECT_TRUE(half.closes[0].second.ends_with("-1")) << half.closes[0].second << ": the event before this one";
    }
}

TEST_F(Decoding, events_are_read_again_when_the_session_unsubscribes_during_the_read) {
    start({.tail_bytes = 1, .late_subscriptions = false});
    const auto id = open(socket);
    change(true, id, kAnyCalled);
    decode(id, kCalled);
    socket.room = 0;
    publish({kCalled, kForeign});
    publish({kAccepted});
    manual.holds_decoded_reads = true;
    drain(id, socket);

    unsubscribe(id, kCalled);
    manual.holds_decoded_reads = false;
    manual.run();

    EXPECT_EQ(got(socket), (Got{"1 stored", "2 stored"}));
}

TEST_F(Decoding, a_session_that_begins_to_decode_gets_every_event_once) {
    const auto id = open(socket);
    change(true, id, kAccepted);
    decode(open(other), kSlow);
    manual.holds_decoders = true;
    publish({kSlow, kAccepted});  // the decoding sessions wait at 1, this session has 2
    decode(id, kCalled);
    publish({kAccepted, kCalled});
    ASSERT_EQ(got(socket), (Got{"2 stored"}));

    manual.holds_decoders = false;
    manual.run();

    EXPECT_EQ(got(socket), (Got{"2 stored", "3 stored", json(4)}));
}

// The log has grown by an event that the sessions which decode nothing have not got yet, when the decoding ones go on.
TEST_F(Decoding, a_session_that_begins_to_decode_while_the_log_grows_gets_every_event_once) {
    const auto id = open(socket);
    change(true, id, kAccepted);
    decode(open(other), kSlow);
    manual.holds_decoders = true;
    publish({kSlow});
    ASSERT_TRUE(Manual::one(manual.decoders));
    hub->subscribe(id, kCalled, {.decodes = true}, [](const Subscribed&) {});
    hub->appended(log.append({kAccepted}));

    manual.run();

    EXPECT_EQ(got(socket), (Got{"2 stored"}));
    EXPECT_EQ(got(other), (Got{json(1)}));
}

TEST_F(Decoding, a_session_that_begins_to_decode_while_it_is_behind_gets_every_event_once) {
    start({.tail_bytes = 1, .late_subscriptions = false});
    const auto id = open(socket);
    change(true, id, kAccepted);
    decode(open(other), kSlow);
    manual.holds_decoders = true;
    socket.room = 0;
    publish({kSlow, kAccepted, kAccepted});
    publish({kAccepted});
    manual.pool_room = 0;
    socket.room = Socket::kUnlimited;
    hub->writable(0, id);
    decode(id, kCalled);
    manual.pool_room = SIZE_MAX;
    manual.tick();
    publish({kCalled});
    manual.holds_decoders = false;
    manual.run();
    manual.tick();

    EXPECT_EQ(got(socket), (Got{"2 stored", "3 stored", "4 stored", json(5)}));
}

TEST_F(Decoding, the_memory_of_decoded_events_is_bounded_and_costs_no_event) {
    start({.late_subscriptions = false, .decoded_bytes = 4'096});
    const auto id = open(socket);
    decode(id, kCalled);
    Sequence all;
    for (std::uint64_t seq = 1; seq <= 200; ++seq) all.push_back(seq);

    publish(std::vector<wire::Uri>(200, kCalled));
    decode_after(open(other), kCalled, 0);

    EXPECT_EQ(socket.sequence(), all);
    EXPECT_EQ(other.sequence(), all);
    EXPECT_EQ(got(other).back(), json(200));
}

// --- resuming ---

TEST_F(Decoding, a_session_that_began_to_decode_within_a_message_gets_it_again_when_it_is_resumed) {
    const auto id = open(socket);
    change(true, id, kAccepted);
    socket.room = 10;
    publish({kAccepted});
    decode(id, kCalled);
    hub->closed(0, id, false);

    open(other, {.restored = take_over(id, std::nullopt)});
    publish({kCalled});

    EXPECT_EQ(got(other), (Got{"1 stored", json(2)}));
}

TEST_F(Decoding, a_resumed_session_keeps_its_choice_also_after_a_restart) {
    const rues::test::TemporaryFolder folder;
    for (const auto& [restarts, stored_first] :
         {std::pair(false, false), std::pair(false, true), std::pair(true, false), std::pair(true, true)}) {
        start({.late_subscriptions = false}, folder.path());
        Socket first, second;
        const auto id = open(first);
        if (!stored_first) decode(id, kCalled);
        change(true, id, kForeign);
        if (stored_first) decode(id, kCalled);
        const auto seen = log.last_seq();
        if (restarts) {
            start({.late_subscriptions = false}, folder.path());
        } else {
            hub->closed(0, id, false);
        }
        publish({kCalled, kForeign});

        open(second, {.restored = take_over(id, seen)});
        publish({kForeign, kCalled});

        EXPECT_EQ(got(second), (Got{json(seen + 1), fmt::format("{} stored", seen + 2),
                                    fmt::format("{} stored", seen + 3), json(seen + 4)}))
            << restarts << stored_first;
    }
}

}  // namespace
}  // namespace rues::feed::test
