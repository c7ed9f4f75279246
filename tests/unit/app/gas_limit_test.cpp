#include "app/gas_limit.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace rues::app {
namespace {

constexpr std::uint64_t kMost = 3'000'000'000;

/// A transaction that spends `spent` and needs the limit `needed`. Keeps the limits that it was tried with.
struct Transaction {
    std::uint64_t spent = 0;
    std::uint64_t needed = 0;
    std::vector<std::uint64_t> tried;

    auto simulate() {
        return [this](std::uint64_t limit) -> Result<client::Simulated> {
            tried.push_back(limit);
            if (limit < needed) return client::Simulated{limit, "OutOfGas", {}};
            return client::Simulated{spent, std::nullopt, {}};
        };
    }
};

TEST(GasLimit, has_a_fifth_of_room_above_what_the_simulation_spent) {
    Transaction tx{10'000'000, 10'000'000, {}};

    const auto chosen = choose_gas_limit({0, kMost}, tx.simulate());

    ASSERT_TRUE(chosen);
    EXPECT_EQ(chosen->limit, 12'000'000U);
    EXPECT_EQ(chosen->error, std::nullopt);
    EXPECT_EQ(tx.tried, (std::vector<std::uint64_t>{kMost, 12'000'000}));
}

TEST(GasLimit, has_least_room_for_a_cheap_call_and_none_for_a_charge) {
    EXPECT_EQ(with_room(100'000, 0), 150'000U);
    EXPECT_EQ(with_room(5'000'000 + 1'000'000, 5'000'000), 5'000'000U + 1'200'000U);
    // A deployment that spent less than its charge still gets the charge (docs/reference/ledger.md 3.2 #9).
    EXPECT_EQ(with_room(1'000'000, 5'000'000), 5'050'000U);
}

TEST(GasLimit, is_doubled_while_the_transaction_fails_with_it) {
    Transaction tx{10'000'000, 40'000'000, {}};

    const auto chosen = choose_gas_limit({0, kMost}, tx.simulate());

    ASSERT_TRUE(chosen);
    EXPECT_EQ(chosen->limit, 48'000'000U);
    EXPECT_EQ(tx.tried, (std::vector<std::uint64_t>{kMost, 12'000'000, 24'000'000, 48'000'000}));
}

TEST(GasLimit, is_never_above_the_most) {
    Transaction spends_all{kMost, kMost, {}};
    EXPECT_EQ(choose_gas_limit({0, kMost}, spends_all.simulate())->limit, kMost);
    EXPECT_EQ(spends_all.tried.size(), 1U);

    Transaction needs_all{1'000'000'000, kMost, {}};
    EXPECT_EQ(choose_gas_limit({0, kMost}, needs_all.simulate())->limit, kMost);
    EXPECT_EQ(needs_all.tried, (std::vector<std::uint64_t>{kMost, 1'200'000'000, 2'400'000'000, kMost}));

    Transaction strange{UINT64_MAX, 0, {}};  // a server may say anything
    EXPECT_EQ(choose_gas_limit({0, kMost}, strange.simulate())->limit, kMost);
}

TEST(GasLimit, of_a_transaction_that_fails_with_the_most_is_the_most_and_the_error) {
    Transaction tx{0, kMost + 1, {}};

    const auto chosen = choose_gas_limit({0, kMost}, tx.simulate());

    ASSERT_TRUE(chosen);
    EXPECT_EQ(chosen->limit, kMost);
    EXPECT_EQ(chosen->error, "OutOfGas");
    EXPECT_EQ(tx.tried.size(), 1U);
}

TEST(GasLimit, a_transaction_that_fails_since_another_block_has_the_error_and_is_not_sent_with_the_most) {
    int calls = 0;
    const auto chosen = choose_gas_limit({0, kMost}, [&](std::uint64_t limit) -> Result<client::Simulated> {
        if (++calls == 1) return client::Simulated{1'000'000, std::nullopt, {}};
        return client::Simulated{limit, "Panic(\"sold\")", {}};
    });

    ASSERT_TRUE(chosen);
    EXPECT_EQ(chosen->error, "Panic(\"sold\")");
    EXPECT_LT(calls, 20);
}

TEST(GasLimit, an_error_of_the_node_is_passed_on) {
    int calls = 0;
    const auto chosen = choose_gas_limit({0, kMost}, [&](std::uint64_t) -> Result<client::Simulated> {
        if (++calls == 2) return std::unexpected(Error{Error::Kind::unreachable, "gone"});
        return client::Simulated{1, std::nullopt, {}};
    });

    ASSERT_FALSE(chosen);
    EXPECT_EQ(chosen.error().text, "gone");
}

}  // namespace
}  // namespace rues::app
