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
    numbers.release(3);

    EXPECT_TRUE(numbers.allocate(1));
    EXPECT_EQ(numbers.in_use(), 10U);
}

TEST(SlotNumbers, slots_taken_together_are_neighbours) {
    SlotNumbers numbers(100, 400);
    for (int i = 0; i < 10; ++i) one(numbers);
    for (std::uint32_t i = 0; i < 10; i += 2) numbers.release(i);

    EXPECT_EQ(numbers.allocate(20).value(), (std::vector<SlotRun>{{10, 20}}));
}

TEST(SlotNumbers, a_single_slot_is_taken_from_those_that_have_memory) {
    SlotNumbers numbers(100, 400);
    numbers.allocate(10);
    numbers.release(4);
    numbers.release(7);

    EXPECT_EQ(one(numbers), 7U);
    EXPECT_EQ(one(numbers), 4U);
    EXPECT_EQ(one(numbers), 10U);
}

TEST(SlotNumbers, the_more_slots_are_in_use_the_more_stay_warm) {
    constexpr std::uint32_t kInUse = 100 * SlotNumbers::kInUseToWarm;
    SlotNumbers numbers(2 * kInUse, 5 * kInUse);
    numbers.allocate(kInUse + 200);
    for (std::uint32_t i = 0; i < 199; ++i) numbers.release(i);
    EXPECT_TRUE(numbers.take_cold().empty());
    numbers.release(199);

    EXPECT_EQ(numbers.take_cold(), (std::vector<SlotRun>{{0, 100}}));
}

TEST(SlotNumbers, the_older_half_of_the_warm_slots_turns_cold_in_runs) {
    SlotNumbers numbers(200, 1000);
    numbers.allocate(200);
    for (std::uint32_t i = 0; i < 2 * SlotNumbers::kWarm - 1; ++i) numbers.release(i);
    EXPECT_TRUE(numbers.take_cold().empty());
    numbers.release(100);

    const auto cold = numbers.take_cold();

    EXPECT_EQ(cold, (std::vector<SlotRun>{{0, SlotNumbers::kWarm}}));
    EXPECT_EQ(numbers.warm(), SlotNumbers::kWarm);
    numbers.put_back(cold);
    EXPECT_EQ(numbers.allocate(SlotNumbers::kWarm).value(), cold);
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
                    numbers.release(*at);
                    used.erase(at);
                    numbers.put_back(numbers.take_cold());
                }
            }
            RC_ASSERT(numbers.in_use() == used.size());
            RC_ASSERT(numbers.warm() < 2 * SlotNumbers::kWarm);
        }
        for (const std::uint32_t each : used) {
            numbers.release(each);
            numbers.put_back(numbers.take_cold());
        }
        RC_ASSERT(numbers.allocate(kLimit).has_value());
    }));
}

}  // namespace
}  // namespace rues::vm
