#include "fixture.hpp"

/// Sessions that are behind: when they are closed, how their reads are checked, and what a report says of them.
namespace rues::feed::test {
namespace {

TEST_F(Feed, a_drained_session_is_closed_with_its_last_position) {
    start();
    const auto id = open(socket);
    subscribe(id, kAccepted);
    publish({kAccepted, kAccepted});
    hub->drain(0, id);
    ASSERT_EQ(socket.closes.size(), 1U);
    EXPECT_EQ(socket.closes[0],
              (std::pair<std::uint16_t, std::string>{1012, "Service restart, last position 1122334455667788-2"}));
}

TEST_F(Feed, a_session_that_is_behind_for_too_long_is_closed_even_if_no_event_is_published) {
    start({.catch_up_age = std::chrono::seconds(10)});
    const auto id = open(socket);
    subscribe(id, kAccepted);
    socket.room = 1;
    publish({kAccepted});
    clock.advance(std::chrono::seconds(10));
    manual.tick();
    EXPECT_TRUE(socket.closes.empty());
    clock.advance(std::chrono::milliseconds(1));
    manual.tick();
    ASSERT_EQ(socket.closes.size(), 1U);
    EXPECT_EQ(socket.closes[0].first, 1013);
    EXPECT_EQ(socket.closes[0].second, "Slow consumer, last position 1122334455667788-0");
}

TEST_F(Feed, a_session_that_starts_far_behind_may_fall_the_whole_distance_farther_behind) {
    start({.tail_bytes = 1, .catch_up_distance = 3});
    const auto old = open(socket);
    subscribe(old, kAccepted);
    for (int i = 0; i < 20; ++i) publish({kAccepted});
    hub->closed(0, old, false);
    Socket next;
    next.room = one;
    Opening opening;
    opening.restored = take_over(old, 0);
    const auto id = open(next, std::move(opening));
    publish({kAccepted});
    publish({kAccepted});
    EXPECT_TRUE(next.closes.empty());
    for (int i = 0; i < 4; ++i) publish({kAccepted});
    EXPECT_EQ(next.closes.size(), 1U);
    hub->closed(0, id, true);
}

TEST_F(Feed, a_slow_session_is_closed_when_the_log_drops_its_next_events) {
    start({.tail_bytes = 1});
    const auto id = open(socket);
    subscribe(id, kAccepted);
    socket.room = 0;
    for (int i = 0; i < 9; ++i) publish({kAccepted});
    log.forget_before(5);
    drain(id, socket);
    ASSERT_EQ(socket.closes.size(), 1U);
    EXPECT_EQ(socket.closes[0].first, 1013);
}

TEST_F(Feed, reads_that_the_full_pool_refuses_are_tried_again_later) {
    start({.tail_bytes = 1, .catch_up_reads = 1});
    const auto id = open(socket);
    subscribe(id, kAccepted);
    socket.room = 0;
    for (int i = 0; i < 4; ++i) publish({kAccepted});
    manual.pool_room = 0;
    drain(id, socket);
    EXPECT_TRUE(socket.sequence().empty());
    manual.pool_room = 1;
    manual.tick();
    EXPECT_EQ(socket.sequence(), (Sequence{1, 2, 3, 4}));
}

// The records of a read were chosen on the pool. A store that returns one record too many shows whether the loop checks
// them again.
TEST_F(Feed, a_read_that_begins_after_an_unsubscribe_is_not_checked_again) {
    start({.tail_bytes = 1});
    const auto id = open(socket);
    for (const auto& each : {kAccepted, kOther}) subscribe(id, each);
    unsubscribe(id, kOther);
    log.ignore_filters();
    socket.room = 0;
    for (const auto& each : {kAccepted, kOther, kAccepted}) publish({each});

    drain(id, socket);

    EXPECT_EQ(socket.sequence(), (Sequence{1, 2, 3}));
}

TEST_F(Feed, a_read_is_checked_again_after_an_unsubscribe_that_came_meanwhile) {
    start({.tail_bytes = 1});
    const auto id = open(socket);
    for (const auto& each : {kAccepted, kOther}) subscribe(id, each);
    socket.room = 0;
    for (const auto& each : {kAccepted, kOther, kAccepted}) publish({each});
    socket.room = Socket::kUnlimited;
    hub->writable(0, id);  // the read begins

    unsubscribe(id, kOther);

    EXPECT_EQ(socket.sequence(), (Sequence{1, 3}));
}

TEST_F(Feed, a_report_shows_the_state_and_the_cursor_of_a_session) {
    start();
    const auto id = open(socket);
    subscribe(id, kAccepted);
    publish({kAccepted});
    socket.room = 1;
    publish({kAccepted, kAccepted});
    std::optional<Report> report;
    hub->inspect(base::to_bytes(std::span(id).first(4)), [&](std::optional<Report> got) { report = std::move(got); });
    std::vector<Report> all;
    hub->list([&](std::vector<Report> got) { all = std::move(got); });
    manual.run();
    ASSERT_TRUE(report);
    EXPECT_EQ(report->id, wire::to_string(id).substr(0, 8));
    EXPECT_EQ(report->subscriptions, std::vector{kAccepted.to_string()});
    EXPECT_EQ(report->state, "behind");
    EXPECT_EQ(report->cursor.seq, 1U);
    EXPECT_EQ(report->lag, 2U);
    EXPECT_TRUE(report->is_blocked);
    ASSERT_FALSE(report->decisions.empty());
    EXPECT_EQ(report->decisions.back().what, "fell behind at 2");
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].lag, 2U);
}

TEST_F(Feed, the_list_of_sessions_starts_with_the_one_farthest_behind) {
    start();
    std::array<Socket, 3> sockets;
    for (std::size_t i = 0; i < 3; ++i) {
        const auto id = hub->open(i % 2, sockets[i], {});
        manual.run();
        subscribe(*id, kAccepted);
        sockets[i].room = i == 1 ? 0 : i == 2 ? one : Socket::kUnlimited;
    }
    for (int i = 0; i < 3; ++i) publish({kAccepted});
    std::vector<std::uint64_t> lags;
    hub->list([&](const std::vector<Report>& reports) {
        for (const auto& report : reports) lags.push_back(report.lag);
    });
    manual.run();
    EXPECT_EQ(lags, (std::vector<std::uint64_t>{3, 2, 0}));
}

}  // namespace
}  // namespace rues::feed::test
