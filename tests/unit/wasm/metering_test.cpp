#include <gtest/gtest.h>

#include "unit/wasm/contracts.hpp"

namespace rues::wasm {
namespace {

using namespace test;
using Kind = Refusal::Kind;

// `contract()` has one global, so the counter is global 1. A function () -> () without locals counts in local 0.
constexpr std::uint32_t kCounter = 1;

/// A rewritten body: groups of locals, the entry, the operators of the block with the function's results, and the exit.
Code rewritten(const Code& locals, const Code& block, const Code& operators, const Code& save) {
    return code(locals, op::block(), op::global_get(kCounter), op::i64_const(-1), op::i64_ge_s, op::br_if(0), block,
                operators, op::end, save, op::return_, op::end, op::i64_const(0), op::global_set(kCounter),
                op::unreachable, op::end);
}

const Code kOneLocal = {1, 1, kI64};

Code save_local(std::int64_t cost, std::uint32_t local = 0) {
    if (cost == 0) return code(op::local_get(local), op::global_set(kCounter));
    return code(op::local_get(local), op::i64_const(cost), op::i64_add, op::global_set(kCounter));
}
Code save_global(std::int64_t cost) {
    return code(op::global_get(kCounter), op::i64_const(cost), op::i64_add, op::global_set(kCounter));
}
Code to_local(std::int64_t cost = 0) {
    if (cost == 0) return code(op::global_get(kCounter), op::local_set(0));
    return code(op::global_get(kCounter), op::i64_const(cost), op::i64_add, op::local_set(0));
}
Code add(std::int64_t cost) {
    return code(op::local_get(0), op::i64_const(cost), op::i64_add, op::local_set(0));
}
Code check(std::int64_t pending, std::uint32_t label) {
    return code(op::local_get(0), op::i64_const(-pending), op::i64_ge_s, op::br_if(label));
}

/// The rewritten body of the only function.
Code body_of(const Assembler& module) {
    const auto result = prepared(module);
    if (!result) throw std::logic_error(result.error().text);
    return decode(result->module).bodies.at(0);
}
Code body_of(const Code& body) {
    return body_of(with_body(body));
}

/// The whole of a function () -> () with these operators in the block.
Code expected(const Code& operators, const Code& save) {
    return rewritten(kOneLocal, op::block(), operators, save);
}

TEST(Metering, an_empty_function_costs_its_entry) {
    EXPECT_EQ(body_of({op::end}), expected({}, save_global(1)));
}

TEST(Metering, costs_collect_until_they_are_needed) {
    const Code operators = code(op::i32_const(1), op::drop, op::nop, op::i32_const(2), op::drop);
    EXPECT_EQ(body_of(code(operators, op::end)), expected(operators, save_global(3)));
}

TEST(Metering, the_counter_is_saved_before_a_call_and_read_after_it) {
    Assembler module = contract();
    const auto type = module.type({}, {});
    module.import_function("self_id", type);
    module.function(type, code(op::call(0), op::i32_const(1), op::drop, op::call(0), op::end));

    // Between two calls the value stays in the global; after the last nothing is to be added.
    EXPECT_EQ(body_of(module),
              expected(code(save_global(2), op::call(0), op::i32_const(1), op::drop, save_global(2), op::call(0)), {}));
}

TEST(Metering, an_indirect_call_is_a_call) {
    Assembler module = with_body(code(op::i32_const(0), op::call_indirect(1), op::end));
    module.table({1});

    EXPECT_EQ(body_of(module), expected(code(op::i32_const(0), save_global(3), op::call_indirect(1)), {}));
    EXPECT_FALSE(prepared(module)->reference_types);
}

TEST(Metering, return_and_unreachable_save_and_what_follows_is_not_counted) {
    for (const std::uint8_t leave : {op::return_, op::unreachable}) {
        const Code dead = code(op::i32_const(1), op::drop, op::block(), op::loop(), op::end, op::end);
        EXPECT_EQ(body_of(code(op::i32_const(1), op::drop, leave, dead, op::end)),
                  expected(code(op::i32_const(1), op::drop, save_global(2), leave, dead), {}));
    }
}

TEST(Metering, the_first_branch_to_a_label_adds_nothing_and_others_add_the_difference) {
    const Code body = code(op::block(), op::i32_const(1), op::br_if(0), op::i32_const(1), op::br_if(0),
                           op::i32_const(1), op::drop, op::end, op::end);

    // 3 are pending at the first branch, which so becomes the rule of the label.
    EXPECT_EQ(body_of(body), expected(code(op::block(), op::i32_const(1), to_local(), op::br_if(0), op::i32_const(1),
                                           add(2), op::br_if(0), op::i32_const(1), op::drop, add(1), op::end),
                                      save_local(3)));
}

TEST(Metering, a_block_that_no_branch_leaves_needs_nothing) {
    const Code operators = code(op::block(), op::i32_const(1), op::drop, op::end);
    EXPECT_EQ(body_of(code(operators, op::end)), expected(operators, save_global(2)));
}

TEST(Metering, a_branch_to_the_function_passes_the_save) {
    const Code body = code(op::block(), op::br(1), op::end, op::end);

    EXPECT_EQ(body_of(body), expected(code(op::block(), to_local(), op::br(1), op::end), save_local(2)));
}

TEST(Metering, a_loop_checks_at_its_head_with_what_is_pending_there) {
    const Code body = code(op::nop, op::loop(), op::i32_const(0), op::br_if(0), op::end, op::end);

    EXPECT_EQ(body_of(body), expected(code(op::nop, to_local(), op::loop(), check(1, 2), op::i32_const(0), add(2),
                                           op::br_if(0), op::end),
                                      save_local(1)));
}

TEST(Metering, the_check_of_an_inner_loop_leaves_all_blocks) {
    const Code body =
        code(op::block(), op::loop(), op::block(), op::loop(), op::end, op::end, op::end, op::end, op::end);

    EXPECT_EQ(body_of(body), expected(code(op::block(), to_local(), op::loop(), check(1, 3), op::block(), op::loop(),
                                           check(1, 5), op::end, op::end, op::end, op::end),
                                      save_local(1)));
}

TEST(Metering, both_ways_of_an_if_end_with_the_same_value) {
    const Code one_way = code(op::i32_const(1), op::if_(), op::i32_const(1), op::drop, op::end, op::end);
    const Code two_ways = code(op::i32_const(1), op::if_(), op::i32_const(1), op::drop, op::else_, op::i32_const(1),
                               op::drop, op::i32_const(1), op::drop, op::end, op::end);

    EXPECT_EQ(body_of(one_way),
              expected(code(op::i32_const(1), to_local(), op::if_(), op::i32_const(1), op::drop, add(1), op::end),
                       save_local(3)));
    EXPECT_EQ(body_of(two_ways),
              expected(code(op::i32_const(1), to_local(), op::if_(), op::i32_const(1), op::drop, add(1), op::else_,
                            op::i32_const(1), op::drop, op::i32_const(1), op::drop, add(2), op::end),
                       save_local(3)));
}

TEST(Metering, an_else_begins_with_the_value_at_the_if_whatever_the_other_way_did) {
    Assembler module = contract();
    const auto type = module.type({}, {});
    module.import_function("self_id", type);
    module.function(type,
                    code(op::i32_const(1), op::if_(), op::call(0), op::return_, op::else_, op::nop, op::end, op::end));

    EXPECT_EQ(body_of(module), expected(code(op::i32_const(1), to_local(), op::if_(), save_local(4), op::call(0),
                                             op::return_, op::else_, op::nop, op::end),
                                        save_local(3)));
}

TEST(Metering, code_behind_a_block_that_nothing_leaves_is_dead) {
    const Code operators = code(op::block(), save_global(1), op::unreachable, op::end, op::i32_const(1), op::drop);
    EXPECT_EQ(body_of(code(op::block(), op::unreachable, op::end, op::i32_const(1), op::drop, op::end)),
              expected(operators, {}));
}

TEST(Metering, the_targets_of_a_branch_table_share_an_offset) {
    const Code body = code(op::block(), op::block(), op::i32_const(0), op::br_table({0, 1, 2}), op::end,
                           op::i32_const(1), op::drop, op::end, op::end);

    EXPECT_EQ(body_of(body),
              expected(code(op::block(), op::block(), op::i32_const(0), to_local(), op::br_table({0, 1, 2}), op::end,
                            op::i32_const(1), op::drop, add(1), op::end),
                       save_local(3)));
}

TEST(Metering, a_function_whose_branch_table_has_targets_of_different_offsets_adds_at_every_branch) {
    const Code body = code(op::block(), op::block(), op::i32_const(1), op::br_if(0), op::i32_const(1), op::br_if(1),
                           op::i32_const(0), op::br_table({0, 1}), op::end, op::end, op::end);

    EXPECT_EQ(body_of(body),
              expected(code(op::block(), op::block(), op::i32_const(1), to_local(3), op::br_if(0), op::i32_const(1),
                            add(2), op::br_if(1), op::i32_const(0), add(2), op::br_table({0, 1}), op::end, op::end),
                       save_local(0)));
}

TEST(Metering, the_style_of_one_function_does_not_change_the_next) {
    Assembler module = with_body(code(op::block(), op::block(), op::i32_const(1), op::br_if(0), op::i32_const(1),
                                      op::br_if(1), op::i32_const(0), op::br_table({0, 1}), op::end, op::end, op::end));
    module.function(1, code(op::block(), op::i32_const(1), op::br_if(0), op::end, op::end));

    EXPECT_EQ(decode(prepared(module)->module).bodies.at(1),
              expected(code(op::block(), op::i32_const(1), to_local(), op::br_if(0), op::end), save_local(3)));
}

TEST(Metering, an_address_beyond_4_gib_saves_before_it_traps) {
    const Code load = {0x28};
    const auto body = [&](std::uint64_t offset) {
        return code(op::i32_const(0), op::access(load, offset), op::drop, op::end);
    };
    const Code beyond = code(op::i32_const(0), save_global(3), op::access(load, 0xffff'fffd), op::drop);
    const Code within = code(op::i32_const(0), op::access(load, 0xffff'fffc), op::drop);

    EXPECT_EQ(body_of(body(0xffff'fffd)), expected(beyond, {}));
    EXPECT_EQ(body_of(body(0xffff'fffc)), expected(within, save_global(3)));
}

TEST(Metering, the_counter_is_the_last_local_and_the_last_global) {
    Assembler module = contract();
    module.global(kI64, true, op::i64_const(5));
    const auto type = module.type({kI32, kF64}, {});
    module.function(type, code(op::local_get(6), op::drop, op::block(), op::br(0), op::end, op::end),
                    {{2, kI32}, code(leb(300), kF32), {0, kI64}});

    const Decoded out = decode(prepared(module)->module);

    const Code groups = code(4, Code{2, kI32}, code(leb(300), kF32), Code{0, kI64}, Code{1, kI64});
    EXPECT_EQ(out.bodies.at(0),
              code(groups, op::block(), op::global_get(2), op::i64_const(-1), op::i64_ge_s, op::br_if(0), op::block(),
                   op::local_get(6), op::drop, op::block(), op::global_get(2), op::local_set(304), op::br(0), op::end,
                   op::end, op::local_get(304), op::i64_const(3), op::i64_add, op::global_set(2), op::return_, op::end,
                   op::i64_const(0), op::global_set(2), op::unreachable, op::end));
    EXPECT_EQ(out.sections.at(6), code(3, Code{kI32, 0}, op::i32_const(kBuffer), op::end, Code{kI64, 1},
                                       op::i64_const(5), op::end, Code{kI64, 1}, op::i64_const(0), op::end));
    EXPECT_EQ(out.sections.at(7),
              code(3, Assembler::text("memory"), 2, 0, Assembler::text("A"), 3, 0, Assembler::text("__gas"), 3, 2));
}

TEST(Metering, the_body_is_a_block_with_the_results_of_the_function) {
    Assembler module = contract();  // type 0 is (i32) -> i32
    const auto two = module.type({}, {kI32, kF64});
    const auto two_again = module.type({kI32}, {kI32, kF64});
    const auto other = module.type({}, {kI64, kV128, kFuncref});
    const auto unused = module.type({}, {kI32, kI32});
    for (const auto type : {two, two_again, other, two, 0U}) module.function(type, {op::unreachable, op::end});
    (void)unused;

    const Decoded out = decode(prepared(module)->module);

    const Code added = code(0x60, 0, 2, kI32, kF64, 0x60, 0, 3, kI64, kV128, kFuncref);
    Code types = decode(module.build()).sections.at(1);
    types[0] += 2;
    EXPECT_EQ(out.sections.at(1), code(types, added));
    const Code operators = code(save_global(1), op::unreachable);
    const Code expected_types[] = {{0x02, 5}, {0x02, 5}, {0x02, 6}, {0x02, 5}, {0x02, kI32}};
    const std::uint32_t parameters[] = {0, 1, 0, 0, 1};
    (void)parameters;
    for (std::size_t i = 0; i < 5; ++i)
        EXPECT_EQ(out.bodies.at(i), rewritten(kOneLocal, expected_types[i], operators, {})) << i;
}

TEST(Metering, a_large_type_index_is_a_signed_number) {
    Assembler module = contract();
    for (std::uint8_t i = 0; i < 63; ++i) module.type({}, {});
    module.function(module.type({}, {kI32, kI32}), {op::unreachable, op::end});

    EXPECT_EQ(body_of(module),
              rewritten(kOneLocal, code(0x02, signed_leb(65)), code(save_global(1), op::unreachable), {}));
}

TEST(Metering, what_was_unknown_in_the_original_stays_refused) {
    EXPECT_TRUE(prepared(with_body(code(op::block(), op::br(1), op::end, op::end))));
    EXPECT_EQ(refusal_kind(prepared(with_body(code(op::br(1), op::end)))), Kind::malformed);
    EXPECT_EQ(refusal_kind(prepared(with_body(code(op::block(), op::br(2), op::end, op::end)))), Kind::malformed);
    EXPECT_EQ(refusal_kind(prepared(with_body(code(op::i32_const(0), op::br_if(1), op::end)))), Kind::malformed);
    EXPECT_EQ(refusal_kind(prepared(with_body(code(op::i32_const(0), op::br_table({0, 1}), op::end)))),
              Kind::malformed);
    EXPECT_EQ(refusal_kind(prepared(with_body(code(op::i32_const(0), op::br_table({1, 0}), op::end)))),
              Kind::malformed);
    EXPECT_EQ(refusal_kind(prepared(with_body(code(op::return_, op::br(1), op::end)))), Kind::malformed);  // dead, too
    for (const Code& local : {op::local_get(0), op::local_set(0), op::local_tee(0)})
        EXPECT_EQ(refusal_kind(prepared(with_body(code(op::unreachable, local, op::end)))), Kind::malformed);
    for (const Code& global : {op::global_get(kCounter), op::global_set(kCounter)})
        EXPECT_EQ(refusal_kind(prepared(with_body(code(op::unreachable, global, op::end)))), Kind::malformed);
    EXPECT_EQ(refusal_kind(prepared(contract().export_global("x", kCounter))), Kind::malformed);
    EXPECT_EQ(refusal_kind(prepared(with_body(code(op::unreachable, op::call_indirect(2), op::end)))), Kind::malformed);
    EXPECT_EQ(refusal_kind(prepared(with_body(code(0x02, 2, op::end, op::end)))), Kind::malformed);
}

TEST(Metering, a_body_ends_with_its_end) {
    EXPECT_EQ(refusal_kind(prepared(with_body({op::nop}))), Kind::malformed);
    EXPECT_EQ(refusal_kind(prepared(with_body({op::end, op::nop}))), Kind::malformed);
    EXPECT_EQ(refusal_kind(prepared(with_body(code(op::block(), op::end)))), Kind::malformed);
    EXPECT_EQ(refusal_kind(prepared(with_body({}))), Kind::malformed);
    EXPECT_EQ(refusal_kind(prepared(with_body({op::else_, op::end}))), Kind::malformed);
    EXPECT_EQ(refusal_kind(prepared(with_body(code(op::block(), op::else_, op::end, op::end)))), Kind::malformed);
    EXPECT_EQ(
        refusal_kind(prepared(with_body(code(op::i32_const(1), op::if_(), op::else_, op::else_, op::end, op::end)))),
        Kind::malformed);
}

TEST(Metering, block_types_are_known_values_or_types) {
    for (const std::uint8_t type : {kNoValue, kI32, kI64, kF32, kF64, kV128, kFuncref, kExternref, std::uint8_t{1}})
        EXPECT_TRUE(prepared(with_body(code(op::block(type), op::unreachable, op::end, op::drop, op::end))))
            << int{type};
    EXPECT_EQ(refusal_kind(prepared(with_body(code(op::block(0x63), 0x70, op::end, op::end)))), Kind::unsupported);
    EXPECT_EQ(refusal_kind(prepared(with_body(code(0x02, 0xc0, 0x7f, op::end, op::end)))), Kind::unsupported);
}

TEST(Metering, sections_that_are_needed_are_added_in_their_place) {
    Assembler driver;
    driver.function(driver.type({}, {}), {op::end});
    driver.memory({1});
    driver.start(0);

    const auto result = prepare(driver.build(), kNetworkCosts, {.contract = false});

    ASSERT_TRUE(result);
    const Decoded out = decode(result->module);
    EXPECT_EQ(out.order, (std::vector<std::uint8_t>{1, 3, 5, 6, 7, 8, 10}));
    EXPECT_EQ(out.sections.at(6), code(1, kI64, 1, op::i64_const(0), op::end));
    EXPECT_EQ(out.sections.at(7), code(1, Assembler::text("__gas"), 3, 0));
}

TEST(Metering, active_data_becomes_dropped_segments_and_passive_data_stays) {
    Assembler module = contract();
    module.function(module.type({}, {}), code(op::i32_const(0), op::i32_const(0), op::i32_const(1), op::bulk(8), 1, 0,
                                              op::bulk(9), 0, op::end));
    module.count_data();
    module.active_data(op::i32_const(1), "one")
        .passive_data("two")
        .data(code(2, 0, op::i32_const(3), op::end, Assembler::text("three")));

    const auto result = prepared(module);

    ASSERT_TRUE(result) << result.error().text;
    const Decoded out = decode(result->module);
    EXPECT_EQ(out.sections.at(11), code(3, 1, 0, 1, Assembler::text("two"), 1, 0));
    EXPECT_EQ(out.sections.at(12), Code{3});
    EXPECT_EQ(out.order, (std::vector<std::uint8_t>{1, 3, 5, 6, 7, 12, 10, 11}));
    ASSERT_EQ(result->data.size(), 2U);
    EXPECT_EQ(base::text(result->data[1].bytes), "three");
}

TEST(Metering, all_other_sections_are_copied) {
    Assembler module = with_body({op::end});
    module.import_function("self_id", 1);
    module.table({.min = 1, .max = 4});
    module.element(code(0, op::i32_const(0), op::end, 1, 0));
    const Decoded before = decode(module.build());

    const Decoded after = decode(prepared(module)->module);

    for (const std::uint8_t id : Code{1, 2, 3, 4, 5, 9})
        EXPECT_EQ(after.sections.at(id), before.sections.at(id)) << int{id};
}

TEST(Metering, nothing_grows_more_than_the_bound) {
    const auto grows = [](const Assembler& module) {
        const base::Bytes before = module.build();
        const std::size_t after = prepared(module)->module.size();
        EXPECT_LE(after, kMaxGrowth * before.size() + kMaxAdded);
        return static_cast<double>(after) / static_cast<double>(before.size());
    };
    Assembler functions = contract();
    const auto type = functions.type({}, {});
    for (int i = 0; i < 2'000; ++i) functions.function(type, {op::end});
    for (int i = 0; i < 200; ++i) functions.global(kI32, false, op::i32_const(0));
    Assembler results = contract();
    for (std::uint8_t i = 0; i < 100; ++i)
        results.function(results.type({}, Code(i, kI32)), {op::unreachable, op::end});

    EXPECT_GT(grows(functions), 7);
    EXPECT_GT(grows(results), 1);
    const std::vector<Code> locals = {code(leb(20'000), kI32)};
    grows(with_body(code(repeated(op::call(0), 5'000), op::end), locals));
    grows(with_body(code(repeated(code(op::loop(), op::end), 5'000), op::end), locals));
    grows(with_body(code(repeated(code(op::local_get(0), op::br_if(0)), 5'000), op::end), locals));
    grows(with_body(code(repeated({op::unreachable}, 5'000), op::end), locals));
    grows(with_body(
        code(repeated(code(op::block(), op::local_get(0), op::br_if(0), op::unreachable, op::end), 5'000), op::end),
        locals));
    grows(contract());
}

TEST(Metering, nesting_needs_no_stack) {
    constexpr std::size_t kDepth = 1'000'000;
    const auto blocks = prepared(with_body(code(repeated(op::block(), kDepth), repeated({op::end}, kDepth + 1))));
    const auto loops = prepared(with_body(code(repeated(op::loop(), kDepth), repeated({op::end}, kDepth + 1))));
    EXPECT_TRUE(blocks);
    EXPECT_EQ(refusal_kind(loops), Kind::too_large);  // the body is larger than an engine takes
}

TEST(Metering, reference_types_are_noticed) {
    const auto uses = [](const Assembler& module) {
        const auto result = prepared(module);
        if (!result) throw std::logic_error(result.error().text);
        return result->reference_types;
    };
    const auto operators = [&](const Code& body) { return uses(with_body(code(op::unreachable, body, op::end))); };
    EXPECT_FALSE(
        operators(code(op::bulk(12), 0, 0, op::bulk(13), 0, op::bulk(14), 0, 0, op::bulk(10), 0, 0, op::select)));
    EXPECT_TRUE(operators({0x25, 0}));
    EXPECT_TRUE(operators({0x26, 0}));
    EXPECT_TRUE(operators({0x1c, 1, kI32}));
    EXPECT_TRUE(operators({0xd0, kFuncref}));
    EXPECT_TRUE(operators({0xd1}));
    EXPECT_TRUE(operators({0xd2, 0}));
    for (const std::uint32_t number : {15U, 16U, 17U}) EXPECT_TRUE(operators(code(op::bulk(number), 0)));
    EXPECT_TRUE(operators(code(op::block(kExternref), op::unreachable, op::end)));
    EXPECT_FALSE(operators(op::call_indirect(1)));
    EXPECT_TRUE(operators(op::call_indirect(1, 1)));
    EXPECT_TRUE(operators(code(0x11, 1, padded_leb(0, 5))));
    EXPECT_TRUE(uses(with_body({op::end}, {{0, kExternref}})));

    Assembler type = contract();
    type.type({kFuncref}, {});
    EXPECT_TRUE(uses(type));
    Assembler global = contract();
    global.global(kExternref, false, {0xd0, kExternref});
    EXPECT_TRUE(uses(global));
    Assembler table = contract();
    table.table({1});
    EXPECT_FALSE(uses(table));
    table.element(code(1, 0, 0));
    EXPECT_FALSE(uses(table));
    table.element(code(5, kFuncref, 0));
    EXPECT_TRUE(uses(table));
    Assembler two = contract();
    two.table({1});
    two.table({1});
    EXPECT_TRUE(uses(two));
    Assembler externs = contract();
    externs.table({1}, kExternref);
    EXPECT_TRUE(uses(externs));
}

// Prepared::work

std::uint64_t work_of(const Assembler& module) {
    return prepared(module).value().work;
}

TEST(Work, an_operator_that_stands_for_many_values_counts_them_all) {
    const auto calling = [](std::size_t count) {
        const Code hundred(100, kI32);
        Assembler out = contract();
        const std::uint32_t type = out.type(hundred, hundred);
        Code body;
        for (std::uint32_t i = 0; i < 100; ++i) body = code(body, op::local_get(i));
        out.function(type, code(body, repeated(op::call(0), count), op::end));
        return work_of(out);
    };
    const std::uint64_t more = calling(30) - calling(20);

    EXPECT_GE(more, 10U * 200);
    EXPECT_LT(more, 10U * 220);
}

TEST(Work, each_branch_of_a_function_counts_its_locals) {
    const auto with_locals = [](std::uint32_t locals) {
        return work_of(with_body(code(repeated(code(op::block(), op::end), 50), op::end), {code(leb(locals), kI32)}));
    };
    EXPECT_GE(with_locals(1'010) - with_locals(10), 100U * 1'000);
}

// The engine makes a loop of each. 2 MiB of memory.copy would else be taken for less work than an ordinary contract.
TEST(Work, an_operator_on_many_bytes_counts_as_many_others_and_as_a_branch) {
    const auto copying = [](std::size_t count, std::uint32_t locals) {
        const Code copy = code(op::i32_const(0), op::i32_const(0), op::i32_const(0), 0xfc, 10, 0, 0);
        return work_of(with_body(code(repeated(copy, count), op::end), {code(leb(locals), kI32)}));
    };
    EXPECT_GE(copying(20, 1) - copying(10, 1), 10U * 90);
    EXPECT_GE(copying(20, 1'000) - copying(10, 1'000), 10U * 1'000);
}

TEST(Work, each_target_of_a_branch_table_counts) {
    const auto one = with_body(code(op::i32_const(0), op::br_table({0}), op::end));
    const auto nine = with_body(code(op::i32_const(0), op::br_table({0, 0, 0, 0, 0, 0, 0, 0, 0}), op::end));

    EXPECT_EQ(work_of(nine) - work_of(one), 8U);
}

TEST(Work, a_function_or_a_module_beyond_its_limit_is_refused) {
    const Assembler module = with_body(code(op::nop, op::end));
    Limits exact;
    exact.function_work = exact.module_work = work_of(module);
    EXPECT_TRUE(prepared(module, exact));
    Limits function = exact;
    --function.function_work;
    EXPECT_EQ(prepared(module, function).error().text, "function 0 is too complex to be compiled");
    Limits whole = exact;
    --whole.module_work;
    EXPECT_EQ(refusal_kind(prepared(module, whole)), Refusal::Kind::too_large);
}

}  // namespace
}  // namespace rues::wasm
