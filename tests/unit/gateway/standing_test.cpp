#include "gateway/standing.hpp"

#include <gtest/gtest.h>

namespace rues::gateway {
namespace {

using std::chrono::seconds;
using State = Standing::State;

constexpr Patience kPatienceOfTest{.stale_after = seconds(10), .ejection = seconds(60)};
const Time kStart{seconds(1'000)};
const base::Hash32 kHash{};

TEST(Standing, a_node_is_followed_once_it_has_answered) {
    Standings all(2, kPatienceOfTest);
    EXPECT_EQ(all.best(0, kStart), std::nullopt);
    EXPECT_EQ(all.in_turn(1), (std::vector<std::size_t>{1, 0}));

    all.reported(1, 5, kHash, kStart);

    EXPECT_EQ(all.best(0, kStart), 1U);
    EXPECT_EQ(all.in_turn(0), std::vector<std::size_t>{1});
}

TEST(Standing, the_highest_tip_is_followed_and_of_equal_ones_the_first) {
    Standings all(3, kPatienceOfTest);
    all.reported(0, 5, kHash, kStart);
    all.reported(1, 6, kHash, kStart);
    all.reported(2, 6, kHash, kStart);

    EXPECT_EQ(all.best(0, kStart), 1U);
}

TEST(Standing, a_tip_that_stays_behind_becomes_stale_after_a_time_and_healthy_when_it_has_caught_up) {
    Standings all(2, kPatienceOfTest);
    all.reported(0, 5, kHash, kStart);
    all.reported(1, 5, kHash, kStart);
    all.reported(1, 5 + kStaleBlocks, kHash, kStart + seconds(5));
    EXPECT_EQ(all.all()[0].state, State::healthy);

    all.reported(1, 20, kHash, kStart + seconds(10));
    EXPECT_EQ(all.all()[0].state, State::stale);
    EXPECT_EQ(all.all()[0].stales, 1U);

    all.reported(0, 18, kHash, kStart + seconds(11));
    EXPECT_EQ(all.all()[0].state, State::healthy);
}

TEST(Standing, a_node_that_is_behind_but_moves_is_not_stale) {
    Standings all(2, kPatienceOfTest);
    all.reported(1, 100, kHash, kStart);

    for (std::uint64_t i = 0; i < 50; ++i) all.reported(0, i, kHash, kStart + seconds(i));

    EXPECT_EQ(all.all()[0].state, State::healthy);
}

TEST(Standing, an_ejected_node_is_not_asked_until_its_time_is_over_and_each_time_lasts_twice_as_long) {
    Standings all(1, kPatienceOfTest);
    all.reported(0, 5, kHash, kStart);

    all.eject(0, "it lied", kStart);
    all.reported(0, 6, kHash, kStart + seconds(59));
    EXPECT_EQ(all.best(0, kStart), std::nullopt);
    all.reported(0, 6, kHash, kStart + seconds(60));
    EXPECT_EQ(all.best(0, kStart), 0U);

    all.eject(0, "it lied again", kStart + seconds(100));
    all.reported(0, 6, kHash, kStart + seconds(219));
    EXPECT_EQ(all.best(0, kStart), std::nullopt);
    all.reported(0, 6, kHash, kStart + seconds(220));
    EXPECT_EQ(all.best(0, kStart), 0U);
    EXPECT_EQ(all.all()[0].ejections, 2U);
}

TEST(Standing, an_ejection_lasts_an_hour_at_most) {
    Standings all(1, kPatienceOfTest);
    for (int i = 0; i < 100; ++i) all.eject(0, "it lied", kStart);

    EXPECT_EQ(all.all()[0].ejected_until, kStart + kLongestEjection);
}

TEST(Standing, a_failure_does_not_end_an_ejection) {
    Standings all(1, kPatienceOfTest);
    all.eject(0, "it lied", kStart);

    all.failed(0, "no answer", kStart + seconds(1));
    all.reported(0, 6, kHash, kStart + seconds(2));

    EXPECT_EQ(all.best(0, kStart), std::nullopt);
}

TEST(Standing, an_unreachable_node_is_healthy_with_its_next_answer) {
    Standings all(1, kPatienceOfTest);
    all.reported(0, 5, kHash, kStart);
    all.failed(0, "no answer", kStart);
    EXPECT_EQ(all.best(0, kStart), std::nullopt);

    all.reported(0, 5, kHash, kStart + seconds(1));

    EXPECT_EQ(all.best(0, kStart), 0U);
    EXPECT_EQ(all.all()[0].failures, 1U);
}

TEST(Standing, requests_go_round_and_to_stale_nodes_when_no_other_is_left) {
    Standings all(2, kPatienceOfTest);
    all.reported(0, 5, kHash, kStart);
    all.reported(1, 50, kHash, kStart);
    EXPECT_EQ(all.in_turn(0), (std::vector<std::size_t>{0, 1}));
    EXPECT_EQ(all.in_turn(1), (std::vector<std::size_t>{1, 0}));

    all.reported(1, 51, kHash, kStart + seconds(11));
    EXPECT_EQ(all.in_turn(0), (std::vector<std::size_t>{1}));
    all.eject(1, "it lied", kStart + seconds(12));
    EXPECT_EQ(all.in_turn(0), (std::vector<std::size_t>{0}));
}

TEST(Standing, a_node_on_another_branch_is_followed_only_when_no_other_is_healthy_and_not_at_once) {
    Standings all(2, kPatienceOfTest);
    all.reported(0, 5, kHash, kStart);
    all.reported(1, 9, kHash, kStart);
    all.compared(1, true, kStart);
    EXPECT_EQ(all.best(5, kStart + seconds(60)), 0U);
    EXPECT_EQ(all.in_turn(1), std::vector<std::size_t>{0});
    EXPECT_EQ(all.highest(), 5U);

    all.failed(0, "no answer", kStart + seconds(1));
    all.compared(1, true, kStart + seconds(9));  // the time since when it is there does not change
    EXPECT_EQ(all.best(5, kStart + seconds(9)), std::nullopt);
    EXPECT_EQ(all.best(9, kStart + seconds(10)), std::nullopt) << "it is not ahead";
    EXPECT_EQ(all.best(8, kStart + seconds(10)), 1U);
    EXPECT_EQ(all.in_turn(0), std::vector<std::size_t>{1}) << "requests go there when there is no other";

    all.compared(1, false, kStart + seconds(11));
    EXPECT_EQ(all.best(9, kStart + seconds(11)), 1U);
}

TEST(Standing, requests_go_to_the_least_busy_node_first) {
    Standings all(3, kPatienceOfTest);
    for (std::size_t i = 0; i < 3; ++i) all.reported(i, 5, kHash, kStart);
    all.asked(0);
    all.asked(0);
    all.asked(1);

    EXPECT_EQ(all.in_turn(0), (std::vector<std::size_t>{2, 1, 0}));
    all.answered(0);
    all.answered(0);
    EXPECT_EQ(all.in_turn(0), (std::vector<std::size_t>{0, 2, 1}));
    EXPECT_EQ(all.in_turn(2), (std::vector<std::size_t>{2, 0, 1}));
    EXPECT_EQ(all.all()[0].requests, 2U);
    EXPECT_EQ(all.all()[0].busy, 0U);
}

TEST(Standing, requests_that_need_a_block_go_only_to_nodes_that_have_it) {
    Standings all(3, kPatienceOfTest);
    for (std::size_t i = 0; i < 3; ++i) all.reported(i, 5 + i, kHash, kStart);

    EXPECT_EQ(all.in_turn(0, 6), (std::vector<std::size_t>{1, 2}));
    EXPECT_EQ(all.in_turn(0, 7), std::vector<std::size_t>{2});
    EXPECT_TRUE(all.in_turn(0, 8).empty());

    all.compared(2, true, kStart);
    EXPECT_TRUE(all.in_turn(0, 7).empty()) << "its block 7 is another one";
    all.compared(1, true, kStart);
    EXPECT_EQ(all.in_turn(0, 5), std::vector<std::size_t>{0});
}

}  // namespace
}  // namespace rues::gateway
