#include "api/endpoints/trace_json.hpp"

#include <limits>

namespace rues::api {
namespace {

using base::json::object;
using base::json::value;
using vm::TracedCall;

std::string_view name(TracedCall::End end) {
    switch (end) {
    case TracedCall::End::returned:
        return "returned";
    case TracedCall::End::panic:
        return "panic";
    case TracedCall::End::out_of_gas:
        return "out_of_gas";
    case TracedCall::End::does_not_exist:
        return "does_not_exist";
    case TracedCall::End::failed:
        break;
    case TracedCall::End::stopped:
        return "stopped";
    }
    return "failed";
}

object json_of(const TracedCall::LeftOut& left_out) {
    return {{"calls", left_out.calls}, {"events", left_out.events}, {"gas_spent", left_out.gas}};
}

/// Appends a call, and behind it what it did. At most as deep as calls can be nested. `reverted`: a call above it
/// failed.
void append(base::json::array& steps, const TracedCall& call, std::size_t depth, bool paid, bool reverted) {
    const bool failed = call.end != TracedCall::End::returned;
    reverted = reverted || failed;
    // No limit, as the chain gives to its own calls, is no number that JavaScript can hold.
    const bool is_limited = call.gas_limit != std::numeric_limits<std::uint64_t>::max();
    object told{{"contract", base::json::hex(call.contract)},
                {"function", call.function},
                {"argument_bytes", call.argument_bytes},
                {"gas_limit", is_limited ? value(call.gas_limit) : value(nullptr)},
                {"gas_spent", call.gas_spent},
                {"gas_own", call.gas_own},
                {"gas_lost", call.gas_lost},
                {"paid", paid},
                {"end", name(call.end)},
                {"error", call.error.empty() ? value(nullptr) : value(boost::json::string(call.error))},
                {"entered", call.entered},
                {"result_bytes", failed ? value(nullptr) : value(call.result_bytes)},
                {"reverted", reverted},
                {"left_out", json_of(call.left_out)}};
    steps.push_back(object{{"depth", depth}, {"call", std::move(told)}});
    for (const vm::TracedStep& step : call.steps) {
        if (const auto* inner = step.call()) {
            append(steps, *inner, depth + 1, paid, reverted);
        } else {
            const auto& event = *step.event();
            object emitted{{"topic", event.topic}, {"bytes", event.bytes}, {"reverted", reverted}};
            steps.push_back(object{{"depth", depth + 1}, {"event", std::move(emitted)}});
        }
    }
}

}  // namespace

Result<bool> wants_trace(const Exchange& exchange) {
    const auto asked = exchange.request.header("rues-trace");
    if (!asked || *asked == "false") return false;
    if (*asked == "true") return true;
    return fail(ErrorCode::invalid_input, "Rues-Trace must be true or false");
}

object trace_json(const chain::TransactionTrace& trace, std::uint64_t gas_limit, std::uint64_t gas_spent) {
    base::json::array steps;
    std::size_t number = 0;
    for (const TracedCall& call : trace.calls.calls()) append(steps, call, 0, number++ < trace.paid, false);
    const auto left_out = vm::left_out(trace.calls);
    return {{"gas_limit", gas_limit},
            {"gas_spent", gas_spent},
            {"deploy_charge", trace.deploy_charge},
            {"blob_charge", trace.blob_charge},
            {"gas_lost", trace.gas_lost},
            {"steps", std::move(steps)},
            {"left_out",
             object{{"calls", left_out.calls}, {"events", left_out.events}, {"text_bytes", left_out.text_bytes}}}};
}

}  // namespace rues::api
