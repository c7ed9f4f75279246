#include "drivers/driver.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "api/endpoints/contract_id.hpp"
#include "api/routes.hpp"

/// `/on/driver:<contract>/<method>[:<name>]`: runs a method of the contract's data driver.
/// docs/reference/protocol.md 8.5; docs/reference/differences.md 1.
namespace rues::api::driver {
namespace {

using drivers::Driver;

/// The driver's JSON, or its error.
Result<Answer> answer_of(const drivers::Result<base::json::value>& result) {
    if (!result) return fail(ErrorCode::driver_error, result.error().text);
    return *result;
}

}  // namespace

Work work_of(const Exchange& exchange) {
    // Everything else checks keys or points, at about 50 us each.
    return exchange.topic == "get_version" || exchange.topic == "get_schema" ? Work::loop : Work::scan;
}

Result<Answer> run(const Context&, Exchange& exchange) {
    const auto contract = contract_id(exchange.entity);
    if (!contract) return fail(ErrorCode::invalid_input, "Invalid contractId");
    const auto* driver = drivers::driver_of(*contract);
    // Only the genesis contracts have a driver in this program. Drivers of other contracts are WebAssembly modules,
    // which this node does not run.
    if (driver == nullptr) return fail(ErrorCode::not_found, "Driver not registered");
    if (exchange.topic == "get_version") return Text{std::string(Driver::kVersion)};
    if (exchange.topic == "get_schema") return Text{std::string(driver->schema())};
    const auto colon = exchange.topic.find(':');
    const std::string_view method = std::string_view(exchange.topic).substr(0, colon);
    const auto unknown = [&] {
        return fail(ErrorCode::not_found, fmt::format("Unsupported data driver method {}", method));
    };
    if (colon == std::string::npos) return unknown();
    const std::string_view name = std::string_view(exchange.topic).substr(colon + 1);
    const base::ByteView body = exchange.body;
    if (method == "decode_event") return answer_of(driver->decode_event(name, body));
    if (method == "decode_input_fn") return answer_of(driver->decode_input(name, body));
    if (method == "decode_output_fn") return answer_of(driver->decode_output(name, body));
    if (method != "encode_input_fn") return unknown();
    auto encoded = driver->encode_input(name, base::text(body));
    if (!encoded) return fail(ErrorCode::driver_error, encoded.error().text);
    return std::move(*encoded);
}

}  // namespace rues::api::driver
