#include "chain/prices.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <random>

namespace rues::chain {
namespace {

/// The figures of docs/reference/ledger.md 3.5, from the whole list.
GasPrice expected(std::vector<std::uint64_t> prices, std::size_t max) {
    std::ranges::sort(prices, std::greater<>());
    prices.resize(std::min(max, prices.size()));
    if (prices.empty()) return {};
    const auto n = prices.size();
    const auto sum = std::accumulate(prices.begin(), prices.end(), std::uint64_t{0});
    return {(sum + n - 1) / n, prices.front(), (prices[n / 2] + prices[(n - 1) / 2]) / 2, prices.back()};
}

/// Compares the answers for few, many and all prices.
void expect_same(const Prices& prices, const std::vector<std::uint64_t>& list) {
    ASSERT_EQ(prices.size(), list.size());
    for (const std::size_t max : {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{7}, list.size() / 2,
                                  list.size() - list.size() / 9, list.size(), list.size() + 1, SIZE_MAX}) {
        const auto got = prices.best(max);
        const auto must = expected(list, max);
        EXPECT_EQ(got.average, must.average) << max << " of " << list.size();
        EXPECT_EQ(got.max, must.max) << max << " of " << list.size();
        EXPECT_EQ(got.median, must.median) << max << " of " << list.size();
        EXPECT_EQ(got.min, must.min) << max << " of " << list.size();
    }
}

TEST(Prices, answers_are_those_of_the_sorted_list_while_it_grows_and_shrinks) {
    std::mt19937_64 random(1);
    for (const std::uint64_t highest : {1U, 5U, 1'000'000U}) {  // one price only; many equal ones; hardly any equal
        Prices prices;
        std::vector<std::uint64_t> list;
        while (list.size() < 5 * Prices::kPiece) {
            list.push_back(1 + random() % highest);
            prices.insert(list.back());
            if (list.size() % 700 == 0) expect_same(prices, list);
        }
        expect_same(prices, list);
        std::ranges::shuffle(list, random);
        while (!list.empty()) {
            prices.erase(list.back());
            list.pop_back();
            if (list.size() % 700 == 0) expect_same(prices, list);
        }
    }
}

TEST(Prices, ascending_and_descending_prices_keep_their_order) {
    for (const bool ascending : {true, false}) {
        Prices prices;
        std::vector<std::uint64_t> list;
        for (std::uint64_t i = 1; i <= 3 * Prices::kPiece; ++i) {
            list.push_back(ascending ? i : 1'000'000 - i);
            prices.insert(list.back());
        }
        expect_same(prices, list);
    }
}

}  // namespace
}  // namespace rues::chain
