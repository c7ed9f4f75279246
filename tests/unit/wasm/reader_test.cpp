#include <gtest/gtest.h>

#include <set>

#include "unit/wasm/contracts.hpp"

namespace rues::wasm {
namespace {

using namespace test;
using Kind = Refusal::Kind;

const Code kHeader = {0, 'a', 's', 'm', 1, 0, 0, 0};

/// A driver, so that no rule of contracts hides a rule of the format.
Result<Prepared> read(const Code& module, const Limits& limits = {}) {
    return prepare(std::as_bytes(std::span(module)), kNetworkCosts, {.contract = false, .imports = kHost}, limits);
}

Code section(std::uint8_t id, const Code& content) {
    return code(id, sized(content));
}

template <typename... Sections>
Result<Prepared> sections(const Sections&... all) {
    return read(code(kHeader, all...));
}

const Code kType = section(1, {1, 0x60, 0, 0});
const Code kFunction = section(3, {1, 0});
const Code kMemory = section(5, {1, 0, 1});
const Code kBody = section(10, {1, 2, 0, op::end});

TEST(Reader, a_module_begins_with_magic_and_version_1) {
    EXPECT_TRUE(read(kHeader));
    for (std::size_t length = 0; length < kHeader.size(); ++length)
        EXPECT_EQ(refusal_kind(read(Code(kHeader.begin(), kHeader.begin() + static_cast<std::ptrdiff_t>(length)))),
                  Kind::malformed);
    for (std::size_t i = 0; i < kHeader.size(); ++i) {
        Code other = kHeader;
        ++other[i];
        EXPECT_EQ(refusal_kind(read(other)), Kind::malformed) << i;
    }
}

TEST(Reader, a_module_that_is_cut_off_anywhere_is_refused_or_ends_between_sections) {
    const Code whole = code(kHeader, kType, kFunction, kMemory, kBody);
    ASSERT_TRUE(read(whole));
    std::set<std::size_t> ends;
    for (std::size_t length = 8; length < whole.size(); ++length)
        if (read(Code(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)))) ends.insert(length);
    EXPECT_EQ(ends, (std::set<std::size_t>{8, 8 + kType.size(), 8 + kType.size() + kFunction.size(),
                                           8 + kType.size() + kFunction.size() + kMemory.size()}));
}

TEST(Reader, sections_come_in_order_and_once) {
    EXPECT_TRUE(sections(kType, kFunction, kMemory, section(12, {0}), kBody, section(11, {0})));
    EXPECT_EQ(refusal_kind(sections(kFunction, kType, kBody)), Kind::malformed);
    EXPECT_EQ(refusal_kind(sections(kMemory, kMemory)), Kind::malformed);
    EXPECT_EQ(refusal_kind(sections(kType, kFunction, kBody, section(12, {0}))), Kind::malformed);
    EXPECT_EQ(refusal_kind(sections(section(11, {0}), section(12, {0}))), Kind::malformed);
}

TEST(Reader, unknown_sections_are_refused) {
    EXPECT_EQ(refusal_kind(sections(section(13, {0}))), Kind::unsupported);  // tags
    EXPECT_EQ(refusal_kind(sections(section(14, {0}))), Kind::malformed);
    EXPECT_EQ(refusal_kind(sections(section(0x80, {0}))), Kind::malformed);
}

TEST(Reader, a_section_is_as_long_as_its_content) {
    EXPECT_EQ(refusal_kind(sections(section(1, {1, 0x60, 0, 0, 0}))), Kind::malformed);
    EXPECT_EQ(refusal_kind(sections(section(5, {1, 0, 1, 0}))), Kind::malformed);
    EXPECT_EQ(refusal_kind(sections(section(12, {0, 0}))), Kind::malformed);
    EXPECT_EQ(refusal_kind(sections(kType, kFunction, section(10, {1, 2, 0, op::end, 0}))), Kind::malformed);
    EXPECT_EQ(refusal_kind(sections(section(11, {0, 0}))), Kind::malformed);
    EXPECT_EQ(refusal_kind(sections(code(1, 0x7f, Code{1, 0x60, 0, 0}))), Kind::malformed);
}

TEST(Reader, custom_sections_may_stand_anywhere_and_are_left_out) {
    const Code custom = section(0, code(Assembler::text("name"), Code{1, 2, 3}));

    const auto result = sections(custom, kType, custom, kFunction, kBody, custom);

    ASSERT_TRUE(result);
    EXPECT_EQ(decode(result->module).order, (std::vector<std::uint8_t>{1, 3, 6, 7, 10}));
    EXPECT_EQ(refusal_kind(sections(section(0, {}))), Kind::malformed);
    EXPECT_EQ(refusal_kind(sections(section(0, {5, 'n', 'a'}))), Kind::malformed);
    EXPECT_EQ(refusal_kind(sections(section(0, {1, 0xff}))), Kind::malformed);
}

TEST(Reader, numbers_may_have_leading_zeros_within_five_bytes) {
    EXPECT_TRUE(sections(code(1, padded_leb(11, 5), padded_leb(1, 5), 0x60, padded_leb(0, 2), padded_leb(0, 3))));
    EXPECT_TRUE(sections(kType, kFunction, kMemory,
                         section(10, code(1, sized(code(0, op::i32_const(0), 0x28, padded_leb(2, 5), padded_leb(4, 10),
                                                        op::drop, op::end))))));
    EXPECT_EQ(refusal_kind(sections(code(1, padded_leb(4, 6), Code{1, 0x60, 0, 0}))), Kind::malformed);
    EXPECT_EQ(refusal_kind(sections(section(1, code(0x81, 0x80, 0x80, 0x80, 0x10, Code{0x60, 0, 0})))),
              Kind::malformed);
}

TEST(Reader, signed_numbers_end_with_their_sign) {
    const auto constant = [](std::uint8_t type, const Code& number) {
        return sections(section(6, code(1, type, 0, type == kI32 ? 0x41 : 0x42, number, op::end))).has_value();
    };
    const Code ones(9, 0xff);
    const Code zeros(9, 0x80);
    const Code four_ones(4, 0xff);
    const Code four_zeros(4, 0x80);
    EXPECT_TRUE(constant(kI32, code(four_ones, 0x7f)));
    EXPECT_TRUE(constant(kI32, code(four_zeros, 0x78)));  // -2^31
    EXPECT_TRUE(constant(kI32, code(four_ones, 0x07)));   // 2^31 - 1
    EXPECT_FALSE(constant(kI32, code(four_ones, 0x0f)));
    EXPECT_FALSE(constant(kI32, code(four_zeros, 0x70)));
    EXPECT_FALSE(constant(kI32, code(four_zeros, 0x80, 0)));
    EXPECT_TRUE(constant(kI64, code(ones, 0x7f)));
    EXPECT_TRUE(constant(kI64, code(zeros, 0x7f)));  // -2^63
    EXPECT_TRUE(constant(kI64, code(ones, 0x00)));   // 2^63 - 1
    EXPECT_FALSE(constant(kI64, code(zeros, 0x01)));
    EXPECT_FALSE(constant(kI64, code(ones, 0x7e)));
    EXPECT_FALSE(constant(kI64, code(zeros, 0x80, 0)));
}

TEST(Reader, types_are_functions_of_known_values) {
    EXPECT_TRUE(sections(section(1, {1, 0x60, 7, kI32, kI64, kF32, kF64, kV128, kFuncref, kExternref, 0})));
    EXPECT_EQ(refusal_kind(sections(section(1, {1, 0x5f, 0, 0}))), Kind::unsupported);        // a struct
    EXPECT_EQ(refusal_kind(sections(section(1, {1, 0x60, 1, 0x69, 0}))), Kind::unsupported);  // exnref
    EXPECT_EQ(refusal_kind(sections(section(1, {1, 0x60, 0, 2, 0x63, 0x70}))), Kind::unsupported);
}

TEST(Reader, tables_memories_and_globals_have_known_flags) {
    EXPECT_TRUE(sections(section(4, {1, kFuncref, 0, 1})));
    EXPECT_TRUE(sections(section(4, {1, kExternref, 1, 1, 2})));
    EXPECT_EQ(refusal_kind(sections(section(4, {1, kFuncref, 4, 1}))), Kind::unsupported);  // 64-bit table
    EXPECT_EQ(refusal_kind(sections(section(4, {1, kI32, 0, 1}))), Kind::unsupported);
    EXPECT_EQ(refusal_kind(sections(section(4, {1, 0x40, 0, kFuncref, 0, 1, 0xd0, kFuncref, op::end}))),
              Kind::unsupported);
    EXPECT_TRUE(sections(section(5, {1, 5, 1, 2})));
    EXPECT_TRUE(sections(section(5, {0})));
    EXPECT_EQ(refusal_kind(sections(section(5, {1, 3, 1, 2}))), Kind::unsupported);     // shared
    EXPECT_EQ(refusal_kind(sections(section(5, {1, 8, 1, 0}))), Kind::unsupported);     // custom page size
    EXPECT_EQ(refusal_kind(sections(section(5, {2, 0, 1, 0, 1}))), Kind::unsupported);  // a second memory
    EXPECT_TRUE(sections(section(6, code(1, kI32, 1, op::i32_const(1), op::end))));
    EXPECT_EQ(refusal_kind(sections(section(6, code(1, kI32, 2, op::i32_const(1), op::end)))), Kind::unsupported);
}

TEST(Reader, a_constant_expression_is_one_constant) {
    const auto global = [](std::uint8_t type, const Code& value) {
        return sections(section(6, code(2, kI32, 0, op::i32_const(1), op::end, type, 0, value, op::end)));
    };
    EXPECT_TRUE(global(kF32, {0x43, 1, 2, 3, 4}));
    EXPECT_TRUE(global(kF64, {0x44, 1, 2, 3, 4, 5, 6, 7, 8}));
    EXPECT_TRUE(global(kV128, code(op::vector(12), Code(16, 1))));
    EXPECT_TRUE(global(kFuncref, {0xd0, kFuncref}));
    EXPECT_TRUE(global(kExternref, {0xd0, kExternref}));
    EXPECT_TRUE(global(kFuncref, {0xd2, 0}));
    EXPECT_EQ(refusal_kind(global(kI32, op::global_get(0))), Kind::unsupported);
    EXPECT_EQ(refusal_kind(global(kI32, code(op::i32_const(1), op::i32_const(1), op::i32_add))), Kind::unsupported);
    EXPECT_EQ(refusal_kind(global(kI32, {})), Kind::unsupported);
    EXPECT_EQ(refusal_kind(global(kV128, code(op::vector(0x0e)))), Kind::unsupported);
    EXPECT_EQ(refusal_kind(global(kFuncref, {0xd0, kI32})), Kind::unsupported);
    EXPECT_EQ(refusal_kind(global(kI64, op::i32_const(1))), Kind::malformed);
    EXPECT_EQ(
        refusal_kind(sections(section(4, {1, kFuncref, 0, 1}), section(9, code(1, 0, op::global_get(0), op::end, 0)))),
        Kind::unsupported);
    EXPECT_EQ(refusal_kind(sections(kMemory, section(11, code(1, 0, op::global_get(0), op::end, 0)))),
              Kind::unsupported);
}

TEST(Reader, segments_have_known_flags) {
    const Code table = section(4, {1, kFuncref, 0, 1});
    const Code at_0 = code(op::i32_const(0), op::end);
    const Code null = {0xd0, kFuncref, op::end};
    const auto element = [&](const Code& segment) { return sections(table, section(9, code(1, segment))); };
    EXPECT_TRUE(element(code(0, at_0, 1, 0)));
    EXPECT_TRUE(element(code(1, 0, 1, 0)));
    EXPECT_TRUE(element(code(2, 0, at_0, 0, 1, 0)));
    EXPECT_TRUE(element(code(3, 0, 1, 0)));
    EXPECT_TRUE(element(code(4, at_0, 1, null)));
    EXPECT_TRUE(element(code(5, kFuncref, 1, null)));
    EXPECT_TRUE(element(code(6, 0, at_0, kFuncref, 1, null)));
    EXPECT_TRUE(element(code(7, kFuncref, 1, null)));
    EXPECT_EQ(refusal_kind(element(code(8, at_0, 1, 0))), Kind::unsupported);
    EXPECT_EQ(refusal_kind(element(code(1, 1, 1, 0))), Kind::unsupported);
    EXPECT_EQ(refusal_kind(element(code(5, kI32, 1, null))), Kind::unsupported);
    EXPECT_EQ(refusal_kind(element(code(4, at_0, 1, op::i32_const(1), op::i32_const(1), op::end))), Kind::unsupported);

    const auto data = [&](const Code& segment) { return sections(kMemory, section(11, code(1, segment))); };
    EXPECT_TRUE(data(code(0, at_0, 1, 'x')));
    EXPECT_TRUE(data(code(1, 1, 'x')));
    EXPECT_TRUE(data(code(2, 0, at_0, 1, 'x')));
    EXPECT_EQ(refusal_kind(data(code(2, 1, at_0, 1, 'x'))), Kind::malformed);
    EXPECT_EQ(refusal_kind(data(code(3, at_0, 1, 'x'))), Kind::unsupported);
    EXPECT_EQ(refusal_kind(data(code(0, at_0, 2, 'x'))), Kind::malformed);
    EXPECT_EQ(refusal_kind(sections(section(11, code(1, 0, at_0, 0)))), Kind::malformed);
}

TEST(Reader, indices_of_functions_and_exports_exist) {
    EXPECT_EQ(refusal_kind(sections(kType, section(3, {1, 1}))), Kind::malformed);
    EXPECT_EQ(refusal_kind(sections(kType, section(2, code(1, Assembler::text("e"), Assembler::text("emit"), 0, 1)))),
              Kind::malformed);
    for (const std::uint8_t kind : Code{0, 1, 2, 3})
        EXPECT_EQ(refusal_kind(sections(section(7, code(1, Assembler::text("x"), kind, 0)))), Kind::malformed);
    EXPECT_EQ(refusal_kind(sections(section(7, code(1, Assembler::text("x"), 4, 0)))), Kind::unsupported);
    EXPECT_EQ(refusal_kind(sections(section(7, code(1, 1, 0xff, 0, 0)))), Kind::malformed);  // not UTF-8
}

TEST(Reader, functions_and_bodies_are_as_many) {
    EXPECT_EQ(refusal_kind(sections(kType, kFunction, section(10, {0}))), Kind::malformed);
    EXPECT_EQ(refusal_kind(sections(kType, kBody)), Kind::malformed);
    EXPECT_EQ(refusal_kind(sections(kType, kFunction, section(10, {1, 3, 0, op::end}))), Kind::malformed);
}

TEST(Reader, a_count_beyond_the_bytes_that_are_left_allocates_nothing) {
    const Code huge = leb(0xffff'ffff);
    for (const std::uint8_t id : Code{1, 2, 3, 4, 6, 7, 9, 11})
        EXPECT_EQ(refusal_kind(sections(section(id, huge))), Kind::malformed) << int{id};
    EXPECT_EQ(refusal_kind(sections(section(1, code(1, 0x60, huge)))), Kind::malformed);
    EXPECT_EQ(refusal_kind(sections(section(9, code(1, 0, op::i32_const(0), op::end, huge)))), Kind::malformed);
    EXPECT_EQ(refusal_kind(prepared(with_body(code(0x0e, huge, op::end)))), Kind::malformed);
    EXPECT_EQ(refusal_kind(prepared(with_body({op::end}, {code(huge, kI32)}))), Kind::too_large);
}

struct LimitCase {
    const char* name;
    std::uint32_t Limits::* limit;
    Code module;         ///< reaches the limit
    std::uint32_t most;  ///< the limit that it reaches
};

TEST(Reader, every_limit_is_kept) {
    const Code name = Assembler::text("emit");
    const Code import = code(Assembler::text(""), name, 0, 0);
    const Code global = code(kI32, 0, op::i32_const(0), op::end);
    const Code null_items = code(op::i32_const(0), op::end, 2, 0, 0);
    const Code table = section(4, {1, kFuncref, 0, 2});
    const LimitCase cases[] = {
        {"types", &Limits::types, section(1, {2, 0x60, 0, 0, 0x60, 0, 0}), 2},
        {"parameters", &Limits::parameters, section(1, {1, 0x60, 2, kI32, kI32, 0}), 2},
        {"results", &Limits::results, section(1, {1, 0x60, 0, 2, kI32, kI32}), 2},
        {"imports", &Limits::imports, code(kType, section(2, code(2, import, import))), 2},
        {"functions", &Limits::functions, code(kType, section(2, code(1, import)), kFunction, kBody), 2},
        {"tables", &Limits::tables, section(4, {2, kFuncref, 0, 1, kFuncref, 0, 1}), 2},
        {"table_elements", &Limits::table_elements, section(4, {1, kFuncref, 0, 9}), 9},
        {"items", &Limits::table_elements, code(table, section(9, code(1, 0, null_items))), 2},
        {"globals", &Limits::globals, section(6, code(2, global, global)), 2},
        {"exports", &Limits::exports,
         code(kMemory, section(7, code(2, Assembler::text("a"), 2, 0, Assembler::text("b"), 2, 0))), 2},
        {"element_segments", &Limits::element_segments, code(table, section(9, code(2, 0, null_items, 0, null_items))),
         2},
        {"data_segments", &Limits::data_segments, section(11, {2, 1, 0, 1, 0}), 2},
        {"name_bytes", &Limits::name_bytes, code(kMemory, section(7, code(1, Assembler::text("12345"), 2, 0))), 5},
        {"custom name_bytes", &Limits::name_bytes, section(0, Assembler::text("12345")), 5},
        {"locals", &Limits::locals, code(kType, kFunction, section(10, code(1, sized({1, 5, kI32, op::end})))), 5},
        {"parameters as locals", &Limits::locals,
         code(section(1, {1, 0x60, 2, kI32, kI32, 0}), kFunction, section(10, code(1, sized({1, 1, kI32, op::end})))),
         3},
        {"branch_targets", &Limits::branch_targets,
         code(kType, kFunction,
              section(10, code(1, sized(code(0, op::i32_const(0), op::br_table({0, 0, 0}), op::end))))),
         2},
    };
    for (const LimitCase& limit : cases) {
        Limits limits;
        limits.*limit.limit = limit.most;
        const Code module = code(kHeader, limit.module);
        const auto good = read(module, limits);
        EXPECT_TRUE(good) << limit.name << ": " << good.error().text;
        limits.*limit.limit = limit.most - 1;
        EXPECT_EQ(refusal_kind(read(module, limits)), Kind::too_large) << limit.name;
    }
}

TEST(Reader, the_limits_of_bytes_are_kept) {
    const Code module = code(kHeader, kType, kFunction, kBody);
    Limits limits;
    limits.bytes = module.size();
    EXPECT_TRUE(read(module, limits));
    limits.bytes = module.size() - 1;
    EXPECT_EQ(refusal_kind(read(module, limits)), Kind::too_large);

    const auto bytes = static_cast<std::uint32_t>(decode(read(module)->module).bodies.at(0).size());
    limits = {};
    limits.function_bytes = bytes;
    EXPECT_TRUE(read(module, limits));
    limits.function_bytes = bytes - 1;
    EXPECT_EQ(refusal_kind(read(module, limits)), Kind::too_large);
}

TEST(Reader, added_types_count_too) {
    const Code module = code(kHeader, section(1, {1, 0x60, 0, 2, kI32, kI32}), kFunction, kBody);
    Limits limits;
    limits.types = 2;
    EXPECT_TRUE(read(module, limits));
    limits.types = 1;
    EXPECT_EQ(refusal_kind(read(module, limits)), Kind::too_large);
}

TEST(Reader, a_refusal_tells_the_place) {
    EXPECT_EQ(sections(section(5, {1, 8, 1, 0})).error().text, "memory with unknown flags at byte 12");
}

}  // namespace
}  // namespace rues::wasm
