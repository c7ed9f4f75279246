#include "app/trace_text.hpp"

#include <gtest/gtest.h>

namespace rues::app {
namespace {

using base::json::array;
using base::json::object;
using base::json::value;

constexpr char kTransfer[] = "0100000000000000000000000000000000000000000000000000000000000000";
constexpr char kOther[] = "c710db7500000000000000000000000000000000000000000000000000000000";

object call(std::size_t depth, std::string_view contract, std::string_view function, std::uint64_t spent,
            std::uint64_t own, std::string_view end = "returned", value error = nullptr) {
    const bool failed = end != "returned";
    return {{"depth", depth},
            {"call", object{{"contract", contract},
                            {"function", function},
                            {"gas_spent", spent},
                            {"gas_own", own},
                            {"gas_lost", failed ? spent - own : 0},
                            {"paid", true},
                            {"end", end},
                            {"error", std::move(error)},
                            {"left_out", object{{"calls", 0}, {"events", 0}, {"gas_spent", 0}}}}}};
}
object event(std::size_t depth, std::string_view topic, bool reverted) {
    return {{"depth", depth}, {"event", object{{"topic", topic}, {"bytes", 5}, {"reverted", reverted}}}};
}
object trace(array steps, std::uint64_t lost = 0, std::uint64_t charge = 0) {
    return {{"gas_limit", 20'000'000},   {"gas_spent", 1'900'000},
            {"deploy_charge", charge},   {"gas_lost", lost},
            {"steps", std::move(steps)}, {"left_out", object{{"calls", 0}, {"events", 0}, {"text_bytes", 0}}}};
}

TEST(TraceText, a_trace_is_a_tree_with_gas_events_and_ends) {
    auto refund = call(0, kTransfer, "refund", 8'392, 8'392);
    refund["call"].as_object()["paid"] = false;
    const auto text =
        trace_text(trace({call(0, kTransfer, "spend_and_execute", 1'900'000, 1'400'000),
                          call(1, kOther, "call", 500'000, 1'000, "panic", "it said no"), event(2, "hello", true),
                          call(2, kOther, "boom", 40'000, 7, "out_of_gas"), event(1, "moonlight", false), refund},
                         100),
                   true);

    EXPECT_EQ(text,
              "1,900,000 of 20,000,000 gas\n"
              "├─ transfer.spend_and_execute  1,900,000 gas (1,400,000 own)\n"
              "│  ├─ c710db75.call  500,000 gas (1,000 own, 499,000 lost)  FAILED: panic: it said no\n"
              "│  │  ├─ event hello, 5 bytes, reverted\n"
              "│  │  └─ c710db75.boom  40,000 gas (7 own, 39,993 lost)  FAILED: out of gas  <- the innermost failure\n"
              "│  └─ event moonlight, 5 bytes\n"
              "├─ transfer.refund  8,392 gas, not paid\n"
              "└─ the rest of the limit, because it failed  100 gas\n");
}

TEST(TraceText, a_deployment_shows_its_charge) {
    EXPECT_EQ(trace_text(trace({call(0, kTransfer, "spend_and_execute", 1, 1)}, 0, 5'000'000), false),
              "1,900,000 of 20,000,000 gas\n"
              "├─ transfer.spend_and_execute  1 gas\n"
              "└─ charge for the deployment  5,000,000 gas\n");
}

/// The texts of the marked lines.
std::string marked(array steps, bool failed = true) {
    const auto text = trace_text(trace(std::move(steps)), failed);
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = text.find('\n', at);
        const auto line = text.substr(at, end - at);
        if (line.contains("<-"))
            out += line.substr(line.find('.') + 1, line.find("  ", line.find('.')) - line.find('.') - 1);
        at = end + 1;
    }
    return out;
}

TEST(TraceText, the_mark_follows_the_last_failure_into_its_calls_and_passes_by_those_that_were_dealt_with) {
    const auto fine = [](std::size_t depth, std::string_view name) { return call(depth, kOther, name, 9, 9); };
    const auto bad = [](std::size_t depth, std::string_view name) { return call(depth, kOther, name, 9, 9, "panic"); };

    EXPECT_EQ(marked({fine(0, "root"), bad(1, "a"), bad(2, "b"), fine(2, "c"), bad(3, "d")}), "b") << "c dealt with d";
    EXPECT_EQ(marked({fine(0, "root"), bad(1, "a"), bad(2, "b"), bad(1, "c")}), "c");
    EXPECT_EQ(marked({bad(0, "root"), bad(1, "a"), fine(1, "b")}), "a");
    EXPECT_EQ(marked({bad(0, "root"), fine(1, "a")}), "root");
    EXPECT_EQ(marked({fine(0, "root"), bad(1, "a")}, false), "") << "the transaction succeeded";
    EXPECT_EQ(marked({}), "");
}

TEST(TraceText, what_is_left_out_is_said_at_its_call_and_in_the_end) {
    auto one = call(0, kOther, "loop", 900, 100);
    one["call"].as_object()["left_out"] = object{{"calls", 1'200}, {"events", 3}, {"gas_spent", 800}};
    auto all = trace({one});
    all["left_out"] = object{{"calls", 1'200}, {"events", 3}, {"text_bytes", 77}};

    EXPECT_EQ(trace_text(all, false),
              "1,900,000 of 20,000,000 gas\n"
              "└─ c710db75.loop  900 gas (100 own), left out: 1,200 calls with 800 gas, 3 events\n"
              "left out: 1,200 calls, 3 events, 77 bytes of text\n");
}

TEST(TraceText, texts_of_contracts_cannot_move_the_cursor) {
    const auto text =
        trace_text(trace({call(0, kOther, "a\x1b[2J", 1, 1, "panic", "b\nc"), event(1, "d\r", true)}), true);

    EXPECT_TRUE(text.contains("a\\x1b[2J"));
    EXPECT_TRUE(text.contains("b\\x0ac"));
    EXPECT_TRUE(text.contains("d\\x0d"));
}

// The answer comes from a server that may be anything.
TEST(TraceText, a_trace_of_another_form_gives_a_text_all_the_same) {
    EXPECT_EQ(trace_text({}, true), "? of ? gas\n");
    EXPECT_EQ(trace_text({{"steps", 7}, {"left_out", "x"}}, true), "? of ? gas\n");
    const object odd{{"steps", array{1, object{}, object{{"depth", 1e30}, {"call", object{}}},
                                     object{{"depth", UINT64_MAX}, {"event", object{}}},
                                     object{{"depth", "x"}, {"call", array{}}}}}};
    EXPECT_EQ(trace_text(odd, true),
              "? of ? gas\n"
              "└─ .  ? gas, not paid  FAILED:   <- the innermost failure\n"
              "   └─ event , ? bytes\n");
}

}  // namespace
}  // namespace rues::app
