#include "drivers/driver.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "api/endpoints/contract_id.hpp"
#include "api/reading.hpp"
#include "api/routes.hpp"

/// `/on/driver:<contract>/<method>[:<name>]`: runs a method of the contract's data driver.
/// docs/reference/protocol.md 8.5; docs/reference/differences.md 1.
namespace rues::api::driver {
namespace {

using drivers::Driver;

/// Answers with the driver's JSON, or with its error.
void answer(Exchange exchange, const drivers::Result<base::json::value>& result) {
    if (!result) return std::move(exchange).fail({ErrorCode::driver_error, result.error().text});
    std::move(exchange).json(*result);
}

void run_method(const Driver& driver, Exchange exchange, std::string_view method, std::string_view name) {
    const base::Bytes body = std::move(exchange.body);
    if (method == "decode_event") return answer(std::move(exchange), driver.decode_event(name, body));
    if (method == "decode_input_fn") return answer(std::move(exchange), driver.decode_input(name, body));
    if (method == "decode_output_fn") return answer(std::move(exchange), driver.decode_output(name, body));
    const auto encoded = driver.encode_input(name, base::text(body));
    if (!encoded) return std::move(exchange).fail({ErrorCode::driver_error, encoded.error().text});
    std::move(exchange).raw(*encoded);
}

}  // namespace

void run(const Context& context, Exchange exchange) {
    const auto contract = contract_id(exchange.entity);
    if (!contract) return std::move(exchange).fail({ErrorCode::invalid_input, "Invalid contractId"});
    const auto* driver = drivers::driver_of(*contract);
    // Only the genesis contracts have a driver in this program. Drivers of other contracts are WebAssembly modules,
    // which this node does not run.
    if (driver == nullptr) return std::move(exchange).fail({ErrorCode::not_found, "Driver not registered"});
    if (exchange.topic == "get_version") return std::move(exchange).text(Driver::kVersion);
    if (exchange.topic == "get_schema") return std::move(exchange).text(driver->schema());
    const auto colon = exchange.topic.find(':');
    const std::string method = exchange.topic.substr(0, colon);
    constexpr std::string_view kMethods[] = {"decode_event", "decode_input_fn", "decode_output_fn", "encode_input_fn"};
    if (colon == std::string::npos || std::ranges::find(kMethods, method) == std::end(kMethods)) {
        return std::move(exchange).fail(
            {ErrorCode::not_found, fmt::format("Unsupported data driver method {}", method)});
    }
    const std::string name = exchange.topic.substr(colon + 1);
    // On the pool, because checking one key or point takes about 50 us.
    on_pool(context, std::move(exchange),
            [driver, method, name](Exchange asked) { run_method(*driver, std::move(asked), method, name); });
}

}  // namespace rues::api::driver
