#include <fstream>

#include "fixture.hpp"

/// Sessions that resume another one, which is still open, has ended, or comes from an earlier run.
namespace rues::feed::test {
namespace {

struct Resume : Feed {
    Opening resumed(const wire::SessionId& old, std::optional<std::uint64_t> after) {
        Opening out;
        out.restored = take_over(old, after);
        return out;
    }
    rues::test::TemporaryFolder folder_;
};

TEST_F(Resume, resuming_an_ended_session_delivers_every_event_after_the_named_position) {
    start();
    const auto old = open(socket);
    subscribe(old, kAccepted);
    publish({kAccepted, kAccepted});
    hub->closed(0, old, false);
    publish({kAccepted, kOther, kAccepted});
    Socket next;

    const auto id = open(next, resumed(old, 1));

    EXPECT_EQ(next.texts, (std::vector<std::string>{wire::to_string(id),
                                                    R"({"recovered":true,"from":"1122334455667788-1","session":")" +
                                                        wire::to_string(id) + "\"}"}));
    EXPECT_EQ(next.sequence(), (Sequence{2, 3, 5}));
    publish({kAccepted});
    EXPECT_EQ(next.sequence(), (Sequence{2, 3, 5, 6}));
    EXPECT_EQ(subscribe(old, kOther), SubscribeResult::unknown_session);
}

TEST_F(Resume, resuming_without_a_position_continues_after_the_last_event_sent_whole) {
    start();
    const auto old = open(socket);
    subscribe(old, kAccepted);
    socket.room = one + 3;
    publish({kAccepted, kAccepted, kAccepted});
    hub->closed(0, old, false);
    Socket next;
    open(next, resumed(old, std::nullopt));
    EXPECT_EQ(next.sequence(), (Sequence{2, 3})) << "the second was only partly delivered";
}

TEST_F(Resume, resuming_without_a_position_delivers_no_event_from_before_a_subscription_was_made) {
    start();
    socket.room = 0;
    const auto old = open(socket);
    subscribe(old, kAccepted);
    publish({kAccepted, kOther});
    subscribe(old, kAny);
    publish({kOther});
    hub->closed(0, old, false);
    Socket next;
    open(next, resumed(old, std::nullopt));
    EXPECT_EQ(next.sequence(), (Sequence{1, 3}));
}

TEST_F(Resume, a_named_position_applies_to_all_subscriptions) {
    start({.late_subscriptions = false});
    const auto old = open(socket);
    subscribe(old, kAccepted);
    publish({kAccepted, kOther, kAccepted});
    subscribe(old, kOther);
    Socket next;
    open(next, resumed(old, 1));
    EXPECT_EQ(next.sequence(), (Sequence{2, 3})) << "also the events before the second subscription";
}

TEST_F(Resume, events_of_a_finished_replay_that_the_client_did_not_receive_are_delivered_again) {
    start();
    const auto old = open(socket);
    publish({kAccepted, kAccepted, kAccepted});
    subscribe_after(old, kAccepted, 0);
    ASSERT_EQ(socket.sequence(), (Sequence{1, 2, 3})) << "the kernel has it";
    hub->closed(0, old, false);
    Socket next;
    open(next, resumed(old, 1));
    EXPECT_EQ(next.sequence(), (Sequence{2, 3})) << "the client had received only the first";
}

TEST_F(Resume, replayed_events_that_perhaps_did_not_reach_the_client_are_replayed_again) {
    start({}, folder_.path());
    const auto executed = uri(transactions, kA, "executed");
    publish({executed, kAccepted});
    const auto old = open(socket);
    subscribe(old, executed);
    ASSERT_EQ(socket.sequence(), (Sequence{1})) << "the kernel has it";
    hub->closed(0, old, false);
    Socket next;
    const auto second = open(next, resumed(old, 2));
    EXPECT_EQ(next.sequence(), (Sequence{1}));
    EXPECT_EQ(next.replayed, (std::set<std::uint64_t>{1}));
    start({}, folder_.path());
    Socket third;
    open(third, resumed(second, 2));
    EXPECT_EQ(third.sequence(), (Sequence{1}));
}

TEST_F(Resume, an_open_session_is_closed_when_another_one_takes_it_over) {
    start();
    const auto old = open(socket);
    subscribe(old, kAccepted);
    publish({kAccepted});
    Socket next;
    open(next, resumed(old, 1));
    ASSERT_EQ(socket.closes.size(), 1U);
    EXPECT_EQ(socket.closes[0].first, 4001);
    EXPECT_EQ(subscribe(old, kOther), SubscribeResult::unknown_session);
    publish({kAccepted});
    EXPECT_EQ(socket.sequence(), (Sequence{1}));
    EXPECT_EQ(next.sequence(), (Sequence{2}));
    hub->closed(0, old, false);
}

TEST_F(Resume, a_client_that_did_not_learn_its_new_id_can_resume_the_old_one_again) {
    start({}, folder_.path());
    const auto old = open(socket);
    subscribe(old, kAccepted);
    publish({kAccepted});
    Socket lost;
    const auto unknown = open(lost, resumed(old, 0));
    hub->closed(0, unknown, false);
    hub->closed(0, old, false);
    publish({kAccepted});
    start({}, folder_.path());
    Socket next;
    open(next, resumed(old, 0));
    EXPECT_EQ(next.sequence(), (Sequence{1, 2}));
}

TEST_F(Resume, a_session_that_its_client_closed_cannot_be_resumed) {
    start();
    const auto old = open(socket);
    subscribe(old, kAccepted);
    publish({kAccepted});
    hub->closed(0, old, true);
    const auto restored = take_over(old, 0);
    EXPECT_FALSE(restored.recovered);
    EXPECT_TRUE(restored.subscriptions.empty());
    EXPECT_EQ(restored.from, (wire::Position{kEpoch, 1}));
}

TEST_F(Resume, a_session_can_be_resumed_until_the_resume_time_is_over) {
    start({.resume_time = std::chrono::seconds(120)});
    const auto first = open(socket);
    subscribe(first, kAccepted);
    const auto second = open(socket);
    subscribe(second, kAccepted);
    hub->closed(0, first, false);
    clock.advance(std::chrono::seconds(60));
    hub->closed(0, second, false);
    clock.advance(std::chrono::seconds(60));
    manual.tick();
    EXPECT_FALSE(take_over(first, 0).recovered);
    EXPECT_TRUE(take_over(second, 0).recovered);
}

TEST_F(Resume, a_position_beyond_the_end_of_the_log_is_not_recovered) {
    start();
    const auto old = open(socket);
    subscribe(old, kAccepted);
    hub->closed(0, old, false);
    const auto restored = take_over(old, 7);
    EXPECT_FALSE(restored.recovered);
    EXPECT_EQ(restored.subscriptions.size(), 1U) << "its subscriptions are known";
}

TEST_F(Resume, a_replay_that_was_under_way_starts_again) {
    start({.tail_bytes = 1, .catch_up_bytes = one});
    for (int i = 0; i < 5; ++i) publish({kAccepted});
    const auto old = open(socket);
    subscribe(old, kOther);
    socket.room = 2 * one;
    subscribe_after(old, kAccepted, 1);
    hub->closed(0, old, false);
    publish({kOther});
    Socket next;
    open(next, resumed(old, 5));
    EXPECT_EQ(next.sequence(), (Sequence{6, 2, 3, 4, 5}));
}

TEST_F(Resume, an_open_session_can_be_resumed_after_the_server_is_killed) {
    start({}, folder_.path());
    const auto old = open(socket);
    subscribe(old, kAccepted);
    subscribe(old, kOther);
    unsubscribe(old, kOther);
    publish({kAccepted, kOther});
    start({}, folder_.path());  // the session was not closed
    publish({kAccepted, kOther});
    Socket next;
    open(next, resumed(old, 0));
    EXPECT_EQ(next.sequence(), (Sequence{1, 3}));
    EXPECT_TRUE(next.texts[1].starts_with(R"({"recovered":true)")) << next.texts[1];
}

TEST_F(Resume, after_a_kill_an_unfinished_replay_starts_again_and_a_finished_one_does_not) {
    start({.tail_bytes = 1, .catch_up_bytes = one}, folder_.path());
    const auto changed = uri(blocks, kB, "statechange");
    publish({kAccepted, kOther, changed, kAccepted, kOther});
    const auto old = open(socket);
    subscribe_after(old, kOther, 0);
    EXPECT_EQ(socket.sequence(), (Sequence{2, 5}));
    socket.room = 0;
    subscribe_after(old, kAccepted, 0);
    subscribe(old, changed);

    start({}, folder_.path());
    Socket next;
    open(next, resumed(old, 5));

    EXPECT_EQ(next.sequence(), (Sequence{1, 4, 3}));
    EXPECT_EQ(next.replayed, (std::set<std::uint64_t>{3}));
}

TEST_F(Resume, after_a_kill_a_session_is_not_recovered_without_a_named_position) {
    start({}, folder_.path());
    const auto old = open(socket);
    subscribe(old, kAccepted);
    start({}, folder_.path());
    const auto restored = take_over(old, std::nullopt);
    EXPECT_FALSE(restored.recovered);
    EXPECT_EQ(restored.subscriptions.size(), 1U);
}

TEST_F(Resume, an_ended_session_can_be_resumed_after_two_kills_until_its_time_is_over) {
    start({}, folder_.path());
    const auto old = open(socket);
    subscribe(old, kAccepted);
    publish({kAccepted});
    hub->closed(0, old, false);
    start({}, folder_.path());
    clock.advance(std::chrono::seconds(119));
    start({}, folder_.path());
    EXPECT_EQ(take_over(old, std::nullopt).from, (wire::Position{kEpoch, 1}));

    const auto other = open(socket);
    subscribe(other, kAccepted);
    hub->closed(0, other, false);
    clock.advance(std::chrono::seconds(120));
    start({}, folder_.path());
    EXPECT_FALSE(take_over(other, 1).recovered);
}

TEST_F(Resume, new_events_that_reuse_the_numbers_of_lost_events_are_delivered) {
    start({}, folder_.path());
    const auto old = open(socket);
    publish({kAccepted});
    publish({kAccepted, kAccepted});
    subscribe(old, kAny);  // delivers the events after 3
    publish({kAccepted});
    hub->closed(0, old, false);

    log.lose_after(1);
    start({}, folder_.path());
    publish({kAccepted, kAccepted, kAccepted, kAccepted});
    const auto restored = take_over(old, std::nullopt);
    Socket next;
    open(next, {.restored = restored});

    EXPECT_FALSE(restored.recovered);
    EXPECT_EQ(restored.from.seq, 1U);
    EXPECT_EQ(next.sequence(), (Sequence{2, 3, 4, 5}));
}

TEST_F(Resume, sessions_of_loops_that_no_longer_exist_are_found) {
    start({}, folder_.path());
    const auto id = hub->open(1, socket, {});
    manual.run();
    subscribe(*id, kAccepted);
    hub = std::move(
        *Hub::create(log, {1, {}, base::ByteArray<16>{}, folder_.path()}, manual.executors(), clock, base::no_log()));
    EXPECT_TRUE(take_over(*id, 0).recovered);
    for (const auto& file : std::filesystem::directory_iterator(folder_.path()))
        EXPECT_TRUE(file.path().filename().string().starts_with("0-")) << file.path();
}

TEST_F(Resume, a_session_of_a_torn_journal_is_not_recovered) {
    start({}, folder_.path());
    const auto old = open(socket);
    subscribe(old, kAccepted);
    hub.reset();
    {
        std::fstream file(folder_.path() / "0-1.sessions", std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(8);  // the flag that says that no change is missing
        file.put('\0');
    }
    start({}, folder_.path());
    const auto restored = take_over(old, 0);
    EXPECT_EQ(restored.subscriptions.size(), 1U);
    EXPECT_FALSE(restored.recovered);
}

TEST_F(Resume, sessions_without_an_announced_id_are_not_kept) {
    start({}, folder_.path());
    const auto hidden = open(socket, {.is_announced = false});
    EXPECT_TRUE(socket.texts.empty());
    subscribe(hidden, kAccepted);
    hub->closed(0, hidden, false);
    EXPECT_TRUE(take_over(hidden, 0).subscriptions.empty());
    start({}, folder_.path());
    EXPECT_TRUE(take_over(hidden, 0).subscriptions.empty());
}

// --- closing ---

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
    const auto id = open(next, opening);
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
