#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>

#include "feed/session.hpp"

namespace rues::feed {
namespace {

/// What is wrong with a replay; empty: nothing.
std::string problem_of(const Replay& replay, const std::vector<Subscription*>& expected) {
    if (replay.late_done > replay.late_end || replay.late_end > replay.members.size()) return "the parts overlap";
    if (replay.members.size() != expected.size()) return "members are missing or twice";
    for (std::size_t i = 0; i < replay.members.size(); ++i) {
        const Subscription& each = *replay.members[i].subscription;
        if (std::ranges::count(expected, &each) != 1) return "a member is there twice or has left";
        if (each.replay != replay.tag() || each.member != i) return "a subscription does not know its place";
        if (replay.members[i].after != each.place) return "a position belongs to another member";
    }
    return {};
}

// A session with many replayed subscriptions looks up the one that an event is for in one step: no search through its
// replays, for each of its subscriptions, when it is kept for resuming, matched or ended.
TEST(ReplayMembers, every_subscription_knows_its_place_whoever_joins_or_leaves) {
    std::mt19937 random(11);
    const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
    for (int round = 0; round < 300; ++round) {
        const bool is_late = round % 2 == 0;
        Replay replay;
        replay.number = 70'000U + static_cast<unsigned>(round);  // more than its tag has bits for
        std::deque<Subscription> made;
        std::vector<Subscription*> there;
        for (int step = 0; step < 60; ++step) {
            if (there.empty() || below(3) > 0) {
                auto& one = made.emplace_back();
                one.place = static_cast<std::uint32_t>(below(1'000));  // the test's note of `after`
                replay.add(one, one.place, is_late);
                there.push_back(&one);
            } else if (is_late && replay.has_late() && below(2) == 0) {
                replay.late_member_is_done();
            } else {
                const auto leaves = there.begin() + static_cast<std::ptrdiff_t>(below(there.size()));
                replay.remove(**leaves);
                there.erase(leaves);
            }
            ASSERT_EQ(problem_of(replay, there), "") << round << ' ' << step;
        }
    }
}

TEST(ReplayMembers, the_late_member_whose_turn_it_is_keeps_its_turn_while_others_leave) {
    Replay replay;
    replay.number = 1;
    std::deque<Subscription> five(5);
    for (auto& each : five) replay.add(each, 9, true);
    replay.late_member_is_done();
    replay.late_messages = 2;  // of the second

    replay.remove(five[0]);
    replay.remove(five[3]);

    EXPECT_EQ(replay.late_member().subscription, &five[1]);
    EXPECT_EQ(replay.late_messages, 2U);
    const auto number = replay.late_number;
    replay.remove(five[1]);
    EXPECT_EQ(replay.late_messages, 0U) << "of another member now";
    EXPECT_NE(replay.late_number, number) << "a read for the one that left is outdated";
}

}  // namespace
}  // namespace rues::feed
