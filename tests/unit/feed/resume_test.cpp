#include <fmt/format.h>

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

/// Many subscriptions: kAccepted, and entities of which no event comes.
struct ResumeMany : Resume {
    static constexpr std::size_t kMany = 300;
    static constexpr std::size_t kInTurn = 64;  // in src/feed/loop_feed.cpp

    wire::SessionId ended() {
        const auto id = open(socket);
        for (std::size_t i = 1; i < kMany; ++i)
            subscribe(id, {wire::Component::transactions, fmt::format("{:064x}", i), "included"});
        subscribe(id, kAccepted);  // the last of them
        publish({kAccepted});
        hub->closed(0, id, false);
        return id;
    }
    std::size_t subscriptions(const wire::SessionId& id) {
        std::optional<Report> out;
        hub->inspect(base::to_bytes(id), [&](std::optional<Report> report) { out = std::move(report); });
        manual.run();
        return out.value().subscription_count;
    }
};

TEST_F(ResumeMany, very_many_subscriptions_are_taken_over_and_restored_in_turns) {
    start();
    const auto old = ended();
    Opening opening;
    std::size_t turns = 0;
    hub->take_over(old, std::nullopt, 0, [&](Restored restored) { opening.restored = std::move(restored); });
    for (; !opening.restored; ++turns) ASSERT_TRUE(Manual::one(manual.loops[0]));
    EXPECT_GE(turns, kMany / kInTurn);

    Socket next;
    const auto id = hub->open(0, next, std::move(opening)).value();
    EXPECT_TRUE(next.is_paused);
    hub->appended(log.append({kAccepted}));
    for (turns = 0; next.texts.empty(); ++turns) {
        EXPECT_TRUE(next.received.empty()) << "the client does not know its session yet";
        ASSERT_TRUE(Manual::one(manual.loops[0]));
    }
    EXPECT_GE(turns, kMany / kInTurn);
    EXPECT_FALSE(next.is_paused);
    EXPECT_EQ(next.texts.size(), 2u);
    EXPECT_EQ(next.texts[0], wire::to_string(id));
    EXPECT_NE(next.texts[1].find(R"("recovered":true)"), std::string::npos);
    manual.run();
    EXPECT_EQ(next.sequence(), (Sequence{2}));
    publish({kAccepted});
    EXPECT_EQ(next.sequence(), (Sequence{2, 3}));
    EXPECT_EQ(subscriptions(id), kMany);
}

TEST_F(ResumeMany, a_client_that_is_lost_before_all_is_restored_resumes_the_session_that_it_knows) {
    start();
    const auto old = ended();
    Socket lost, next;
    const auto first = hub->open(0, lost, resumed(old, std::nullopt)).value();
    Manual::one(manual.loops[0]);
    hub->closed(0, first, false);
    manual.run();
    EXPECT_TRUE(lost.texts.empty());
    EXPECT_TRUE(take_over(first, std::nullopt).subscriptions.empty()) << "nobody knows it";

    publish({kAccepted});
    const auto id = open(next, resumed(old, std::nullopt));

    EXPECT_EQ(subscriptions(id), kMany);
    EXPECT_EQ(next.sequence(), (Sequence{2}));
}

TEST_F(ResumeMany, a_server_that_stops_closes_a_session_that_is_being_restored) {
    start();
    Socket next;
    const auto id = hub->open(0, next, resumed(ended(), std::nullopt)).value();

    hub->drain(0, id);
    hub->closed(0, id, false);
    manual.run();

    ASSERT_EQ(next.closes.size(), 1u);
    EXPECT_EQ(next.closes[0].second, "Service restart, last position 1122334455667788-1");
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

}  // namespace
}  // namespace rues::feed::test
