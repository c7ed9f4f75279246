// Calls: limits, failure and what it takes back. docs/reference/machine.md 1.3 to 1.5.
#include "unit/vm/fixture.hpp"

namespace rues::vm {
namespace {

using namespace test;
using Kind = Failure::Kind;

class Calls : public CallTest {
protected:
    static constexpr std::uint32_t kPlace = 40'000;  ///< an address in the data page that nothing uses
};

constexpr std::int32_t kPanic = -1, kOutOfGas = -2, kDoesNotExist = -3;
constexpr std::int32_t kUnknown = std::numeric_limits<std::int32_t>::min();

TEST_F(Calls, a_call_answers_what_the_contract_returned_and_what_it_spent) {
    auto session = block();
    const auto receipt = call(session, "echo", bytes("hello"));

    ASSERT_TRUE(receipt.has_value());
    EXPECT_EQ(receipt->data, bytes("hello"));
    EXPECT_EQ(receipt->gas_spent, 2U);  // the entry of the function and local.get
}

TEST_F(Calls, what_a_call_writes_stays_for_the_next_one) {
    auto session = block();
    ASSERT_TRUE(call(session, "put", words({kPlace, 7})));

    EXPECT_EQ(get(session, kPlace), 7U);
}

TEST_F(Calls, a_missing_contract_a_missing_function_and_init_are_errors) {
    auto session = block();

    EXPECT_EQ(kind(call(session, "echo", {}, kGas, 99)), Kind::does_not_exist);
    const auto missing = call(session, "no such function");
    EXPECT_EQ(kind(missing), Kind::unknown);
    EXPECT_EQ(missing.error().text, kNoFunction);
    EXPECT_EQ(kind(call(session, "init")), Kind::unknown);
    EXPECT_EQ(kind(call(session, "A")), Kind::unknown);
    EXPECT_EQ(kind(call(session, "memory")), Kind::unknown);
}

TEST_F(Calls, an_argument_may_fill_the_buffer_and_not_more) {
    auto session = block();

    EXPECT_EQ(call(session, "echo", Bytes(65'536, std::byte{1}))->data, Bytes(65'536, std::byte{1}));
    EXPECT_EQ(kind(call(session, "echo", Bytes(65'537))), Kind::unknown);
}

TEST_F(Calls, a_returned_length_beyond_the_buffer_is_an_error) {
    auto session = block();

    EXPECT_TRUE(call(session, "long", words({65'536})).has_value());
    EXPECT_EQ(kind(call(session, "long", words({65'537}))), Kind::unknown);
    EXPECT_EQ(kind(call(session, "long", words({0xffffffff}))), Kind::unknown);
    EXPECT_EQ(code_of(*nested(session, 2, "long", words({65'537}))), kUnknown);
}

TEST_F(Calls, a_failed_call_leaves_no_trace) {
    auto session = block();
    ASSERT_TRUE(call(session, "put", words({kPlace, 7})));
    EXPECT_EQ(kind(call(session, "put_and_trap", words({kPlace, 8}))), Kind::unknown);

    EXPECT_EQ(get(session, kPlace), 7U);
    auto untouched = block();
    EXPECT_EQ(kind(call(untouched, "put_and_trap", words({kPlace, 8}))), Kind::unknown);
    EXPECT_EQ(std::move(untouched).commit()->state->root(), state_->root());
}

TEST_F(Calls, a_loop_without_end_is_out_of_gas) {
    auto session = block();

    EXPECT_EQ(kind(call(session, "spin", {}, 1'000'000)), Kind::out_of_gas);
}

TEST_F(Calls, an_error_while_no_gas_is_left_is_out_of_gas) {
    auto session = block();
    // The function costs two: its entry and the operator `unreachable`, which is free.
    EXPECT_EQ(kind(call(session, "trap", {}, 2)), Kind::unknown);
    EXPECT_EQ(kind(call(session, "trap", {}, 1)), Kind::out_of_gas);
}

TEST_F(Calls, gas_that_is_overrun_after_the_last_check_is_spent_to_the_limit) {
    auto session = block();
    const auto all = call(session, "self_id");
    const auto overrun = call(session, "self_id", {}, 2);

    EXPECT_EQ(all->gas_spent, 3U);
    ASSERT_TRUE(overrun.has_value());  // checked at the entry only: docs/reference/machine.md 2.1
    EXPECT_EQ(overrun->gas_spent, 2U);
    EXPECT_EQ(kind(call(session, "self_id", {}, 1)), Kind::out_of_gas);
}

TEST_F(Calls, a_limit_beyond_63_bits_counts_in_whole) {
    auto session = block();
    constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
    const auto receipt = call(session, "limit", {}, kMost);
    const auto spent = call(session, "spent", {}, kMost);

    EXPECT_EQ(base::load_le<std::uint64_t>(receipt->data.data()), kMost);
    EXPECT_EQ(base::load_le<std::uint64_t>(spent->data.data()), 3U);
}

TEST_F(Calls, a_nested_call_returns_the_callees_answer) {
    auto session = block();
    const auto receipt = nested(session, 2, "echo", bytes("hello"));

    EXPECT_EQ(code_of(*receipt), 5);
    EXPECT_EQ(base::to_bytes(ByteView(receipt->data).subspan(4)), bytes("hello"));
}

TEST_F(Calls, without_a_limit_93_percent_of_the_rest_are_passed_on) {
    auto session = block();
    const auto limit_of = [&](std::uint64_t wanted, std::uint64_t gas) {
        const auto receipt = call(session, "call", call_argument(contract_id(2), "limit", {}, wanted), gas).value();
        return base::load_le<std::uint64_t>(receipt.data.data() + 4);
    };
    const std::uint64_t passed = limit_of(0, kGas);
    const std::uint64_t rest = kGas - 30;  // the operators of the proxy's `call` up to the import, and its entry

    EXPECT_EQ(passed, rest / 100 * 93 + rest % 100 * 93 / 100);
    EXPECT_EQ(limit_of(rest, kGas), passed);  // not below what is left
    EXPECT_EQ(limit_of(rest - 1, kGas), rest - 1);
    EXPECT_EQ(limit_of(5'000, kGas), 5'000U);
}

TEST_F(Calls, the_caller_pays_what_a_successful_callee_spent) {
    auto session = block();
    const auto cheap = nested(session, 2, "echo", {}, 1'000'000);
    const auto dear = nested(session, 2, "size", {}, 1'000'000);

    EXPECT_EQ(cheap->gas_spent + 18, dear->gas_spent);  // 20 for `size` with its store, 2 for `echo`
}

TEST_F(Calls, the_caller_pays_the_whole_limit_of_a_callee_that_failed) {
    auto session = block();
    const auto fine = nested(session, 2, "echo", {}, 500'000);
    const auto failed = nested(session, 2, "trap", {}, 500'000);

    EXPECT_EQ(code_of(*failed), kUnknown);
    EXPECT_NEAR(static_cast<double>(failed->gas_spent), static_cast<double>(fine->gas_spent + 500'000), 20);
}

TEST_F(Calls, a_call_that_fails_before_the_callee_is_entered_is_free) {
    auto session = block();
    const auto failed = nested(session, 99, "echo", {}, 500'000);

    EXPECT_EQ(code_of(*failed), kDoesNotExist);
    EXPECT_LT(failed->gas_spent, 1'000U);
}

TEST_F(Calls, each_kind_of_failure_has_its_code) {
    auto session = block();
    const auto panicked = nested(session, 2, "panic", bytes("oh"), 100'000);

    EXPECT_EQ(code_of(*panicked), kPanic);
    EXPECT_EQ(word_at(panicked->data, 4), 2U);
    EXPECT_EQ(base::to_bytes(ByteView(panicked->data).subspan(8, 2)), bytes("oh"));
    EXPECT_EQ(code_of(*nested(session, 2, "spin", {}, 100'000)), kOutOfGas);
    EXPECT_EQ(code_of(*nested(session, 99, "echo", {}, 100'000)), kDoesNotExist);
    EXPECT_EQ(code_of(*nested(session, 2, "trap", {}, 100'000)), kUnknown);
    EXPECT_EQ(code_of(*nested(session, 2, "init", {}, 100'000)), kUnknown);
    EXPECT_EQ(code_of(*nested(session, 2, "no such function", {}, 100'000)), kUnknown);
    EXPECT_EQ(code_of(*nested(session, 2, "panic", bytes("\xff"), 100'000)), kUnknown);
    EXPECT_EQ(code_of(*nested(session, 2, "\xff", {}, 100'000)), kUnknown);
}

TEST_F(Calls, a_panic_whose_text_does_not_fit_into_the_callers_buffer_is_unknown) {
    auto session = block();
    TestContract panicking;
    for (const auto& [name, length] : {std::pair{"fits", 65'532}, std::pair{"is_too_long", 65'533}})
        panicking.function(name,
                           code(op::i32_const(TestContract::kArgument), op::i32_const('a'), op::i32_const(65'536),
                                op32::memory_fill, op::i32_const(length), panicking.import("panic"), op::i32_const(0)));
    ASSERT_TRUE(session.deploy(contract_id(9), panicking.build(), {}, {}, kGas));

    EXPECT_EQ(code_of(*nested(session, 9, "fits", {}, 100'000)), kPanic);
    EXPECT_EQ(code_of(*nested(session, 9, "is_too_long", {}, 100'000)), kUnknown);
}

TEST_F(Calls, calls_nest_48_deep) {
    auto session = block();
    const auto depth = [&](std::size_t levels) {
        Bytes argument = call_argument(contract_id(1), "echo", {});
        for (std::size_t i = 2; i < levels; ++i) argument = call_argument(contract_id(1), "call", argument);
        return call(session, "call", argument, kGas * 100);
    };
    /// The proxies put their codes in front of each other; the innermost is the last.
    const auto innermost = [](const Receipt& receipt, std::size_t levels) {
        return static_cast<std::int32_t>(word_at(receipt.data, (levels - 2) * 4));
    };

    EXPECT_EQ(innermost(*depth(48), 48), 0);
    EXPECT_EQ(innermost(*depth(49), 49), kUnknown);
}

TEST_F(Calls, a_failed_callee_and_all_it_called_are_put_back) {
    auto session = block();
    ASSERT_TRUE(call(session, "put", words({kPlace, 1}), kGas, 3));
    // 2 calls 3, which writes; then 2 fails.
    TestContract failing;
    const std::int32_t argument = failing.data(base::text(words({kPlace, 2})));
    const std::int32_t id = failing.data(base::text(contract_id(3)));
    const std::int32_t name = failing.data("put");
    failing.function("run", code(op::i32_const(TestContract::kArgument), op::i32_const(argument), op::i32_const(8),
                                 op32::memory_copy, op::i32_const(id), op::i32_const(name), op::i32_const(3),
                                 op::i32_const(8), op::i64_const(0), failing.import("c"), op::drop, op::unreachable));
    ASSERT_TRUE(session.deploy(contract_id(9), failing.build(), {}, {}, kGas));
    const auto result = nested(session, 9, "run", {}, 1'000'000);

    EXPECT_EQ(code_of(*result), kUnknown);
    EXPECT_EQ(get(session, kPlace, 3), 1U);
}

TEST_F(Calls, a_caller_keeps_what_it_wrote_when_its_callee_fails) {
    auto session = block();
    const auto result = nested(session, 2, "put_and_trap", words({kPlace, 5}), 100'000);

    EXPECT_EQ(code_of(*result), kUnknown);
    EXPECT_EQ(get(session, kPlace, 2), 0U);
    // The caller's own scratch page has the argument of its call.
    EXPECT_EQ(get(session, TestContract::kScratch + 32), 100'000U);
}

TEST_F(Calls, a_contract_that_calls_itself_and_fails_loses_only_what_the_inner_call_wrote) {
    auto session = block();
    ASSERT_TRUE(call(session, "put", words({kPlace, 1})));
    const auto result = nested(session, 1, "put_and_trap", words({kPlace, 2}), 100'000);

    EXPECT_EQ(code_of(*result), kUnknown);
    EXPECT_EQ(get(session, kPlace), 1U);
    const auto fine = nested(session, 1, "put", words({kPlace, 3}));
    EXPECT_EQ(code_of(*fine), 0);
    EXPECT_EQ(get(session, kPlace), 3U);
}

TEST_F(Calls, memory_that_a_failed_call_grew_is_small_again) {
    auto session = block();
    TestContract growing;
    growing.function("grow_and_trap", code(op::i32_const(3), op32::memory_grow, op::drop, op::unreachable));
    growing.function("size",
                     code(op::i32_const(TestContract::kArgument), op32::memory_size, op32::store(), op::i32_const(4)));
    growing.function("grow", code(op::i32_const(TestContract::kArgument), op::i32_const(1), op32::memory_grow,
                                  op32::store(), op::i32_const(4)));
    ASSERT_TRUE(session.deploy(contract_id(9), growing.build(), {}, {}, kGas));

    EXPECT_EQ(code_of(*nested(session, 9, "grow_and_trap", {}, 100'000)), kUnknown);
    EXPECT_EQ(word_at(call(session, "size", {}, kGas, 9)->data), 4U);
    EXPECT_EQ(kind(call(session, "grow_and_trap", {}, kGas, 9)), Kind::unknown);
    EXPECT_EQ(word_at(call(session, "grow", {}, kGas, 9)->data), 4U);
    EXPECT_EQ(word_at(call(session, "size", {}, kGas, 9)->data), 5U);
}

TEST_F(Calls, events_of_a_failed_callee_are_left_out) {
    auto session = block();
    const auto fine = nested(session, 2, "emit", words({2}));
    // 2 emits, and fails with the next event.
    const auto failed = nested(session, 2, "emit", words({1'000}), 500);

    EXPECT_EQ(fine->events.size(), 2U);
    EXPECT_EQ(code_of(*failed), kOutOfGas);
    EXPECT_EQ(failed->events.size(), 0U);
}

TEST_F(Calls, globals_are_new_in_each_top_level_call_and_shared_within_one) {
    auto session = block();
    TestContract counting;
    const std::uint32_t counter = counting.assembler.global(wasm::test::kI32, true, op::i32_const(0));
    const Code count = code(op::global_get(counter), op::i32_const(1), op::i32_add, op::global_set(counter),
                            op::i32_const(TestContract::kArgument), op::global_get(counter), op32::store());
    counting.function("count", code(count, op::i32_const(4)));
    const std::int32_t id = counting.data(base::text(contract_id(9)));
    const std::int32_t name = counting.data("count");
    counting.function("twice", code(count, op::i32_const(id), op::i32_const(name), op::i32_const(5), op::i32_const(0),
                                    op::i64_const(0), counting.import("c")));
    ASSERT_TRUE(session.deploy(contract_id(9), counting.build(), {}, {}, kGas));

    EXPECT_EQ(word_at(call(session, "count", {}, kGas, 9)->data), 1U);
    EXPECT_EQ(word_at(call(session, "count", {}, kGas, 9)->data), 1U);
    EXPECT_EQ(word_at(call(session, "twice", {}, kGas, 9)->data), 2U);
}

TEST_F(Calls, a_hook_refuses_nested_calls_free_of_charge_and_is_not_asked_for_the_root) {
    auto session = block();
    std::vector<std::string> asked;
    session.hook([&](const ContractId& callee, std::string_view function,
                     ByteView argument) -> std::optional<std::string> {
        asked.push_back(base::to_hex(callee).substr(0, 2) + std::string(function) + std::string(base::text(argument)));
        return function == "size" ? std::optional<std::string>("refused") : std::nullopt;
    });
    const auto allowed = nested(session, 2, "echo", bytes("x"), 100'000);
    const auto refused = nested(session, 3, "size", bytes("y"), 100'000);

    EXPECT_EQ(asked, (std::vector<std::string>{"02echox", "03sizey"}));
    EXPECT_EQ(code_of(*allowed), 1);
    EXPECT_EQ(code_of(*refused), kPanic);
    EXPECT_EQ(word_at(refused->data, 4), 7U);
    EXPECT_EQ(base::to_bytes(ByteView(refused->data).subspan(8, 7)), bytes("refused"));
    EXPECT_LT(refused->gas_spent, 1'000U);
}

TEST_F(Calls, undo_goes_back_to_the_last_keep) {
    auto session = block();
    ASSERT_TRUE(call(session, "put", words({kPlace, 1})));
    ASSERT_TRUE(session.keep().has_value());
    ASSERT_TRUE(call(session, "put", words({kPlace, 2})));
    ASSERT_TRUE(call(session, "put", words({kPlace, 3}), kGas, 2));
    ASSERT_TRUE(session.deploy(contract_id(9), proxy_contract(), {}, {}, kGas));
    session.undo();

    EXPECT_EQ(get(session, kPlace), 1U);
    EXPECT_EQ(get(session, kPlace, 2), 0U);
    EXPECT_EQ(kind(call(session, "echo", {}, kGas, 9)), Kind::does_not_exist);
    EXPECT_TRUE(session.deploy(contract_id(9), proxy_contract(), {}, {}, kGas).has_value());
}

TEST_F(Calls, a_query_leaves_no_trace_and_cannot_commit) {
    auto session = query();
    ASSERT_TRUE(call(session, "put", words({kPlace, 1})));
    EXPECT_EQ(get(session, kPlace), 1U);
    EXPECT_FALSE(std::move(session).commit().has_value());

    auto next = query();
    EXPECT_EQ(get(next, kPlace), 0U);
}

}  // namespace
}  // namespace rues::vm
