#include <gtest/gtest.h>

#include "support/wasm_generator.hpp"
#include "wasm/operators.hpp"
#include "wasm/prepare.hpp"

namespace rues::wasm {
namespace {

using test::generate_module;
using test::GeneratorOptions;

constexpr std::array<std::string_view, 1> kHost = {"self_id"};
constexpr std::uint64_t kSeeds = 200;

std::set<std::uint32_t> allowed_operators() {
    std::set<std::uint32_t> out;
    const auto add = [&](const auto& table, std::uint32_t prefix) {
        for (std::uint32_t i = 0; i < table.size(); ++i)
            if (const Form form = table[i].form;
                form != Form::unknown && form != Form::prefix_fc && form != Form::prefix_fd)
                out.insert(prefix << 16 | i);
    };
    add(kOperators, 0);
    add(kBulkOperators, 0xfc);
    add(kVectorOperators, 0xfd);
    return out;
}

TEST(WasmGenerator, its_modules_are_accepted_and_have_every_operator) {
    std::set<std::uint32_t> seen;
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
        const GeneratorOptions options{.memory64 = seed % 4 == 3, .traps = seed % 2 == 1};
        const auto module = generate_module(seed, options);
        const auto prepared = prepare(module.bytes, kNetworkCosts, {.imports = kHost});
        ASSERT_TRUE(prepared) << seed << ": " << prepared.error().text;
        EXPECT_TRUE(std::ranges::equal(prepared->functions, module.functions, {}, &Export::name)) << seed;
        EXPECT_EQ(prepared->memory64, options.memory64);
        seen.insert(module.operators.begin(), module.operators.end());
    }
    EXPECT_EQ(seen, allowed_operators());
}

TEST(WasmGenerator, a_seed_gives_the_same_module_again) {
    EXPECT_EQ(generate_module(7).bytes, generate_module(7).bytes);
    EXPECT_NE(generate_module(7).bytes, generate_module(8).bytes);
}

}  // namespace
}  // namespace rues::wasm
