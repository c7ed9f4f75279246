#include <fstream>
#include <ranges>

#include "fixture.hpp"

/// Ended sessions that can be resumed: how long they are kept, how many of them, and how they are journaled.
namespace rues::feed::test {
namespace {

struct Kept : Feed {
    Opening resumed(const wire::SessionId& old, std::optional<std::uint64_t> after = 0) {
        Opening out;
        out.restored = take_over(old, after);
        return out;
    }
    /// Opens a session on `loop`, subscribes it to `to`, and ends it.
    wire::SessionId ended(std::size_t loop, const wire::Uri& to = kAccepted) {
        const auto id = *hub->open(loop, socket, {});
        manual.run();
        subscribe(id, to);
        hub->closed(loop, id, false);
        return id;
    }
    /// For a session of loop 0.
    void subscribe_many(const wire::SessionId& id, std::size_t count, const std::string& begin = "topic-") {
        for (std::size_t i = 0; i < count; ++i)
            EXPECT_EQ(hub->subscribe_here(0, id, uri(blocks, std::nullopt, begin + std::to_string(i)), {}).result,
                      SubscribeResult::ok);
        manual.run();
    }
    std::uintmax_t bytes_on_disk() const {
        std::uintmax_t out = 0;
        for (const auto& file : std::filesystem::directory_iterator(folder_.path())) out += file.file_size();
        return out;
    }
    Report report(const wire::SessionId& id) {
        std::optional<Report> out;
        hub->inspect(base::to_bytes(std::span(id).first(4)), [&](std::optional<Report> got) { out = std::move(got); });
        manual.run();
        return out.value();
    }
    /// A copy of the journal, as a server that is killed now would leave it.
    std::filesystem::path copied() {
        std::filesystem::copy(folder_.path(), copy_.path(), std::filesystem::copy_options::overwrite_existing);
        return copy_.path();
    }
    rues::test::TemporaryFolder folder_;
    rues::test::TemporaryFolder copy_;
};

// --- time ---

TEST_F(Kept, setting_the_wall_clock_does_not_change_how_long_a_session_can_be_resumed) {
    for (const auto by : {std::chrono::hours(1), std::chrono::hours(-1)}) {
        start({.resume_time = std::chrono::seconds(120)}, folder_.path());
        const auto id = ended(0);
        clock.set_wall_clock(by);
        manual.tick();
        EXPECT_TRUE(take_over(id, 0).recovered);
        clock.advance(std::chrono::seconds(119));
        manual.tick();
        EXPECT_TRUE(take_over(id, 0).recovered);
        start({.resume_time = std::chrono::seconds(120)}, folder_.path());
        EXPECT_TRUE(take_over(id, 0).recovered) << "nor over a restart";
        clock.set_wall_clock(-by);
        clock.advance(std::chrono::seconds(1));
        EXPECT_FALSE(take_over(id, 0).recovered);
    }
}

TEST_F(Kept, the_age_of_a_session_from_another_boot_counts_from_the_start_of_the_server) {
    start({.resume_time = std::chrono::seconds(120)}, folder_.path());
    const auto id = ended(0);
    hub.reset();
    for (const auto& file : std::filesystem::directory_iterator(folder_.path())) {
        std::fstream out(file.path(), std::ios::in | std::ios::out | std::ios::binary);
        out.seekp(16);
        out << "another boot ...";
    }
    clock.advance(std::chrono::hours(1));  // the times of the other boot mean nothing on this clock
    start({.resume_time = std::chrono::seconds(120)}, folder_.path());
    EXPECT_TRUE(take_over(id, 0).recovered);
    clock.advance(std::chrono::seconds(120));
    EXPECT_FALSE(take_over(id, 0).recovered);
}

// --- space ---

TEST_F(Kept, ended_sessions_of_all_loops_share_a_budget_and_the_oldest_are_dropped_first) {
    start({.resume_bytes = 5'000}, folder_.path());
    std::vector<wire::SessionId> all;
    for (std::size_t i = 0; i < 40; ++i) {
        all.push_back(ended(i % 2));
        clock.advance(std::chrono::milliseconds(1));
    }
    manual.tick();
    const auto is_kept = [&](const auto& id) { return take_over(id, 0).recovered; };
    const auto kept = static_cast<std::size_t>(std::ranges::count_if(all, is_kept));
    EXPECT_GE(kept, 5U);
    EXPECT_LE(kept, 20U);
    EXPECT_TRUE(std::ranges::all_of(all | std::views::drop(40 - kept), is_kept)) << "the newest";

    start({.resume_bytes = 5'000}, folder_.path());
    EXPECT_EQ(static_cast<std::size_t>(std::ranges::count_if(all, is_kept)), kept);
    start({.resume_bytes = 1'000}, folder_.path());
    EXPECT_LE(std::ranges::count_if(all, is_kept), 2) << "sessions of an earlier run count as well";
    EXPECT_TRUE(is_kept(all.back()));
}

TEST_F(Kept, a_session_larger_than_the_budget_is_not_kept_and_drops_no_other_session) {
    start({.resume_bytes = 5'000});
    const auto small = ended(0);
    const auto large = open(socket);
    subscribe_many(large, 100);
    hub->closed(0, large, false);
    EXPECT_TRUE(take_over(small, 0).recovered);
    EXPECT_FALSE(take_over(large, 0).recovered);
}

TEST_F(Kept, a_smaller_budget_applies_when_the_next_session_ends) {
    start();
    const auto first = ended(0);
    const auto second = ended(1);
    hub->use_limits({.resume_bytes = 500});
    manual.run();
    const auto third = ended(0);
    EXPECT_FALSE(take_over(first, 0).recovered);
    EXPECT_FALSE(take_over(second, 0).recovered);
    EXPECT_TRUE(take_over(third, 0).recovered);
}

TEST_F(Kept, a_uri_longer_than_the_limit_is_refused) {
    start();
    const auto id = open(socket);
    const auto of_size = [](std::size_t size) {
        return uri(contracts, kA, std::string(size - std::string("/on/contracts:/").size() - kA.size(), 't'));
    };
    ASSERT_EQ(of_size(kMaxUriBytes).to_string().size(), kMaxUriBytes);
    EXPECT_EQ(subscribe(id, of_size(kMaxUriBytes)), SubscribeResult::ok);
    EXPECT_EQ(subscribe(id, of_size(kMaxUriBytes + 1)), SubscribeResult::too_long);
    EXPECT_EQ(bytes_of(kAny), kAny.to_string().size());
}

// --- lineages ---

TEST_F(Kept, only_the_last_two_sessions_of_a_lineage_are_kept) {
    start({}, folder_.path());
    std::vector<wire::SessionId> line{ended(0)};
    for (std::size_t i = 1; i < 6; ++i) {
        Opening opening = resumed(line.back());
        line.push_back(*hub->open(i % 2, socket, std::move(opening)));
        manual.run();
        hub->closed(i % 2, line.back(), false);
    }
    for (int restart = 0; restart < 2; ++restart) {
        for (std::size_t i = 0; i < 4; ++i) EXPECT_FALSE(take_over(line[i], 0).recovered) << i;
        EXPECT_TRUE(take_over(line[4], 0).recovered) << "its client may not have learned the last one's id";
        EXPECT_TRUE(take_over(line[5], 0).recovered);
        manual.tick();
        start({}, folder_.path());
    }
}

TEST_F(Kept, resuming_an_old_id_again_closes_the_session_that_resumed_it_before) {
    start({}, folder_.path());
    const auto old = ended(0);
    Socket first;
    const auto lost = *hub->open(1, first, resumed(old));
    manual.run();
    Socket second;
    const auto found = open(second, resumed(old));
    ASSERT_EQ(first.closes.size(), 1U);
    EXPECT_EQ(first.closes[0].first, 4001);
    publish({kAccepted});
    EXPECT_TRUE(first.sequence().empty());
    EXPECT_EQ(second.sequence(), (Sequence{1}));
    hub->closed(1, lost, false);
    EXPECT_FALSE(take_over(lost, 0).recovered);
    start({}, folder_.path());
    EXPECT_FALSE(take_over(lost, 0).recovered) << "nor is it in the journal";
    EXPECT_TRUE(take_over(found, 0).recovered);
}

TEST_F(Kept, resuming_again_and_again_keeps_memory_and_journal_small) {
    start({}, folder_.path());
    auto id = open(socket);
    subscribe_many(id, 5'000);
    const auto once = bytes_on_disk();
    std::deque<Socket> sockets;
    const auto old = id;
    for (int i = 0; i < 60; ++i) {
        // Half of the later ones name the first session again, the others the last one.
        Opening opening = resumed(i % 2 == 0 || i < 30 ? id : old, std::nullopt);
        if (!opening.restored->recovered) opening = resumed(id, std::nullopt);
        id = open(sockets.emplace_back(), std::move(opening));
        manual.tick();
    }
    EXPECT_EQ(report(id).subscription_count, 5'000U);
    // Two ended sessions, an open one, and outdated entries.
    EXPECT_LE(bytes_on_disk(), 4 * once + (8 << 20));
    std::size_t subscriptions = 0;
    hub->list([&](const std::vector<Report>& all) {
        for (const auto& each : all) subscriptions += each.subscription_count;
    });
    manual.run();
    EXPECT_EQ(subscriptions, 5'000U);
    start({}, folder_.path());
    const auto restored = take_over(id, 0);
    EXPECT_TRUE(restored.recovered);
    EXPECT_EQ(restored.subscriptions.size(), 5'000U);
}

// --- the journal ---

TEST_F(Kept, a_journal_that_lost_changes_says_so_and_is_written_again) {
    start({}, folder_.path());
    const auto id = open(socket);
    manual.pool_room = 0;
    subscribe_many(id, 10'000, std::string(100, 't'));  // more than may wait for a segment
    manual.tick();
    {
        Manual other(2);
        const auto killed = *Hub::create(log, {2, {}, {}, copied()}, other.executors(), clock, base::no_log());
        std::optional<Restored> restored;
        killed->take_over(id, wire::Position{kEpoch, 0}, 0, [&](Restored r) { restored = std::move(r); });
        other.run();
        EXPECT_FALSE(restored->recovered);
        EXPECT_LT(restored->subscriptions.size(), 10'000U);
    }
    manual.pool_room = SIZE_MAX;
    for (int i = 0; i < 3; ++i) manual.tick();
    start({}, folder_.path());
    const auto restored = take_over(id, 0);
    EXPECT_TRUE(restored.recovered);
    EXPECT_EQ(restored.subscriptions.size(), 10'000U);
}

TEST_F(Kept, an_incomplete_session_stays_incomplete_over_restarts) {
    start({}, folder_.path());
    const auto id = ended(0);
    for (const auto& file : std::filesystem::directory_iterator(folder_.path())) {
        std::fstream out(file.path(), std::ios::in | std::ios::out | std::ios::binary);
        out.seekp(8);  // the flag that says that no change is missing
        out.put('\0');
    }
    for (int i = 0; i < 3; ++i) {
        start({}, folder_.path());
        EXPECT_FALSE(take_over(id, 0).recovered);
        EXPECT_EQ(take_over(id, 0).subscriptions.size(), 1U);
    }
    EXPECT_TRUE(take_over(ended(0), 0).recovered) << "sessions of this run are complete";
}

TEST_F(Kept, a_position_that_was_never_journaled_stays_unknown_after_two_kills) {
    start({}, folder_.path());
    const auto id = open(socket);
    subscribe(id, kAccepted);
    publish({kAccepted});
    for (int i = 0; i < 2; ++i) {
        start({}, folder_.path());
        const auto restored = take_over(id, std::nullopt);
        EXPECT_FALSE(restored.recovered);
        EXPECT_EQ(restored.from, (wire::Position{kEpoch, 1}));
    }
}

TEST_F(Kept, changes_during_a_rewrite_of_the_journal_are_in_the_new_journal) {
    start({}, folder_.path());
    std::array<Socket, 6> sockets;
    std::vector<wire::SessionId> ids;
    for (auto& each : sockets) {
        ids.push_back(open(each));
        subscribe_many(ids.back(), 2'000);
    }
    // Enough outdated entries for a rewrite.
    for (int i = 0; i < 30'000; ++i) {
        hub->subscribe(ids[0], kOther, {}, [](const Subscribed&) {});
        hub->unsubscribe(ids[0], kOther, [](const Subscribed&) {});
        if (i % 100 == 0) manual.run();
    }
    manual.run();
    for (auto& [loop, task] : std::exchange(manual.later, {})) task();  // the rewrite begins
    ASSERT_FALSE(manual.loops[0].empty()) << "it takes more than one step";
    hub->closed(0, ids[1], false);
    hub->closed(0, ids[5], false);
    hub->closed(0, ids[4], true);
    for (const auto& id : {ids[0], ids[2]}) hub->subscribe(id, kAccepted, {}, [](const Subscribed&) {});
    hub->unsubscribe(ids[3], uri(blocks, std::nullopt, "topic-7"), [](const Subscribed&) {});
    manual.run();
    EXPECT_LT(bytes_on_disk(), 3U << 20);

    start({}, folder_.path());
    const std::array<std::size_t, 6> expected{2'001, 2'000, 2'001, 1'999, 0, 2'000};
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const auto restored = take_over(ids[i], 0);
        EXPECT_EQ(restored.recovered, i != 4) << i;
        EXPECT_EQ(restored.subscriptions.size(), expected[i]) << i;
    }
}

TEST_F(Kept, resuming_waits_for_room_in_the_journal_and_goes_on_if_there_is_none) {
    start({}, folder_.path());
    const auto id = open(socket);
    subscribe_many(id, 5'000);
    std::optional<Restored> restored;
    hub->take_over(id, wire::Position{kEpoch, 0}, 1, [&](Restored r) { restored = std::move(r); });
    while (Manual::one(manual.loops[0]) || Manual::one(manual.loops[1])) {
    }
    EXPECT_FALSE(restored) << "loop 1 has no room for 5,000 subscriptions yet";
    manual.run();
    EXPECT_TRUE(restored);
    restored.reset();
    manual.pool_room = 0;
    hub->take_over(id, wire::Position{kEpoch, 0}, 0, [&](Restored r) { restored = std::move(r); });
    manual.run();
    EXPECT_TRUE(restored);
}

// --- replays ---

TEST_F(Kept, a_resumed_session_merges_all_its_replays_into_two) {
    start({.tail_bytes = 1}, folder_.path());
    std::vector<wire::Uri> events;
    for (int i = 0; i < 300; ++i)
        events.push_back(uri(transactions, std::string(60, 'a') + std::to_string(1'000 + i), "executed"));
    publish(events);
    publish({kAccepted, kAccepted, kAccepted});
    const auto old = open(socket);
    for (const auto& each : events) subscribe(old, each);
    ASSERT_EQ(socket.sequence().size(), 300U);
    socket.room = 0;
    for (std::uint64_t i = 0; i < 4; ++i) {
        const auto to = i == 0 ? kAccepted : uri(blocks, std::nullopt, std::to_string(i));
        EXPECT_EQ(subscribe_after(old, to, 300 + i % 3).result, SubscribeResult::ok);
    }
    Socket next;
    next.room = 0;

    const auto id = open(next, resumed(old, 303));

    EXPECT_EQ(report(id).replays, 2U);
    publish({events[7], kAccepted});
    drain(id, next);
    const auto got = next.sequence();
    EXPECT_EQ(std::set(got.begin(), got.end()).size(), got.size()) << "each once";
    EXPECT_EQ(got.size(), 300U + 3 + 2);
    EXPECT_EQ(next.replayed.size(), 300U);
    EXPECT_EQ(report(id).replays, 0U);
}

TEST_F(Kept, each_subscription_of_a_shared_replay_starts_at_its_own_position) {
    start({.tail_bytes = 1});
    for (int i = 0; i < 3; ++i) publish({kAccepted, kOther});
    const auto old = open(socket);
    socket.room = 0;
    subscribe_after(old, kAccepted, 0);
    subscribe_after(old, kOther, 3);
    Socket next;
    open(next, resumed(old, 6));
    EXPECT_EQ(next.sequence(), (Sequence{1, 3, 4, 5, 6})) << "not the event at 2";
}

TEST_F(Kept, a_late_subscription_may_leave_its_replay_at_any_time) {
    const auto executed = [](char c) { return uri(transactions, std::string(64, c), "executed"); };
    // One of five subscriptions leaves, after a number of steps.
    for (std::size_t leaves = 0; leaves < 5; ++leaves) {
        for (int steps = 0; steps < 12; ++steps) {
            start({.tail_bytes = 1});
            const std::uint64_t before = log.last_seq();
            std::vector<wire::Uri> events;
            for (std::size_t i = 0; i < 5; ++i) {
                for (int twice = 0; twice < 2; ++twice) events.push_back(executed(static_cast<char>('a' + i)));
            }
            log.forget_before(before + 1);
            publish(events);
            Socket to;
            const auto id = open(to);
            std::vector<Subscribed> answers;
            for (std::size_t i = 0; i < 5; ++i)
                hub->subscribe(id, events[2 * i], {}, [&](Subscribed s) { answers.push_back(std::move(s)); });
            manual.run();
            to.room = one / 2;
            answers.clear();
            for (int i = 0; i < steps; ++i) {
                Manual::one(manual.loops[0]);
                Manual::one(manual.pool);
                to.room += one / 3;
                if (std::exchange(to.blocked, false)) hub->writable(0, id);
            }
            EXPECT_EQ(hub->unsubscribe_here(0, id, events[2 * leaves]).result, SubscribeResult::ok);
            manual.run();
            drain(id, to);
            std::map<std::uint64_t, Sequence> by_entity;
            std::size_t unfinished = 1;
            for (const auto seq : to.sequence(&unfinished)) by_entity[(seq - before - 1) / 2].push_back(seq - before);
            EXPECT_EQ(unfinished, 0U);
            by_entity.erase(leaves);
            std::map<std::uint64_t, Sequence> expected;
            for (std::uint64_t i = 0; i < 5; ++i) expected[i] = {2 * i + 1, 2 * i + 2};
            expected.erase(leaves);
            EXPECT_EQ(by_entity, expected) << leaves << ' ' << steps;
            hub->closed(0, id, true);
        }
    }
}

TEST_F(Kept, a_replay_may_end_while_its_events_are_delivered) {
    const auto removed = uri(transactions, kA, "removed");
    // The replay is read from the tail, then from the log. Each event is written alone, and more events follow the last
    // one.
    for (const std::size_t tail : {std::size_t{1} << 20, std::size_t{1}}) {
        start({.tail_bytes = tail, .catch_up_bytes = 1});
        const std::uint64_t before = log.last_seq();
        publish({kAccepted, removed, kAccepted, removed, kAccepted});
        publish({kOther});
        Socket to;
        const auto id = open(to);
        change(true, id, removed, {.after = wire::Position{kEpoch, before}, .until_end = true});
        EXPECT_EQ(to.sequence(), (Sequence{before + 2}));
        EXPECT_EQ(unsubscribe(id, removed), SubscribeResult::not_subscribed);
        EXPECT_EQ(report(id).replays, 0U);
    }
}

}  // namespace
}  // namespace rues::feed::test
