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
void answer(Call call, const drivers::Result<base::json::value>& result) {
    if (!result) return std::move(call).fail({ErrorCode::driver_error, result.error().text});
    std::move(call).json(*result);
}

void run_method(const Driver& driver, Call call, std::string_view method, std::string_view name) {
    const base::Bytes body = std::move(call.body);
    if (method == "decode_event") return answer(std::move(call), driver.decode_event(name, body));
    if (method == "decode_input_fn") return answer(std::move(call), driver.decode_input(name, body));
    if (method == "decode_output_fn") return answer(std::move(call), driver.decode_output(name, body));
    const auto encoded = driver.encode_input(name, base::text(body));
    if (!encoded) return std::move(call).fail({ErrorCode::driver_error, encoded.error().text});
    std::move(call).raw(*encoded);
}

}  // namespace

void run(const Context& context, Call call) {
    const auto contract = contract_id(call.entity);
    if (!contract) return std::move(call).fail({ErrorCode::invalid_input, "Invalid contractId"});
    const auto* driver = drivers::driver_of(*contract);
    // Only the genesis contracts have a driver in this program. Drivers of other contracts are WebAssembly modules,
    // which this node does not run.
    if (driver == nullptr) return std::move(call).fail({ErrorCode::not_found, "Driver not registered"});
    if (call.topic == "get_version") return std::move(call).text(Driver::kVersion);
    if (call.topic == "get_schema") return std::move(call).text(driver->schema());
    const auto colon = call.topic.find(':');
    const std::string method = call.topic.substr(0, colon);
    constexpr std::string_view kMethods[] = {"decode_event", "decode_input_fn", "decode_output_fn", "encode_input_fn"};
    if (colon == std::string::npos || std::ranges::find(kMethods, method) == std::end(kMethods)) {
        return std::move(call).fail({ErrorCode::not_found, fmt::format("Unsupported data driver method {}", method)});
    }
    const std::string name = call.topic.substr(colon + 1);
    // On the pool, because checking one key or point takes about 50 us.
    on_pool(context, std::move(call),
            [driver, method, name](Call asked) { run_method(*driver, std::move(asked), method, name); });
}

}  // namespace rues::api::driver
