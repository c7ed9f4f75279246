#include <fmt/format.h>

#include <algorithm>

#include "api/endpoints/contract_id.hpp"
#include "api/endpoints/driving.hpp"
#include "api/endpoints/feeding.hpp"
#include "api/endpoints/trace_json.hpp"
#include "api/routes.hpp"
#include "base/json_decimal.hpp"
#include "wire/headers.hpp"

/// Calls of contracts' functions on a copy of the tip's state: raw (rkyv in, rkyv out), in hex, and in the JSON form of
/// the data drivers. docs/reference/ledger.md 8.3; docs/reference/protocol.md 5.4, 5.5.
namespace rues::api::contracts {
namespace {

/// Functions of the genesis contracts that only read, in a time that their argument bounds. Any other function may run
/// code of a deployed contract.
constexpr std::string_view kShort[] = {
    "account",    "burnt_amount", "chain_id",       "contract_balance", "existing_nullifiers",
    "get_config", "get_stake",    "get_stake_keys", "get_version",      "num_notes",
    "opening",    "root"};
/// Most bytes of arguments that are looked up on the loop. A list of nullifiers may be long; the others are short.
constexpr std::size_t kShortArguments = 4'096;

/// An item of a feeder that has no JSON form.
constexpr std::string_view kNull = "null";

using Clock = std::chrono::steady_clock;
/// Time that an uploaded driver may take for all items of a feeder: it does not count as time of the contract.
constexpr std::chrono::seconds kItemsTime{10};

/// Encodes a JSON argument with the contract's driver. A contract without a driver has no function to encode for.
Result<base::Bytes> argument_from_json(const Context& context, const ledger::ContractId& contract,
                                       std::string_view function, std::string_view text) {
    using Kind = ContractDrivers::Failure::Kind;
    auto archived = context.drivers->encode_input(contract, function, text);
    if (archived) return std::move(*archived);
    if (archived.error().kind == Kind::none)
        return fail(ErrorCode::invalid_input, fmt::format("Invalid JSON: Unsupported(\"fn_name {}\")", function));
    if (archived.error().kind == Kind::driver)
        return fail(ErrorCode::invalid_input, "Invalid JSON: " + archived.error().text);
    return std::unexpected(failure_of(archived.error()));
}

/// A function's result in JSON. What an uploaded driver cannot decode is given as its bytes, as on the node; a result
/// of a genesis contract that has no JSON form is null.
Result<Answer> result_to_json(const Context& context, const ledger::ContractId& contract, std::string_view function,
                              base::Bytes result) {
    const auto decoded = context.drivers->decode_output(contract, function, result);
    if (decoded) return JsonText{base::json::print_decimal(*decoded)};
    if (is_genesis_contract(contract)) return base::json::value(nullptr);
    using Kind = ContractDrivers::Failure::Kind;
    const bool is_final = decoded.error().kind == Kind::driver || decoded.error().kind == Kind::limit;
    if (!is_final) return std::unexpected(failure_of(decoded.error()));
    return result;
}

/// The argument as the contract gets it. An error of the driver comes before any error of the contract, as on the node.
Result<base::Bytes> argument_of(const Context& context, const Exchange& exchange, const ledger::ContractId& contract,
                                bool json) {
    if (!json) return exchange.body;
    return argument_from_json(context, contract, exchange.topic, base::text(exchange.body));
}

Result<Answer> value_of(const Context& context, const Exchange& exchange, const ledger::ContractId& contract, bool json,
                        const ContractState& state) {
    const auto argument = argument_of(context, exchange, contract, json);
    if (!argument) return std::unexpected(argument.error());
    auto result = state.call(contract, exchange.topic, *argument);
    if (!result) return std::unexpected(result.error());
    if (json) return result_to_json(context, contract, exchange.topic, std::move(*result));
    return std::move(*result);
}

/// `Rues-Trace: true`: the answer is JSON, also for a call that failed, and holds what the contracts did. A result
/// without a JSON form is hex.
Result<Answer> trace_of(const Context& context, const Exchange& exchange, const ledger::ContractId& contract, bool json,
                        const ContractState& state) {
    const auto argument = argument_of(context, exchange, contract, json);
    if (!argument) return std::unexpected(argument.error());
    chain::TransactionTrace trace;
    trace.paid = 1;
    const auto result = state.traced_call(contract, exchange.topic, *argument, trace.calls);
    base::json::object answer{{"error", nullptr}, {"result", nullptr}};
    if (!result) {
        answer["error"] = result.error().to_string();
    } else {
        const auto decoded = json ? context.drivers->decode_output(contract, exchange.topic, *result)
                                  : std::unexpected(ContractDrivers::Failure{});
        answer["result"] = decoded ? *decoded : base::json::value(base::json::hex(*result));
    }
    answer["trace"] = trace_json(trace, state.tip()->queries().bounds().gas, trace.calls.calls().front().gas_spent);
    return JsonText{base::json::print_decimal(answer)};
}

void feed_to(const Context& context, Exchange exchange, const ledger::ContractId& contract, bool json) {
    const auto argument = argument_of(context, exchange, contract, json);
    if (!argument) return std::move(exchange).fail(argument.error());
    const auto form = json                                           ? FeederForm::json
                      : wire::wants_binary(exchange.request.headers) ? FeederForm::bytes
                                                                     : FeederForm::hex;
    const std::string function = exchange.topic;
    feed(context, std::move(exchange), contract, function, *argument, form,
         [&context, contract, function, spent = Clock::duration{}](base::ByteView item) mutable {
             const auto begun = Clock::now();
             const auto decoded = context.drivers->decode_output(contract, function, item);
             if (!is_genesis_contract(contract)) spent += Clock::now() - begun;
             if (spent > kItemsTime) return std::optional<std::string>();
             return std::optional(decoded ? base::json::print_decimal(*decoded) : std::string(kNull));
         });
}

}  // namespace

Work work_of(const Exchange& exchange) {
    if (wire::wants_feeder(exchange.request.headers)) return Work::feeder;
    const auto contract = contract_id(exchange.entity);
    const bool is_short = !contract || (exchange.body.size() <= kShortArguments && is_genesis_contract(*contract) &&
                                        std::ranges::find(kShort, exchange.topic) != std::end(kShort));
    return is_short ? Work::state : Work::call;
}

void call_function(const Context& context, Exchange exchange) {
    const auto contract = contract_id(exchange.entity);
    if (!contract) return std::move(exchange).fail({ErrorCode::invalid_input, "Invalid contract bytes"});
    const auto traced = wants_trace(exchange);
    if (!traced) return std::move(exchange).fail(traced.error());
    const bool json = wire::is_json_type(exchange.request.header("content-type"));
    const Work work = work_of(exchange);
    if (*traced && work == Work::feeder)
        return std::move(exchange).fail({ErrorCode::invalid_input, "Rues-Trace and Rusk-Feeder cannot go together"});
    if (work == Work::feeder) {
        exchange.watch_client();
        return on_pool(context, work, std::move(exchange), [&context, contract = *contract, json](Exchange asked) {
            feed_to(context, std::move(asked), contract, json);
        });
    }
    const auto handler = [&context, contract = *contract, json, traced = *traced](const Exchange& asked,
                                                                                  const ContractState& state) {
        return traced ? trace_of(context, asked, contract, json, state)
                      : value_of(context, asked, contract, json, state);
    };
    if (!json && !*traced) return ask(context, work, std::move(exchange), handler);
    // A driver takes too long for a loop: keys and points in JSON are checked, or uploaded code runs.
    if (!json || is_genesis_contract(*contract)) return ask_on_pool(context, work, std::move(exchange), handler);
    exchange.watch_client();
    with_driver(context, work, std::move(exchange), *contract,
                [&context, handler](Exchange asked) { answer_asked(context, std::move(asked), handler); });
}

}  // namespace rues::api::contracts
