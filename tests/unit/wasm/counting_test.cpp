#include <gtest/gtest.h>

#include "support/load_share.hpp"
#include "support/wasm_generator.hpp"
#include "unit/wasm/interpreter.hpp"
#include "wasm/prepare.hpp"

namespace rues::wasm {
namespace {

using test::Interpreter;

constexpr std::array<std::string_view, 1> kHost = {"self_id"};
constexpr std::int64_t kEnough = 1'000'000'000;

/// Executes the same calls in the original, counted by the rule, and in the rewritten module, counted by itself.
class Pair {
public:
    explicit Pair(const test::GeneratedModule& module, const CostTable& costs = kNetworkCosts)
        : original_(module.bytes, Interpreter::Counting::by_rule, costs),
          rewritten_(prepare(module.bytes, costs, {.contract = false, .imports = kHost}).value().module,
                     Interpreter::Counting::by_module, costs) {}

    /// The limit, less what was spent by the rule; checks that everything which can be seen is equal.
    std::int64_t call(const std::string& function, std::uint32_t argument, std::int64_t limit) {
        const auto expected = original_.call(function, argument, -limit);
        const auto actual = rewritten_.call(function, argument, -limit);
        EXPECT_EQ(actual, expected);
        EXPECT_EQ(std::max<std::int64_t>(0, -rewritten_.counter()), std::max<std::int64_t>(0, -original_.counter()));
        EXPECT_EQ(rewritten_.seen(), original_.seen());
        EXPECT_EQ(rewritten_.memory(), original_.memory());
        EXPECT_EQ(rewritten_.globals(), original_.globals());
        return -original_.counter();
    }

private:
    Interpreter original_;
    Interpreter rewritten_;
};

TEST(Counting, a_rewritten_module_counts_by_the_rule_whatever_the_code) {
    for (std::uint64_t seed = 0; seed < 300 / rues::test::case_share() && !HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        const auto module = test::generate_module(seed, {.simple = true, .traps = seed % 2 == 1});
        Pair pair(module, seed % 3 == 0 ? kEngineCosts : kNetworkCosts);
        for (const std::string& function : module.functions)
            pair.call(function, static_cast<std::uint32_t>(seed), kEnough);
    }
}

TEST(Counting, a_rewritten_module_runs_out_of_gas_at_the_same_place) {
    for (std::uint64_t seed = 0; seed < 60 / rues::test::case_share() && !HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        const auto module = test::generate_module(seed, {.simple = true, .traps = seed % 2 == 1});
        const std::string function = module.functions[seed % module.functions.size()];
        const std::int64_t spent = kEnough - Pair(module).call(function, 1, kEnough);
        const std::int64_t step = std::max<std::int64_t>(1, spent / 40);
        for (std::int64_t limit = 1; limit <= spent + step; limit += step) Pair(module).call(function, 1, limit);
        Pair(module).call(function, 1, spent - 1);
        Pair(module).call(function, 1, spent);
    }
}

}  // namespace
}  // namespace rues::wasm
