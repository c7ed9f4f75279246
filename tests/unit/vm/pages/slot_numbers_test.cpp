#include "vm/pages/slot_numbers.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <set>

namespace rues::vm {
namespace {

std::uint32_t one(SlotNumbers& numbers) {
    return numbers.allocate(1).value().front().first;
}

TEST(SlotNumbers, no_more_than_the_limit_are_in_use) {
    SlotNumbers numbers(10, 200);

    EXPECT_FALSE(numbers.allocate(11));
    EXPECT_TRUE(numbers.allocate(10));
    EXPECT_FALSE(numbers.allocate(1));
    numbers.release(3, 0);

    EXPECT_TRUE(numbers.allocate(1));
    EXPECT_EQ(numbers.in_use(), 10U);
}

TEST(SlotNumbers, slots_taken_together_are_neighbours) {
    SlotNumbers numbers(100, 400);
    for (int i = 0; i < 10; ++i) one(numbers);
    for (std::uint32_t i = 0; i < 10; i += 2) numbers.release(i, 0);

    EXPECT_EQ(numbers.allocate(20).value(), (std::vector<SlotRun>{{10, 20}}));
}

TEST(SlotNumbers, a_single_slot_is_taken_from_those_that_have_memory) {
    SlotNumbers numbers(100, 400);
    numbers.allocate(10);
    numbers.release(4, 0);
    numbers.release(7, 0);

    EXPECT_EQ(one(numbers), 7U);
    EXPECT_EQ(one(numbers), 4U);
    EXPECT_EQ(one(numbers), 10U);
}

TEST(SlotNumbers, neighbours_are_taken_from_those_that_have_memory_when_there_are_as_many) {
    SlotNumbers numbers(100, 400);
    numbers.allocate(30);
    for (const std::uint32_t each : {21U, 4U, 9U, 20U, 22U, 5U}) numbers.release(each, 0);

    EXPECT_EQ(numbers.allocate(4).value(), (std::vector<SlotRun>{{30, 4}}));
    EXPECT_EQ(numbers.allocate(3).value(), (std::vector<SlotRun>{{20, 3}}));
    EXPECT_EQ(numbers.allocate(2).value(), (std::vector<SlotRun>{{4, 2}}));
    EXPECT_EQ(numbers.allocate(2).value(), (std::vector<SlotRun>{{34, 2}}));
    EXPECT_EQ(one(numbers), 9U);
    EXPECT_EQ(numbers.warm(), 0U);
}

TEST(SlotNumbers, neighbours_are_looked_for_among_those_that_were_released_last) {
    constexpr std::uint32_t kInUse = 10'000;
    SlotNumbers numbers(kInUse, 3 * kInUse);
    numbers.allocate(kInUse);
    for (const std::uint32_t each : {1U, 2U}) numbers.release(each, 0);
    for (std::uint32_t i = 0; i < SlotNumbers::kSearchedWarm - 1; ++i) numbers.release(10 + 2 * i, 0);

    EXPECT_EQ(numbers.allocate(2).value(), (std::vector<SlotRun>{{kInUse, 2}}));
}

TEST(SlotNumbers, the_more_slots_are_in_use_the_more_stay_warm) {
    constexpr std::uint32_t kInUse = 100 * SlotNumbers::kInUseToWarm;
    SlotNumbers numbers(2 * kInUse, 5 * kInUse);
    numbers.allocate(kInUse + 200);
    for (std::uint32_t i = 0; i < 199; ++i) numbers.release(i, 0);
    EXPECT_TRUE(numbers.take_cold().empty());
    numbers.release(199, 0);

    EXPECT_EQ(numbers.take_cold(), (std::vector<SlotRun>{{0, 100}}));
}

TEST(SlotNumbers, the_older_half_of_the_warm_slots_turns_cold_in_runs) {
    SlotNumbers numbers(200, 1000);
    numbers.allocate(200);
    for (std::uint32_t i = 0; i < 2 * SlotNumbers::kWarm - 1; ++i) numbers.release(i, 0);
    EXPECT_TRUE(numbers.take_cold().empty());
    numbers.release(100, 0);

    const auto cold = numbers.take_cold();

    EXPECT_EQ(cold, (std::vector<SlotRun>{{0, SlotNumbers::kWarm}}));
    EXPECT_EQ(numbers.warm(), SlotNumbers::kWarm);
    numbers.put_back(cold);
    EXPECT_EQ(numbers.allocate(SlotNumbers::kWarm).value(), cold);
}

TEST(SlotNumbers, warm_slots_are_taken_again_by_what_they_hold) {
    SlotNumbers numbers(12, 200);
    numbers.allocate(12);
    for (std::uint32_t i = 4; i < 8; ++i) numbers.release(i, 100 + i);
    const auto again = [&](std::uint32_t first, std::vector<std::uint64_t> contents) {
        return numbers.take_again(first, contents);
    };

    EXPECT_FALSE(again(4, {104, 106})) << "slot 5 holds something else";
    EXPECT_FALSE(again(7, {107, 108})) << "slot 8 is in use";
    EXPECT_TRUE(again(5, {105, 106}));
    EXPECT_FALSE(again(5, {105})) << "it is in use again";
    EXPECT_EQ(numbers.in_use(), 10U);
    EXPECT_EQ(numbers.warm(), 2U);
    EXPECT_EQ(one(numbers), 7U);
    EXPECT_EQ(one(numbers), 4U);
    numbers.release(7, 207);
    EXPECT_FALSE(again(7, {107})) << "it was used meanwhile";
    EXPECT_TRUE(again(7, {207}));
}

TEST(SlotNumbers, no_slot_is_taken_again_beyond_the_limit_or_when_it_has_no_memory) {
    SlotNumbers numbers(2 * SlotNumbers::kWarm, 1'000);
    numbers.allocate(2 * SlotNumbers::kWarm);
    for (std::uint32_t i = 0; i < 2 * SlotNumbers::kWarm; ++i) numbers.release(i, 1 + i);
    numbers.put_back(numbers.take_cold());
    EXPECT_FALSE(numbers.take_again(0, std::vector<std::uint64_t>{1}));
    constexpr std::uint32_t kLast = 2 * SlotNumbers::kWarm - 1;
    numbers.allocate(2 * SlotNumbers::kWarm - 1);

    EXPECT_FALSE(numbers.take_again(kLast - 1, std::vector<std::uint64_t>{kLast, kLast + 1}));
}

TEST(SlotNumbers, no_number_is_given_twice_and_every_number_comes_back) {
    EXPECT_TRUE(rc::check([] {
        constexpr std::uint32_t kLimit = 300;
        SlotNumbers numbers(kLimit, 3 * kLimit);
        std::set<std::uint32_t> used;
        const int steps = *rc::gen::inRange(1, 200);
        for (int step = 0; step < steps; ++step) {
            if (*rc::gen::inRange(0, 2) == 0) {
                const auto count = *rc::gen::inRange<std::uint32_t>(1, 40);
                const auto runs = numbers.allocate(count);
                RC_ASSERT(runs.has_value() == (used.size() + count <= kLimit));
                if (!runs) continue;
                std::uint32_t got = 0;
                for (const SlotRun run : *runs) {
                    for (std::uint32_t i = 0; i < run.count; ++i) RC_ASSERT(used.insert(run.first + i).second);
                    got += run.count;
                }
                RC_ASSERT(got == count);
            } else {
                for (auto left = *rc::gen::inRange<std::size_t>(0, 60); left > 0 && !used.empty(); --left) {
                    const auto at = std::next(used.begin(), *rc::gen::inRange<std::ptrdiff_t>(0, std::ssize(used)));
                    numbers.release(*at, 0);
                    used.erase(at);
                    numbers.put_back(numbers.take_cold());
                }
            }
            RC_ASSERT(numbers.in_use() == used.size());
            RC_ASSERT(numbers.warm() < 2 * SlotNumbers::kWarm);
        }
        for (const std::uint32_t each : used) {
            numbers.release(each, 0);
            numbers.put_back(numbers.take_cold());
        }
        RC_ASSERT(numbers.allocate(kLimit).has_value());
    }));
}

}  // namespace
}  // namespace rues::vm
