#include <fmt/format.h>

#include <algorithm>

#include "api/endpoints/contract_functions.hpp"
#include "api/endpoints/contract_id.hpp"
#include "api/endpoints/feeder_body.hpp"
#include "api/routes.hpp"
#include "drivers/driver.hpp"
#include "wire/headers.hpp"

/// Calls of the contracts' read functions: raw (rkyv in, rkyv out), in hex, and in the JSON form of the data drivers.
/// docs/reference/ledger.md 8.3; docs/reference/protocol.md 5.4, 5.5.
namespace rues::api::contracts {
namespace {

/// Functions that need the tree of notes, which this node does not have (docs/reference/differences.md 30).
/// docs/reference/ledger.md 8.3.
constexpr std::string_view kNoteTree[] = {
    "root", "num_notes",      "opening", "existing_nullifiers", "leaves_from_height", "leaves_from_pos",
    "sync", "sync_nullifiers"};

/// The error for an unknown function or contract (docs/reference/differences.md 1).
Failure unknown_function(const ledger::ContractId& contract, std::string_view name) {
    return {ErrorCode::not_found, drivers::driver_of(contract) != nullptr
                                      ? fmt::format("function {}", name)
                                      : fmt::format("contract {}", base::to_hex(contract))};
}

/// Encodes a JSON argument with the contract's driver. A contract without a driver has no function to encode for.
Result<base::Bytes> argument_from_json(const ledger::ContractId& contract, std::string_view function,
                                       std::string_view text) {
    const auto* driver = drivers::driver_of(contract);
    if (driver == nullptr)
        return fail(ErrorCode::invalid_input, fmt::format("Invalid JSON: Unsupported(\"fn_name {}\")", function));
    auto archived = driver->encode_input(function, text);
    if (!archived) return fail(ErrorCode::invalid_input, "Invalid JSON: " + archived.error().text);
    return std::move(*archived);
}

/// Decodes a function's result with the contract's driver. REQUIRES: `result` is a result of `function`, so the
/// contract has a driver.
base::json::value result_to_json(const Function& function, base::ByteView result) {
    return drivers::driver_of(function.contract)->decode_output(function.name, result).value_or(nullptr);
}

/// The answer of a function that is no feeder.
Result<Answer> value_of(const Context& context, const Function& function, const store::Snapshot& state,
                        base::ByteView argument, bool json) {
    auto result = function.query(context, state, argument);
    if (!result) return std::unexpected(result.error());
    if (json) return result_to_json(function, *result);
    return std::move(*result);
}

/// The answer of a feeder. Its items are collected now and encoded one by one while they are sent.
Result<Answer> items_of(const Context& context, const Function& function, const store::Snapshot& state,
                        base::ByteView argument, FeederForm form) {
    auto items = function.feeder(context, state, argument);
    if (!items) return std::unexpected(items.error());
    const auto to_json = [&function](base::ByteView item) { return result_to_json(function, item); };
    return Streamed{form == FeederForm::json ? "application/json" : "",
                    std::make_unique<FeederBody>(std::move(*items), form, to_json), true};
}

Result<Answer> call_archived(const Context& context, const Exchange& exchange, const store::Snapshot& state,
                             const ledger::ContractId& contract, base::ByteView argument, bool json) {
    if (contract == ledger::kTransferContract && std::ranges::find(kNoteTree, exchange.topic) != std::end(kNoteTree))
        return fail(ErrorCode::unsupported);
    const auto known = functions();
    const auto function = std::ranges::find_if(
        known, [&](const Function& f) { return f.contract == contract && f.name == exchange.topic; });
    if (function == known.end()) return std::unexpected(unknown_function(contract, exchange.topic));
    const bool wants_feeder = wire::wants_feeder(exchange.request.headers);
    if (function->feeder != nullptr) {
        if (!wants_feeder) return fail(ErrorCode::invalid_input, "rusk-feeder header is missing (Missing feed)");
        const auto form = json                                           ? FeederForm::json
                          : wire::wants_binary(exchange.request.headers) ? FeederForm::bytes
                                                                         : FeederForm::hex;
        return items_of(context, *function, state, argument, form);
    }
    if (!wants_feeder) return value_of(context, *function, state, argument, json);
    // The node drops the value of a function that is called as a feeder and is none (docs/reference/ledger.md 8.3).
    if (json) return base::json::value(base::json::array{});
    return Empty{};
}

}  // namespace

Work work_of(const Exchange& exchange) {
    if (wire::wants_feeder(exchange.request.headers)) return Work::feeder;
    // Keys and points in JSON are checked, which takes too long for a loop.
    return wire::is_json_type(exchange.request.header("content-type")) ? Work::scan : Work::read;
}

Result<Answer> call_function(const Context& context, const Exchange& exchange, const store::Snapshot& state) {
    const auto contract = contract_id(exchange.entity);
    if (!contract) return fail(ErrorCode::invalid_input, "Invalid contract bytes");
    if (!wire::is_json_type(exchange.request.header("content-type")))
        return call_archived(context, exchange, state, *contract, exchange.body, false);
    // An error of the driver comes before any error of the contract, as on the node.
    const auto argument = argument_from_json(*contract, exchange.topic, base::text(exchange.body));
    if (!argument) return std::unexpected(argument.error());
    return call_archived(context, exchange, state, *contract, *argument, true);
}

}  // namespace rues::api::contracts
