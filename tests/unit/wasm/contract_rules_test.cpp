#include <gtest/gtest.h>

#include "unit/wasm/contracts.hpp"

namespace rues::wasm {
namespace {

using namespace test;
using Kind = Refusal::Kind;

TEST(ContractRules, a_contract_tells_what_the_machine_must_know) {
    Assembler module = contract();
    const auto emit = module.type({kI32, kI32, kI32}, {});
    module.import_function("emit", emit);
    module.import_function("self_id", module.type({}, {}));
    const auto own = 2 + module.function(0, code(op::i32_const(0), op::end));
    module.export_function("init", own).export_function("run", own);
    module.active_data(op::i32_const(7), "abc").passive_data("x").active_data(op::i32_const(8), "zz");

    const auto result = prepared(module);

    ASSERT_TRUE(result) << result.error().text;
    EXPECT_EQ(result->functions, (std::vector<Export>{{"init", Export::Arity{1, 1}}, {"run", Export::Arity{1, 1}}}));
    ASSERT_EQ(result->imports.size(), 2U);
    EXPECT_EQ(result->imports[0].name, "emit");
    EXPECT_EQ(result->imports[0].parameters, (std::vector{ValueType::i32, ValueType::i32, ValueType::i32}));
    EXPECT_TRUE(result->imports[0].results.empty());
    EXPECT_EQ(result->imports[1].name, "self_id");
    EXPECT_EQ(result->memory_export, "memory");
    EXPECT_TRUE(result->has_memory);
    EXPECT_FALSE(result->memory64);
    EXPECT_EQ(result->min_pages, 2U);
    EXPECT_EQ(result->max_pages, std::nullopt);
    EXPECT_EQ(result->argument_buffer, 4'096U);
    EXPECT_EQ(result->table_elements, 0U);
    EXPECT_FALSE(result->has_start);
    EXPECT_FALSE(result->reference_types);
    ASSERT_EQ(result->data.size(), 2U);
    EXPECT_EQ(result->data[0].offset, 7U);
    EXPECT_EQ(base::text(result->data[0].bytes), "abc");
    EXPECT_EQ(result->data[1].offset, 8U);
    EXPECT_EQ(base::text(result->data[1].bytes), "zz");
}

TEST(ContractRules, a_64_bit_memory_has_64_bit_addresses) {
    Assembler module = contract(true);
    module.active_data(op::i64_const(9), "abc");

    const auto result = prepared(module);

    ASSERT_TRUE(result) << result.error().text;
    EXPECT_TRUE(result->memory64);
    EXPECT_EQ(result->argument_buffer, 4'096U);
    EXPECT_EQ(result->data.at(0).offset, 9U);
    EXPECT_EQ(refusal_kind(prepared(contract(true).active_data(op::i32_const(9), "abc"))), Kind::malformed);
    EXPECT_EQ(refusal_kind(prepared(contract(false).active_data(op::i64_const(9), "abc"))), Kind::malformed);
}

TEST(ContractRules, the_limits_of_the_memory_are_told) {
    Assembler module;
    module.memory({.min = 3, .max = 70}, true);
    module.export_memory("mem");
    module.global(kI64, false, op::i64_const(0));
    module.export_global("A", 0);

    const auto result = prepared(module);

    ASSERT_TRUE(result) << result.error().text;
    EXPECT_EQ(result->memory_export, "mem");
    EXPECT_EQ(result->min_pages, 3U);
    EXPECT_EQ(result->max_pages, 70U);
}

TEST(ContractRules, exactly_one_export_is_a_memory) {
    Assembler none;
    none.memory({1});
    const auto without = prepared(none);
    const auto twice = prepared(contract().export_memory("again"));

    EXPECT_EQ(refusal_kind(without), Kind::memories);
    EXPECT_EQ(without.error().count, 0U);
    EXPECT_EQ(refusal_kind(twice), Kind::memories);
    EXPECT_EQ(twice.error().count, 2U);
}

TEST(ContractRules, every_exported_function_takes_and_returns_one_i32) {
    const std::pair<Code, Code> wrong[] = {
        {{}, {}},         {{kI32}, {}},           {{}, {kI32}},           {{kI64}, {kI32}},
        {{kI32}, {kI64}}, {{kI32, kI32}, {kI32}}, {{kI32}, {kI32, kI32}},
    };
    for (const auto& [parameters, results] : wrong) {
        Assembler module = contract();
        module.export_function("good", 0).export_function("bad", 1);
        module.function(0, code(op::i32_const(0), op::end));
        module.function(module.type(parameters, results), code(op::unreachable, op::end));

        const auto result = prepared(module);

        EXPECT_EQ(refusal_kind(result), Kind::function);
        EXPECT_EQ(result.error().name, "bad");
    }
}

TEST(ContractRules, an_exported_import_is_an_exported_function) {
    Assembler module = contract();
    module.import_function("self_id", module.type({}, {}));
    module.export_function("own", 0);

    EXPECT_EQ(prepared(module).error().name, "own");
}

TEST(ContractRules, imports_are_known_by_name_whatever_their_type) {
    Assembler known = contract();
    known.import_function("emit", 0);
    Assembler unknown = contract();
    unknown.import_function("emit", 0);
    unknown.import_function("hdebug", 0);

    const auto result = prepared(unknown);

    EXPECT_TRUE(prepared(known));
    EXPECT_EQ(refusal_kind(result), Kind::function);
    EXPECT_EQ(result.error().name, "hdebug");
}

TEST(ContractRules, only_functions_are_imported) {
    const Code kinds[] = {code(1, kFuncref, 0, 1), code(2, 0, 1), code(3, kI32, 0), code(4, 0, 0)};
    for (const Code& kind : kinds) {
        Assembler unknown = contract();
        unknown.import("thing", kind);
        Assembler known = contract();
        known.import("panic", kind);

        const auto result = prepared(unknown);

        EXPECT_EQ(refusal_kind(result), Kind::function);
        EXPECT_EQ(result.error().name, "thing");
        EXPECT_EQ(refusal_kind(prepared(known)), Kind::unsupported);
    }
}

TEST(ContractRules, the_argument_buffer_is_an_immutable_global_of_the_address_type) {
    const auto with = [](std::uint8_t type, bool is_mutable, const Code& value, bool is_64 = false) {
        Assembler module;
        module.memory({2}, is_64);
        module.export_memory("memory");
        module.global(type, is_mutable, value);
        module.export_global("A", 0);
        return prepared(module);
    };
    Assembler none;
    none.memory({1});
    none.export_memory("memory");
    Assembler not_a_global = none;
    not_a_global.type({kI32}, {kI32});
    not_a_global.function(0, code(op::i32_const(0), op::end));
    not_a_global.export_function("A", 0);

    EXPECT_TRUE(with(kI32, false, op::i32_const(0)));
    EXPECT_EQ(refusal_kind(with(kI32, true, op::i32_const(0))), Kind::argument_buffer);
    EXPECT_EQ(refusal_kind(with(kI64, false, op::i64_const(0))), Kind::argument_buffer);
    EXPECT_EQ(refusal_kind(with(kI32, false, op::i32_const(0), true)), Kind::argument_buffer);
    EXPECT_EQ(refusal_kind(prepared(none)), Kind::argument_buffer);
    EXPECT_EQ(refusal_kind(prepared(not_a_global)), Kind::argument_buffer);
    // A + 65,536 must be below 4 GiB; a negative i32 is no address.
    EXPECT_TRUE(with(kI32, false, op::i32_const(0x7fff'ffff)));
    EXPECT_EQ(refusal_kind(with(kI32, false, op::i32_const(-1))), Kind::argument_buffer);
    EXPECT_TRUE(with(kI64, false, op::i64_const(0xfffe'ffff), true));
    EXPECT_EQ(refusal_kind(with(kI64, false, op::i64_const(0xffff'0000), true)), Kind::argument_buffer);
    EXPECT_EQ(refusal_kind(with(kI64, false, op::i64_const(-1), true)), Kind::argument_buffer);
}

TEST(ContractRules, the_nodes_order_decides_which_rule_is_told) {
    Assembler module;  // breaks all four
    module.type({}, {});
    module.import_function("unknown", 0);
    module.memory({1});
    module.export_function("f", 0);
    EXPECT_EQ(refusal_kind(prepared(module)), Kind::memories);
    module.export_memory("memory");
    EXPECT_EQ(prepared(module).error().name, "f");
    Assembler good = contract();
    good.import_function("unknown", 0);
    good.export_global("A", 0);
    EXPECT_EQ(prepared(good).error().name, "unknown");
}

TEST(ContractRules, the_name_of_the_counter_is_reserved) {
    EXPECT_EQ(refusal_kind(prepared(contract().export_global("__gas", 0))), Kind::reserved_name);
    EXPECT_TRUE(prepared(contract().export_global("__gas_", 0)));
}

TEST(ContractRules, data_lies_in_the_initial_memory) {
    const auto at = [](std::int32_t offset, std::string_view bytes) {
        return prepared(contract(false, 1).active_data(op::i32_const(offset), bytes));
    };
    EXPECT_TRUE(at(65'533, "abc"));
    EXPECT_TRUE(at(65'536, ""));
    EXPECT_EQ(refusal_kind(at(65'534, "abc")), Kind::data_out_of_bounds);
    EXPECT_EQ(refusal_kind(at(65'537, "")), Kind::data_out_of_bounds);
    EXPECT_EQ(refusal_kind(at(-1, "a")), Kind::data_out_of_bounds);
    EXPECT_EQ(refusal_kind(prepared(contract(true, 1ULL << 48).active_data(op::i64_const(-1), "ab"))),
              Kind::data_out_of_bounds);
}

TEST(ContractRules, a_start_section_is_told_and_kept) {
    Assembler module = with_body({op::end});
    module.start(0);

    const auto result = prepared(module);

    ASSERT_TRUE(result);
    EXPECT_TRUE(result->has_start);
    EXPECT_EQ(decode(result->module).sections.at(8), Code{0});
}

TEST(ContractRules, the_size_of_all_tables_is_told) {
    Assembler module = contract();
    module.table({30});
    module.table({.min = 12, .max = 20}, kExternref);

    EXPECT_EQ(prepared(module)->table_elements, 42U);
}

TEST(ContractRules, a_driver_need_not_obey_them) {
    Assembler driver;
    driver.memory({1});
    driver.export_memory("memory");
    driver.function(driver.type({kI32, kI32}, {kI32}), code(op::i32_const(0), op::end));
    driver.function(driver.type({kI32, kV128}, {}), code(op::end));
    driver.export_function("alloc", 0).export_function("other", 1);
    driver.active_data(op::i32_const(-1), "abc");

    const auto result = prepare(driver.build(), kNetworkCosts, {.contract = false, .initial_counter = -500});

    ASSERT_TRUE(result) << result.error().text;
    EXPECT_EQ(result->functions, (std::vector<Export>{{"alloc", Export::Arity{2, 1}}, {"other", std::nullopt}}));
    EXPECT_TRUE(result->data.empty());
    const Decoded module = decode(result->module);
    EXPECT_EQ(module.sections.at(11), code(1, 0, op::i32_const(-1), op::end, Assembler::text("abc")));
    EXPECT_EQ(module.sections.at(6), code(1, kI64, 1, op::i64_const(-500), op::end));
}

}  // namespace
}  // namespace rues::wasm
