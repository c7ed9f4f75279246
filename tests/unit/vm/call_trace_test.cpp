// The tree of the calls that a session made.
#include "vm/call_trace.hpp"

#include <thread>

#include "unit/vm/fixture.hpp"

namespace rues::vm {
namespace {

using namespace test;
using End = TracedCall::End;

/// The gas of each call is that of its parts.
void expect_sums(const TracedCall& call) {
    std::uint64_t parts = call.gas_own + call.gas_lost + call.left_out.gas;
    for (const TracedStep& step : call.steps) {
        if (const auto* inner = step.call()) {
            parts += inner->gas_spent;
            expect_sums(*inner);
        }
    }
    EXPECT_EQ(call.gas_spent, parts) << call.function;
    EXPECT_LE(call.gas_spent, call.gas_limit) << call.function;
}

class CallTraces : public CallTest {
protected:
    /// Calls proxy 1, with a trace.
    std::expected<Receipt, Failure> traced(std::string_view function, ByteView argument, std::uint64_t gas = kGas) {
        auto session = block();
        session.trace(&trace_);
        return call(session, function, argument, gas);
    }
    const TracedCall& only() const { return trace_.calls().at(0); }
    static const TracedCall& inner(const TracedCall& call, std::size_t at = 0) { return *call.steps.at(at).call(); }

    CallTrace trace_;
};

TEST_F(CallTraces, a_call_has_its_callee_its_sizes_and_its_gas) {
    const auto receipt = traced("echo", bytes("hello"));

    ASSERT_EQ(trace_.calls().size(), 1U);
    EXPECT_EQ(only().contract, contract_id(1));
    EXPECT_EQ(only().function, "echo");
    EXPECT_EQ(only().argument_bytes, 5U);
    EXPECT_EQ(only().result_bytes, 5U);
    EXPECT_EQ(only().gas_limit, kGas);
    EXPECT_EQ(only().gas_spent, receipt->gas_spent);
    EXPECT_EQ(only().gas_own, receipt->gas_spent);
    EXPECT_EQ(only().end, End::returned);
    EXPECT_TRUE(only().entered);
    EXPECT_TRUE(only().steps.empty());
}

TEST_F(CallTraces, calls_are_nested_as_they_were_made_and_their_gas_adds_up) {
    const auto in_three = call_argument(contract_id(3), "emit", words({2}), 500'000);
    const auto receipt = traced("call", call_argument(contract_id(2), "call", in_three, 900'000));

    const TracedCall& second = inner(only());
    const TracedCall& third = inner(second);
    EXPECT_EQ(second.contract, contract_id(2));
    EXPECT_EQ(second.gas_limit, 900'000U);
    EXPECT_EQ(third.contract, contract_id(3));
    EXPECT_EQ(third.gas_limit, 500'000U);
    ASSERT_EQ(third.steps.size(), 2U);
    EXPECT_EQ(third.steps[1].event()->topic, "topic");
    EXPECT_EQ(third.steps[1].event()->bytes, 4U);
    EXPECT_EQ(only().gas_spent, receipt->gas_spent);
    EXPECT_GT(only().gas_own, 0U);
    expect_sums(only());
}

TEST_F(CallTraces, a_call_that_panics_says_its_text_and_loses_the_rest_of_its_limit) {
    ASSERT_TRUE(traced("call", call_argument(contract_id(2), "panic", bytes("no \"way\""), 500'000)));

    const TracedCall& failed = inner(only());
    EXPECT_EQ(only().end, End::returned) << "the caller went on";
    EXPECT_EQ(failed.end, End::panic);
    EXPECT_EQ(failed.error, "no \"way\"");
    EXPECT_EQ(failed.gas_spent, 500'000U);
    EXPECT_LT(failed.gas_own, 10U);
    EXPECT_EQ(failed.gas_lost, 500'000U - failed.gas_own);
    expect_sums(only());
}

TEST_F(CallTraces, out_of_gas_a_trap_and_a_missing_function_are_told_apart) {
    const auto how = [&](std::string_view function) {
        trace_ = {};
        EXPECT_TRUE(traced("call", call_argument(contract_id(2), function, {}, 50'000)));
        expect_sums(only());
        EXPECT_TRUE(inner(only()).entered);
        return std::pair(inner(only()).end, inner(only()).error);
    };

    EXPECT_EQ(how("spin"), std::pair(End::out_of_gas, std::string()));
    EXPECT_EQ(how("trap"), std::pair(End::failed, std::string("the contract's code stopped with a trap")));
    EXPECT_EQ(how("nothing"), std::pair(End::failed, std::string("no such function")));
    EXPECT_EQ(how("init"), std::pair(End::failed, std::string("init cannot be called")));
    EXPECT_EQ(inner(only()).gas_own, 0U) << "no code of it ran";
}

TEST_F(CallTraces, a_call_of_nothing_is_free_and_was_not_entered) {
    ASSERT_TRUE(traced("call", call_argument(contract_id(9), "echo", {}, 50'000)));

    EXPECT_EQ(inner(only()).end, End::does_not_exist);
    EXPECT_FALSE(inner(only()).entered);
    EXPECT_EQ(inner(only()).gas_spent, 0U);
    expect_sums(only());
}

TEST_F(CallTraces, a_call_that_the_hook_refuses_has_the_text_of_the_hook) {
    auto session = block();
    session.trace(&trace_);
    session.hook([](const ContractId&, std::string_view, ByteView) { return std::optional<std::string>("not now"); });
    ASSERT_TRUE(nested(session, 2, "echo"));

    EXPECT_EQ(inner(only()).end, End::panic);
    EXPECT_EQ(inner(only()).error, "not now");
    EXPECT_FALSE(inner(only()).entered);
}

// Re-entered code counts in the same counter as its caller.
TEST_F(CallTraces, a_contract_that_calls_itself_has_the_gas_of_each_call) {
    const auto again = call_argument(contract_id(1), "panic", bytes("deep"), 40'000);
    const auto receipt = traced("call", call_argument(contract_id(1), "call", again, 90'000));

    ASSERT_TRUE(receipt);
    EXPECT_EQ(only().gas_spent, receipt->gas_spent);
    EXPECT_EQ(inner(inner(only())).gas_spent, 40'000U);
    EXPECT_EQ(inner(inner(only())).error, "deep");
    EXPECT_GT(inner(only()).gas_own, 0U);
    expect_sums(only());
}

TEST_F(CallTraces, a_top_level_call_that_fails_has_what_it_used) {
    ASSERT_FALSE(traced("panic", bytes("text")));

    EXPECT_EQ(only().end, End::panic);
    EXPECT_LT(only().gas_spent, 10U);
    EXPECT_EQ(only().gas_lost, 0U);
    expect_sums(only());
}

TEST_F(CallTraces, a_top_level_call_that_cannot_begin_is_there_as_well) {
    auto session = block();
    session.trace(&trace_);
    EXPECT_FALSE(call(session, "echo", {}, kGas, 9));
    EXPECT_FALSE(call(session, "init"));

    ASSERT_EQ(trace_.calls().size(), 2U);
    EXPECT_EQ(trace_.calls()[0].end, End::does_not_exist);
    EXPECT_EQ(trace_.calls()[1].error, "no such function");
    EXPECT_EQ(trace_.calls()[1].gas_spent, 0U);
}

TEST_F(CallTraces, the_depth_limit_is_seen_at_the_innermost_call) {
    Bytes argument;
    for (unsigned depth = 0; depth < Session::kMaxDepth; ++depth)
        argument = call_argument(contract_id(1 + depth % 3), depth == 0 ? "echo" : "call", argument);
    ASSERT_TRUE(traced("call", argument));

    const TracedCall* deepest = &only();
    std::size_t depth = 1;
    for (; !deepest->steps.empty(); ++depth) deepest = deepest->steps.at(0).call();
    EXPECT_EQ(depth, Session::kMaxDepth + 1);
    EXPECT_EQ(deepest->error, "the call is nested too deep");
    EXPECT_FALSE(deepest->entered);
    expect_sums(only());
}

TEST_F(CallTraces, an_answer_that_has_no_room_in_the_caller_ends_the_caller_with_the_gas_of_both) {
    TestContract contract(1);  // its argument buffer begins where its memory ends
    const std::int32_t callee = contract.data(base::text(contract_id(2)));
    const std::int32_t name = contract.data("caller");
    contract.function("ask", code(op::i32_const(callee), op::i32_const(name), op::i32_const(6), op::i32_const(0),
                                  op::i64_const(0), contract.import("c"), op::drop, op::i32_const(0)));
    auto session = block();
    ASSERT_TRUE(session.deploy(contract_id(7), contract.build(), bytes("owner"), {}, kGas));
    session.trace(&trace_);
    ASSERT_FALSE(call(session, "ask", {}, kGas, 7));

    EXPECT_EQ(only().end, End::failed);
    EXPECT_EQ(only().error, "a pointer or a length is outside the memory");
    EXPECT_EQ(inner(only()).end, End::returned);
    EXPECT_GT(only().gas_own, 0U);
    expect_sums(only());
}

TEST_F(CallTraces, a_call_that_the_session_ends_is_stopped_with_its_callers) {
    auto session = query({.stop = [] { return true; }});
    session.trace(&trace_);
    std::jthread ticks([](const std::stop_token& end) {
        while (!end.stop_requested()) {
            machine().tick();
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    });
    // So much gas that the tick comes first, however late.
    ASSERT_FALSE(call(session, "call", call_argument(contract_id(2), "spin", {}), 1'000'000'000'000));

    EXPECT_EQ(only().end, End::stopped);
    EXPECT_EQ(inner(only()).end, End::stopped);
    expect_sums(only());
}

TEST_F(CallTraces, the_init_of_a_deployment_is_a_call) {
    auto contract = proxy();
    contract.function("init", code(op::local_get(0), contract.import("panic"), op::i32_const(0)));
    auto session = block();
    session.trace(&trace_);
    ASSERT_FALSE(session.deploy(contract_id(7), contract.build(), bytes("owner"), ByteView(bytes("sorry")), kGas));

    EXPECT_EQ(only().contract, contract_id(7));
    EXPECT_EQ(only().function, "init");
    EXPECT_EQ(only().error, "sorry");
}

TEST_F(CallTraces, a_trace_changes_nothing_that_a_contract_can_see_and_ends_when_it_is_told) {
    const auto argument = call_argument(contract_id(2), "emit", words({3}));
    const auto with = traced("call", argument);
    auto session = block();
    session.trace(&trace_);
    session.trace(nullptr);
    const auto without = call(session, "call", argument);

    EXPECT_EQ(trace_.calls().size(), 1U);
    EXPECT_EQ(with->gas_spent, without->gas_spent);
    EXPECT_EQ(with->data, without->data);
    EXPECT_EQ(with->events, without->events);
}

/// Bounds, on a trace of its own.
class FullTrace : public ::testing::Test {
protected:
    void call(std::string_view function, bool succeeds, std::uint64_t gas = 10) {
        trace_.begin(contract_id(1), function, 0, 1'000);
        trace_.emitted("t", 1);
        if (succeeds) {
            trace_.returned(0, gas);
        } else {
            trace_.failed({Failure::Kind::panic, "why"}, gas, gas);
        }
    }
    const TracedCall& root() const { return trace_.calls().at(0); }

    CallTrace trace_;
};

TEST_F(FullTrace, beyond_its_bound_calls_are_counted_and_failed_ones_are_still_listed) {
    trace_.begin(contract_id(1), "root", 0, 1'000'000);
    for (std::size_t i = 1; i < CallTrace::kMaxCalls + 5; ++i) call("fine", true);
    for (std::size_t i = 0; i < CallTrace::kMaxFailedCalls + 3; ++i) call("bad", false);
    trace_.returned(0, 100'000);

    EXPECT_EQ(root().left_out.calls, 5U + 3U);
    EXPECT_EQ(root().left_out.events, 5U + 3U) << "of the calls that are not listed";
    EXPECT_EQ(root().left_out.gas, 80U);
    EXPECT_EQ(root().steps.size(), CallTrace::kMaxCalls - 1 + CallTrace::kMaxFailedCalls);
    EXPECT_EQ(root().steps.back().call()->function, "bad");
    EXPECT_EQ(left_out(trace_).calls, 8U);
    EXPECT_EQ(left_out(trace_).events, 8U + CallTrace::kMaxFailedCalls);
    expect_sums(root());
}

TEST_F(FullTrace, a_call_that_is_left_out_takes_along_what_it_called) {
    trace_.begin(contract_id(1), "root", 0, 1'000'000);
    for (std::size_t i = 1; i < CallTrace::kMaxCalls; ++i) call("fine", true);
    trace_.begin(contract_id(1), "outer", 0, 1'000);
    call("bad", false);
    call("fine", true);
    trace_.returned(0, 50);
    trace_.returned(0, 100'000);

    EXPECT_EQ(root().left_out.calls, 3U);
    EXPECT_EQ(root().left_out.events, 2U);
    EXPECT_EQ(root().left_out.gas, 50U) << "what the outer call was charged includes the inner ones";
    expect_sums(root());
}

TEST_F(FullTrace, a_call_that_began_in_time_is_listed_however_much_it_calls) {
    trace_.begin(contract_id(1), "root", 0, 1'000'000);
    trace_.begin(contract_id(1), "outer", 0, 1'000'000);
    for (std::size_t i = 0; i < 2 * CallTrace::kMaxCalls; ++i) call("fine", true);
    trace_.returned(0, 50'000);
    trace_.returned(0, 100'000);

    ASSERT_EQ(root().steps.size(), 1U);
    EXPECT_EQ(root().steps[0].call()->function, "outer");
    EXPECT_EQ(root().steps[0].call()->left_out.calls, CallTrace::kMaxCalls + 2);
    expect_sums(root());
}

TEST_F(FullTrace, events_beyond_the_bound_are_counted) {
    trace_.begin(contract_id(1), "root", 0, 1'000'000);
    for (std::size_t i = 0; i < CallTrace::kMaxEvents + 7; ++i) trace_.emitted("topic", 3);
    trace_.returned(0, 100'000);

    EXPECT_EQ(root().steps.size(), CallTrace::kMaxEvents);
    EXPECT_EQ(root().left_out.events, 7U);
}

TEST_F(FullTrace, long_texts_are_cut_between_characters_and_all_texts_together_are_bounded) {
    std::string name(CallTrace::kMaxText - 1, 'a');
    name += "\xc3\xa4";  // one character of two bytes, of which one would fit
    trace_.begin(contract_id(1), name, 0, 1'000);
    trace_.returned(0, 0);
    EXPECT_EQ(root().function, std::string(CallTrace::kMaxText - 1, 'a'));
    EXPECT_EQ(left_out(trace_).text_bytes, 2U);

    std::size_t listed = 0;
    for (std::size_t i = 0; i < 2 * CallTrace::kMaxTexts / CallTrace::kMaxText; ++i) {
        trace_.begin(contract_id(1), std::string(CallTrace::kMaxText, 'b'), 0, 1'000);
        trace_.returned(0, 0);
    }
    for (const auto& each : trace_.calls()) listed += each.function.size();
    EXPECT_EQ(listed, CallTrace::kMaxTexts);
    EXPECT_EQ(left_out(trace_).text_bytes, 2 + CallTrace::kMaxTexts + CallTrace::kMaxText - 1);
}

TEST_F(FullTrace, calls_that_are_left_out_take_no_room_for_text_from_those_that_fail_later) {
    trace_.begin(contract_id(1), "root", 0, 1'000'000);
    for (std::size_t i = 1; i < CallTrace::kMaxCalls; ++i) call("", true, 0);
    const std::string name(CallTrace::kMaxText, 'n');
    for (std::size_t i = 0; i < 2 * CallTrace::kMaxTexts / CallTrace::kMaxText; ++i) call(name, true, 0);
    call("last", false, 0);
    trace_.returned(0, 0);

    EXPECT_EQ(root().steps.back().call()->function, "last");
    EXPECT_EQ(root().steps.back().call()->error, "why");
    EXPECT_EQ(left_out(trace_).text_bytes, 0U);
}

TEST_F(FullTrace, failures_within_calls_that_are_left_out_take_no_place_from_those_that_come_later) {
    trace_.begin(contract_id(1), "root", 0, 1'000'000);
    for (std::size_t i = 1; i < CallTrace::kMaxCalls; ++i) call("fine", true);
    for (std::size_t i = 0; i < 2 * CallTrace::kMaxFailedCalls; ++i) {
        trace_.begin(contract_id(1), "outer", 0, 1'000);
        call("dealt with", false);
        trace_.returned(0, 20);
    }
    call("last", false);
    trace_.returned(0, 100'000);

    EXPECT_EQ(root().steps.back().call()->function, "last");
    EXPECT_EQ(root().left_out.calls, 4 * CallTrace::kMaxFailedCalls);
    expect_sums(root());
}

}  // namespace
}  // namespace rues::vm
