#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/encoding.hpp"
#include "support/wasm_signatures.hpp"
#include "unit/wasm/contracts.hpp"

namespace rues::wasm {
namespace {

using namespace test;
using Kind = Refusal::Kind;

/// What the operators add to the counter: they stand alone in a function, and the reader does not check their operands.
std::optional<std::int64_t> cost_of(const Code& operators, const CostTable& costs) {
    const auto result = prepare(with_body(code(operators, op::end)).build(), costs, {.imports = kHost});
    if (!result) return std::nullopt;
    const Code body = decode(result->module).bodies.at(0);
    const Code begin = code(Code{1, 1, kI64}, op::block(), op::global_get(1), op::i64_const(-costs.entry), op::i64_ge_s,
                            op::br_if(0), op::block(), operators, op::end, op::global_get(1));
    EXPECT_TRUE(std::equal(begin.begin(), begin.end(), body.begin()));
    Decoder decoder(body, begin.size());
    EXPECT_EQ(decoder.byte(), 0x42);
    return decoder.signed_leb() - costs.entry;
}

Code with_immediates(const Signature& signature) {
    Code out = signature.code;
    if (signature.width != 0) out = code(out, 0, 0);
    if (signature.lanes != 0) out = code(out, 0);
    return code(out, Code(signature.literal, 0));
}

// docs/reference/machine.md 2.1
std::int64_t network_cost(const Code& operation) {
    static const std::map<std::uint8_t, std::int64_t> stores = {
        {0x36, 16}, {0x37, 32}, {0x38, 16}, {0x39, 32}, {0x3a, 16}, {0x3b, 16}, {0x3c, 32}, {0x3d, 32}, {0x3e, 32}};
    const auto scalar = stores.find(operation[0]);
    if (scalar != stores.end()) return scalar->second;
    const bool vector_store = operation[0] == 0xfd &&
                              (operation[1] == 0x0b || (operation[1] >= 0x58 && operation[1] <= 0x5b)) &&
                              (operation.size() < 3 || operation[1] < 0x80);
    return vector_store ? 64 : 1;
}

/// Operators without a signature, that neither branch nor call.
const std::vector<Code>& other_operators() {
    static const std::vector<Code> out = {
        {0x1b},
        {0x1c, 1, kI32},
        op::global_get(0),
        op::global_set(0),
        {0x25, 0},
        {0x26, 0},
        {0x3f, 0},
        {0x40, 0},
        op::i32_const(-100'000),
        op::i64_const(INT64_MIN),
        {0x43, 1, 2, 3, 4},
        {0x44, 1, 2, 3, 4, 5, 6, 7, 8},
        {0xd0, kFuncref},
        {0xd1},
        {0xd2, 0},
        code(op::bulk(8), 0, 0),
        code(op::bulk(9), 0),
        code(op::bulk(10), 0, 0),
        code(op::bulk(11), 0),
        code(op::bulk(12), 0, 0),
        code(op::bulk(13), 0),
        code(op::bulk(14), 0, 0),
        code(op::bulk(15), 0),
        code(op::bulk(16), 0),
        code(op::bulk(17), 0),
    };
    return out;
}

std::vector<Code> all_operators() {
    std::vector<Code> out = other_operators();
    for (const Signature& signature : signatures(true)) out.push_back(with_immediates(signature));
    return out;
}

std::string hex(const Code& operation) {
    return base::to_hex(std::as_bytes(std::span(operation)));
}

TEST(Operators, cost_what_the_network_says) {
    for (const Code& operation : all_operators())
        EXPECT_EQ(cost_of(operation, kNetworkCosts), network_cost(operation)) << hex(operation);
}

TEST(Operators, cost_1_each_with_the_engines_table) {
    for (const Code& operation : all_operators()) EXPECT_EQ(cost_of(operation, kEngineCosts), 1) << hex(operation);
}

TEST(Operators, nop_drop_and_the_structure_of_the_code_are_free) {
    for (const CostTable& costs : {kNetworkCosts, kEngineCosts}) {
        EXPECT_EQ(cost_of({op::nop}, costs), 0);
        EXPECT_EQ(cost_of({op::drop}, costs), 0);
        EXPECT_EQ(cost_of(code(op::block(), op::end), costs), 0);
    }
}

TEST(Operators, a_cost_table_is_a_parameter) {
    const CostTable costs{.entry = 300, .plain = 7, .store_32 = 11, .store_64 = 13, .store_128 = 17};
    EXPECT_EQ(cost_of({op::nop}, costs), 0);
    EXPECT_EQ(cost_of({0x45}, costs), 7);
    EXPECT_EQ(cost_of(op::access({0x36}), costs), 11);
    EXPECT_EQ(cost_of(op::access({0x37}), costs), 13);
    EXPECT_EQ(cost_of(op::access(op::vector(0x0b)), costs), 17);
}

TEST(Operators, the_known_ones_are_those_of_the_allowed_proposals) {
    std::set<Code> known;
    for (const Code& operation : all_operators()) {
        const std::size_t length = operation[0] != 0xfc && operation[0] != 0xfd ? 1 : operation[1] < 0x80 ? 2 : 3;
        known.insert({operation.begin(), operation.begin() + static_cast<std::ptrdiff_t>(length)});
    }
    // With locals, branches, calls, and what is free.
    const Code control = {0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x0b, 0x0c, 0x0d, 0x0e,
                          0x0f, 0x10, 0x11, 0x1a, 0x20, 0x21, 0x22, 0xfc, 0xfd};
    const auto refused = [](const Code& operation) {
        const auto result = prepared(with_body(code(operation, Code(20, 0), op::end)));
        return !result && result.error().kind == Kind::unsupported &&
               result.error().text.starts_with("unknown operator");
    };
    for (std::uint32_t first = 0; first < 256; ++first) {
        const Code operation = code(first);
        const bool is_known = known.contains(operation) || std::ranges::find(control, first) != control.end();
        EXPECT_EQ(refused(operation), !is_known) << hex(operation);
    }
    for (const std::uint32_t prefix : {0xfcU, 0xfdU}) {
        for (std::uint32_t number = 0; number < 600; ++number) {
            const Code operation = code(prefix, leb(number));
            EXPECT_EQ(refused(operation), !known.contains(operation)) << hex(operation);
        }
        EXPECT_TRUE(refused(code(prefix, leb(0xffff'ffff))));
    }
    // MVP, sign extension, saturating conversions, bulk memory, reference types, SIMD, relaxed SIMD; 2 are prefixes
    EXPECT_EQ(known.size() + control.size() - 2, 172U + 5 + 8 + 7 + 9 + 236 + 20);
}

TEST(Operators, a_number_of_an_operator_may_have_leading_zeros) {
    EXPECT_EQ(cost_of(code(0xfc, padded_leb(11, 5), 0), kNetworkCosts), 1);
    EXPECT_EQ(cost_of(code(0xfd, padded_leb(0x0b, 3), 0, 0), kNetworkCosts), 64);
}

TEST(Operators, an_access_that_ends_beyond_4_gib_saves_the_counter_and_one_that_ends_there_does_not) {
    for (const Signature& signature : signatures(true)) {
        if (signature.width == 0) continue;
        const auto saves = [&](std::uint64_t end) {
            const Code access = code(op::access(signature.code, end - signature.width), Code(signature.lanes != 0, 0));
            const Code body = decode(prepared(with_body(code(access, op::end)))->module).bodies.at(0);
            const Code saved = code(op::global_set(1), access);
            return !std::ranges::search(body, saved).empty();
        };
        EXPECT_FALSE(saves(kAddressSpace)) << hex(signature.code);
        EXPECT_TRUE(saves(kAddressSpace + 1)) << hex(signature.code);
    }
}

TEST(Operators, operands_must_be_whole) {
    for (const Code& operation : all_operators()) {
        for (std::size_t length = 1; length < operation.size(); ++length) {
            const Code part(operation.begin(), operation.begin() + static_cast<std::ptrdiff_t>(length));
            EXPECT_FALSE(prepared(with_body(part))) << hex(part);
        }
    }
}

TEST(Operators, the_memory_may_be_named_if_it_is_the_first) {
    EXPECT_EQ(cost_of({0x28, 0x42, 0, 0}, kNetworkCosts), 1);
    EXPECT_EQ(cost_of({0x28, 0x42, 1, 0}, kNetworkCosts), std::nullopt);
    EXPECT_EQ(cost_of({0x28, 0x80, 0x01, 0}, kNetworkCosts), std::nullopt);
}

TEST(Operators, a_select_names_one_type) {
    EXPECT_FALSE(prepared(with_body({0x1c, 0, op::end})));
    EXPECT_FALSE(prepared(with_body({0x1c, 2, kI32, kI32, op::end})));
    EXPECT_FALSE(prepared(with_body({0x1c, 1, 0x69, op::end})));
    EXPECT_FALSE(prepared(with_body({0xd0, kI32, op::end})));
}

}  // namespace
}  // namespace rues::wasm
