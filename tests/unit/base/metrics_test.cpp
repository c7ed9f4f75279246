#include "base/metrics.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace rues::base {
namespace {

TEST(Counter, adds_of_all_threads_count) {
    Counter counter;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&] {
                for (int n = 0; n < 1'000; ++n) counter.add();
            });
        }
    }
    counter.add(5);
    EXPECT_EQ(counter.value(), 4'005U);
}

TEST(Histogram, each_value_is_in_the_first_bucket_that_is_large_enough) {
    Histogram histogram;
    for (const std::uint64_t value : {0ULL, 1ULL, 2ULL, 3ULL, 4ULL, 1'000ULL, ~0ULL}) histogram.add(value);

    EXPECT_EQ(histogram.count(), 7U);
    EXPECT_EQ(histogram.count_of(0), 1U);
    EXPECT_EQ(histogram.count_of(1), 1U);
    EXPECT_EQ(histogram.count_of(2), 2U);
    EXPECT_EQ(histogram.count_of(3), 1U);
    EXPECT_EQ(histogram.count_of(10), 1U);
    EXPECT_EQ(histogram.count_of(Histogram::kBuckets - 1), 1U);
    EXPECT_EQ(Histogram::most_of(0), 0U);
    EXPECT_EQ(Histogram::most_of(10), 1'023U);
}

TEST(Histogram, the_sum_is_that_of_all_values) {
    Histogram histogram;
    histogram.add(3);
    histogram.add(40);
    EXPECT_EQ(histogram.sum(), 43U);
}

}  // namespace
}  // namespace rues::base
