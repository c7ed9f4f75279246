#include "fixture.hpp"

/// Replays: subscriptions that start after a position, and late subscriptions to one entity.
namespace rues::feed::test {
namespace {

const wire::Uri kExecuted = uri(transactions, kA, "executed");
const wire::Uri kRemoved = uri(transactions, kA, "removed");
const wire::Uri kElse = uri(transactions, kB, "executed");

TEST_F(Feed, a_subscription_after_a_position_replays_matching_events_and_goes_on_live) {
    start();
    publish({kAccepted, kOther, kAccepted, kAccepted});
    const auto id = open(socket);

    const auto subscribed = subscribe_after(id, kAccepted, 1);

    EXPECT_EQ(subscribed.position, (wire::Position{kEpoch, 1}));
    EXPECT_EQ(subscribed.recovered, true);
    EXPECT_EQ(socket.sequence(), (Sequence{3, 4}));
    EXPECT_TRUE(socket.replayed.empty()) << "the client asked for it, so it is not marked";
    publish({kOther, kAccepted});
    EXPECT_EQ(socket.sequence(), (Sequence{3, 4, 6}));
}

TEST_F(Feed, a_subscription_after_the_beginning_replays_everything) {
    start({.tail_bytes = 1, .catch_up_bytes = 2 * one});
    Sequence all;
    for (std::uint64_t i = 1; i <= 20; ++i) {
        publish({kAccepted});
        all.push_back(i);
    }
    const auto id = open(socket);
    EXPECT_EQ(subscribe_after(id, kAny, 0).recovered, true);
    EXPECT_EQ(socket.sequence(), all);
}

TEST_F(Feed, a_replay_for_a_session_that_was_never_behind_reads_many_records_at_once) {
    start({.tail_bytes = 1});
    for (int i = 0; i < 100; ++i) publish({kAccepted});
    const auto id = open(socket);
    const std::size_t before = log.scans();

    subscribe_after(id, kAccepted, 0);

    EXPECT_EQ(socket.sequence().size(), 100U);
    EXPECT_LE(log.scans() - before, 3U);
}

TEST_F(Feed, a_subscription_after_the_newest_position_is_live_at_once) {
    start();
    publish({kAccepted});
    const auto id = open(socket);
    const auto subscribed = subscribe_after(id, kAccepted, 1);
    EXPECT_EQ(subscribed.recovered, true);
    EXPECT_FALSE(subscribed.hold);
    publish({kAccepted});
    EXPECT_EQ(socket.sequence(), (Sequence{2}));
}

TEST_F(Feed, a_position_of_another_log_or_beyond_the_end_is_not_recovered_and_goes_on_live) {
    start();
    publish({kAccepted, kAccepted});
    const auto id = open(socket);
    const auto foreign = subscribe_after(id, kAccepted, 1, kEpoch + 1);
    EXPECT_EQ(foreign.recovered, false);
    EXPECT_EQ(foreign.position, (wire::Position{kEpoch, 2}));
    const auto beyond = subscribe_after(id, kOther, 3);
    EXPECT_EQ(beyond.recovered, false);
    EXPECT_EQ(beyond.position, (wire::Position{kEpoch, 2}));
    publish({kAccepted, kOther});
    EXPECT_EQ(socket.sequence(), (Sequence{3, 4}));
}

TEST_F(Feed, a_position_before_the_oldest_kept_event_is_not_recovered_and_starts_with_that_event) {
    start({.tail_bytes = 1});
    for (int i = 0; i < 9; ++i) publish({kAccepted});
    log.forget_before(5);
    const auto id = open(socket);
    const auto lost = subscribe_after(id, kAccepted, 3);
    EXPECT_EQ(lost.recovered, false);
    EXPECT_EQ(lost.position, (wire::Position{kEpoch, 4}));
    EXPECT_EQ(socket.sequence(), (Sequence{5, 6, 7, 8, 9}));
    EXPECT_EQ(subscribe_after(id, kAny, 4).recovered, true) << "nothing after 4 is missing";
}

TEST_F(Feed, a_replay_waits_for_the_answer_and_live_events_wait_for_the_replay) {
    start();
    publish({kAccepted});
    const auto id = open(socket);
    std::optional<Subscribed> answered;
    hub->subscribe(id, kAccepted, {.after = wire::Position{kEpoch, 0}}, [&](Subscribed s) { answered = std::move(s); });
    manual.run();
    ASSERT_TRUE(answered && answered->hold);
    publish({kAccepted});
    EXPECT_TRUE(socket.sequence().empty());

    answered->hold.reset();
    manual.run();

    EXPECT_EQ(socket.sequence(), (Sequence{1, 2}));
}

TEST_F(Feed, other_subscriptions_stay_live_while_one_is_replayed) {
    start({.tail_bytes = 1});
    for (int i = 0; i < 3; ++i) publish({kAccepted});
    const auto id = open(socket);
    subscribe(id, kOther);
    hub->subscribe(id, kAccepted, {.after = wire::Position{kEpoch, 0}}, [](const Subscribed&) {});
    while (manual.pool.empty()) Manual::one(manual.loops[0]);  // its read of the log is under way
    hub->appended(log.append({kOther}));
    while (Manual::one(manual.loops[0])) {
    }
    EXPECT_EQ(socket.sequence(), (Sequence{4}));
    manual.run();
    EXPECT_EQ(socket.sequence(), (Sequence{4, 1, 2, 3}));
}

TEST_F(Feed, subscriptions_made_at_once_after_one_position_share_a_replay) {
    start({.tail_bytes = 1});
    for (int i = 0; i < 3; ++i) publish({kAccepted, kOther, kAccepted});
    const auto id = open(socket);
    std::vector<Subscribed> answers;
    for (int i = 0; i < 10; ++i) {
        hub->subscribe(id, i < 2 ? (i == 0 ? kAccepted : kOther) : uri(blocks, std::nullopt, std::to_string(i)),
                       {.after = wire::Position{kEpoch, 3}}, [&](Subscribed s) { answers.push_back(std::move(s)); });
    }
    manual.run();
    for (const auto& answer : answers) EXPECT_EQ(answer.result, SubscribeResult::ok);
    answers.resize(1);
    manual.run();
    EXPECT_TRUE(socket.sequence().empty()) << "not before the last of them is answered";
    answers.clear();
    manual.run();
    EXPECT_EQ(socket.sequence(), (Sequence{4, 5, 6, 7, 8, 9}));
}

TEST_F(Feed, replays_of_a_session_over_the_limit_are_refused) {
    start({.tail_bytes = 1});
    for (int i = 0; i < 6; ++i) publish({kAccepted});
    const auto id = open(socket);
    std::vector<Subscribed> answers;
    for (int i = 0; i < 5; ++i) {
        const wire::Position after{kEpoch, static_cast<std::uint64_t>(i)};
        hub->subscribe(id, uri(blocks, std::nullopt, std::to_string(i)), {.after = after},
                       [&](Subscribed s) { answers.push_back(std::move(s)); });
    }
    manual.run();  // the test holds all answers, so no replay starts
    ASSERT_EQ(answers.size(), 5U);
    for (int i = 0; i < 4; ++i) EXPECT_EQ(answers[static_cast<std::size_t>(i)].result, SubscribeResult::ok);
    EXPECT_EQ(answers[4].result, SubscribeResult::too_many_replays);
    answers.clear();
    manual.run();
    EXPECT_EQ(subscribe_after(id, uri(blocks, std::nullopt, "4"), 0).result, SubscribeResult::ok);
}

TEST_F(Feed, a_replay_that_a_full_socket_stops_continues_without_loss_or_duplicates) {
    start({.tail_bytes = 1, .catch_up_bytes = 3 * one});
    Sequence all;
    for (std::uint64_t i = 1; i <= 10; ++i) {
        publish({kAccepted});
        all.push_back(i);
    }
    const auto id = open(socket);
    socket.room = 2 * one + 7;
    subscribe_after(id, kAccepted, 0);
    EXPECT_EQ(socket.sequence(), (Sequence{1, 2}));
    publish({kAccepted});
    all.push_back(11);
    for (int i = 0; i < 30; ++i) drain(id, socket, one / 2);
    drain(id, socket);
    std::size_t unfinished = 1;
    EXPECT_EQ(socket.sequence(&unfinished), all);
    EXPECT_EQ(unfinished, 0U);
}

TEST_F(Feed, unsubscribing_ends_a_replay) {
    start({.tail_bytes = 1, .catch_up_bytes = one});
    for (int i = 0; i < 5; ++i) publish({kAccepted});
    const auto id = open(socket);
    socket.room = one + 1;
    subscribe_after(id, kAccepted, 0);
    EXPECT_EQ(unsubscribe(id, kAccepted), SubscribeResult::ok);
    drain(id, socket);
    EXPECT_EQ(socket.sequence(), (Sequence{1, 2})) << "the second was half sent";
    publish({kAccepted});
    EXPECT_EQ(socket.sequence(), (Sequence{1, 2}));
}

// --- late subscriptions ---

TEST_F(Feed, earlier_events_of_a_transaction_are_replayed_once_and_marked) {
    start();
    publish({kExecuted, kElse, kRemoved});
    const auto id = open(socket);
    EXPECT_EQ(change(true, id, kExecuted).position, (wire::Position{kEpoch, 3}));
    EXPECT_EQ(socket.sequence(), (Sequence{1}));
    EXPECT_EQ(socket.replayed, (std::set<std::uint64_t>{1}));
    subscribe(id, kExecuted);
    EXPECT_EQ(socket.sequence(), (Sequence{1})) << "only when the subscription is new";
    publish({kExecuted});
    EXPECT_EQ(socket.sequence(), (Sequence{1, 4}));
    EXPECT_EQ(socket.replayed, (std::set<std::uint64_t>{1}));
}

TEST_F(Feed, all_earlier_events_of_a_block_are_replayed) {
    start();
    const auto changed = uri(blocks, kA, "statechange");
    publish({changed, kElse, changed, changed});
    const auto id = open(socket);
    subscribe(id, changed);
    EXPECT_EQ(socket.sequence(), (Sequence{1, 3, 4}));
    EXPECT_EQ(socket.replayed, (std::set<std::uint64_t>{1, 3, 4}));
}

TEST_F(Feed, earlier_events_are_replayed_before_events_that_happen_meanwhile) {
    start();
    const auto changed = uri(blocks, kA, "statechange");
    publish({changed});
    const auto id = open(socket);
    std::optional<Subscribed> answered;
    hub->subscribe(id, changed, {}, [&](Subscribed s) { answered = std::move(s); });
    manual.run();
    publish({changed});
    EXPECT_TRUE(socket.sequence().empty());
    answered->hold.reset();
    manual.run();
    EXPECT_EQ(socket.sequence(), (Sequence{1, 2}));
    EXPECT_EQ(socket.replayed, (std::set<std::uint64_t>{1}));
}

TEST_F(Feed, earlier_events_that_are_not_in_memory_are_read_on_the_pool) {
    start();
    log.make_cold();
    publish({kExecuted});
    const auto id = open(socket);
    subscribe(id, kExecuted);
    subscribe(id, kRemoved);  // this event has not happened
    EXPECT_EQ(socket.sequence(), (Sequence{1}));
    publish({kRemoved});
    EXPECT_EQ(socket.sequence(), (Sequence{1, 2}));
}

TEST_F(Feed, only_terminal_events_of_one_transaction_or_block_are_replayed_to_late_subscribers) {
    start();
    publish({kExecuted, uri(transactions, kA, "deferred"), uri(contracts, kA, "moved"), kAccepted});
    const auto id = open(socket);
    subscribe(id, uri(transactions, std::nullopt, "executed"));
    subscribe(id, uri(transactions, kA, "deferred"));
    subscribe(id, uri(contracts, kA, "moved"));
    subscribe(id, kAny);
    EXPECT_TRUE(socket.sequence().empty());
}

// The one that moves into the place of another must know its new place, or the next one to leave takes a third along.
TEST_F(Feed, a_late_subscription_stays_in_its_replay_when_others_leave_and_join) {
    start({.tail_bytes = 1});
    std::vector<wire::Uri> events;
    for (const char c : {'a', 'b', 'c', 'd'}) events.push_back(uri(transactions, std::string(64, c), "executed"));
    publish(events);
    const auto id = open(socket);
    socket.room = 0;  // nothing of the replay is delivered yet
    for (const auto i : {0U, 1U, 2U}) subscribe(id, events[i]);

    unsubscribe(id, events[1]);
    subscribe(id, events[3]);
    unsubscribe(id, events[2]);
    drain(id, socket);

    EXPECT_EQ(socket.sequence(), (Sequence{1, 4}));
}

TEST_F(Feed, late_subscriptions_can_be_turned_off) {
    start({.late_subscriptions = false});
    publish({kExecuted});
    const auto id = open(socket);
    subscribe(id, kExecuted);
    EXPECT_TRUE(socket.sequence().empty());
}

TEST_F(Feed, a_half_sent_marked_message_is_finished_from_the_same_bytes) {
    start({.tail_bytes = 1});
    const auto changed = uri(blocks, kA, "statechange");
    publish({changed, changed, changed});
    for (int i = 0; i < 3; ++i) publish({kOther});
    const auto id = open(socket);
    socket.room = 5;
    subscribe(id, changed);
    for (int i = 0; i < 60; ++i) drain(id, socket, 13);
    drain(id, socket);
    std::size_t unfinished = 1;
    EXPECT_EQ(socket.sequence(&unfinished), (Sequence{1, 2, 3}));
    EXPECT_EQ(unfinished, 0U);
    EXPECT_EQ(socket.replayed.size(), 3U);
}

TEST_F(Feed, a_live_event_is_not_written_into_the_middle_of_a_replayed_message) {
    start({.tail_bytes = 1});
    publish({kAccepted});
    const auto id = open(socket);
    subscribe(id, kOther);
    socket.room = 5;
    subscribe_after(id, kAccepted, 0);
    socket.room = Socket::kUnlimited;  // there is room again, but the hub does not know it yet
    publish({kOther});
    drain(id, socket);
    std::size_t unfinished = 1;
    EXPECT_EQ(socket.sequence(&unfinished), (Sequence{1, 2}));
    EXPECT_EQ(unfinished, 0U);
}

// --- watching one transaction ---

TEST_F(Feed, a_subscription_until_the_end_ends_with_the_last_event_of_its_transaction) {
    start();
    const auto id = open(socket);
    for (const char* topic : {"included", "executed", "removed", "dropped"})
        change(true, id, uri(transactions, kA, topic), {.until_end = true});
    subscribe(id, kElse);
    publish({uri(transactions, kA, "included")});
    publish({kExecuted, kElse, kRemoved, kAccepted});
    EXPECT_EQ(socket.sequence(), (Sequence{1, 2, 3, 4}));
    publish({kExecuted, kRemoved, kElse});
    EXPECT_EQ(socket.sequence(), (Sequence{1, 2, 3, 4, 8}));
    EXPECT_EQ(unsubscribe(id, kExecuted), SubscribeResult::not_subscribed);
}

TEST_F(Feed, a_subscription_until_the_end_ends_when_the_last_event_comes_alone_too) {
    start();
    const auto id = open(socket);
    change(true, id, kRemoved, {.until_end = true});
    publish({kRemoved});
    EXPECT_EQ(socket.sequence(), (Sequence{1}));
    EXPECT_EQ(unsubscribe(id, kRemoved), SubscribeResult::not_subscribed);
}

TEST_F(Feed, a_subscription_until_the_end_ends_only_after_the_event_was_delivered) {
    start();
    const auto id = open(socket);
    for (const auto& to : {kExecuted, kRemoved}) change(true, id, to, {.until_end = true});
    socket.room = 3;
    publish({kExecuted, kRemoved});
    EXPECT_TRUE(socket.sequence().empty());
    drain(id, socket);
    EXPECT_EQ(socket.sequence(), (Sequence{1, 2}));
    EXPECT_EQ(unsubscribe(id, kRemoved), SubscribeResult::not_subscribed);
}

TEST_F(Feed, a_topic_may_be_removed_during_a_delivery_that_has_more_of_its_events) {
    start({.late_subscriptions = false});
    const auto id = open(socket);
    change(true, id, kRemoved, {.until_end = true});
    // So many runs that the first ones are written before the end of the delivery.
    std::vector<std::unique_ptr<Socket>> others;
    for (int i = 0; i < 600; ++i) {
        others.push_back(std::make_unique<Socket>());
        EXPECT_EQ(subscribe(open(*others.back()), kAccepted), SubscribeResult::ok);
    }
    std::vector<wire::Uri> events{kRemoved};
    for (int i = 0; i < 440; ++i) events.insert(events.end(), {kAccepted, kOther});
    events.push_back(kRemoved);
    publish(events);

    EXPECT_EQ(socket.sequence(), Sequence{1});
    EXPECT_EQ(unsubscribe(id, kRemoved), SubscribeResult::not_subscribed);
    EXPECT_EQ(others.back()->sequence().size(), 440U);
}

}  // namespace
}  // namespace rues::feed::test
