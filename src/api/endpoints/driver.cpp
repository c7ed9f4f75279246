#include <fmt/format.h>

#include <array>

#include "api/endpoints/contract_id.hpp"
#include "api/endpoints/driving.hpp"
#include "api/routes.hpp"
#include "base/json_decimal.hpp"

/// `/on/driver:<contract>/<method>[:<name>]`: runs a method of the contract's data driver.
/// docs/reference/protocol.md 8.5; docs/reference/differences.md 1, 35.
namespace rues::api::driver {
namespace {

constexpr std::string_view kSchema = "get_schema";
constexpr std::string_view kVersion = "get_version";

/// Reads nothing but the tables of the program.
bool is_short(const ledger::ContractId& contract, std::string_view topic) {
    return is_genesis_contract(contract) && (topic == kVersion || topic == kSchema);
}

template <typename T, typename Make>
Result<Answer> answer_of(ContractDrivers::Result<T> result, Make make) {
    if (!result) return std::unexpected(failure_of(result.error()));
    return Answer(make(std::move(*result)));
}

Result<Answer> json_answer(ContractDrivers::Result<base::json::value> result) {
    return answer_of(std::move(result),
                     [](const base::json::value& value) { return JsonText{base::json::print_decimal(value)}; });
}

/// A schema that the driver cannot give is empty, as on the node.
Result<Answer> schema_answer(ContractDrivers::Result<std::string> result) {
    if (!result && result.error().kind == ContractDrivers::Failure::Kind::driver) return Text{};
    return answer_of(std::move(result), [](std::string text) { return Text{std::move(text)}; });
}

Result<Answer> answer(ContractDrivers& drivers, const ledger::ContractId& contract, std::string_view topic,
                      base::ByteView body) {
    if (topic == kSchema) return schema_answer(drivers.schema(contract));
    if (topic == kVersion)
        return answer_of(drivers.version(contract), [](std::string text) { return Text{std::move(text)}; });
    const auto colon = topic.find(':');
    const auto method = topic.substr(0, colon);
    const auto name = colon == std::string_view::npos ? std::string_view() : topic.substr(colon + 1);
    if (colon != std::string_view::npos) {
        if (method == "decode_event") return json_answer(drivers.decode_event(contract, name, body));
        if (method == "decode_input_fn") return json_answer(drivers.decode_input(contract, name, body));
        if (method == "decode_output_fn") return json_answer(drivers.decode_output(contract, name, body));
        if (method == "encode_input_fn")
            return answer_of(drivers.encode_input(contract, name, base::text(body)),
                             [](base::Bytes bytes) { return bytes; });
    }
    if (!is_genesis_contract(contract)) {
        const auto file = drivers.file(contract);
        if (!file) return std::unexpected(failure_of(file.error()));
        if (*file == nullptr) return fail(ErrorCode::not_found, "Driver not registered");
    }
    return fail(ErrorCode::not_found, fmt::format("Unsupported data driver method {}", method));
}

}  // namespace

Work work_of(const Exchange& exchange) {
    const auto contract = contract_id(exchange.entity);
    if (!contract || is_short(*contract, exchange.topic)) return Work::loop;
    // The drivers of the genesis contracts check keys or points, at about 50 us each. Others run uploaded code.
    return is_genesis_contract(*contract) ? Work::scan : Work::call;
}

void run(const Context& context, Exchange exchange) {
    const auto contract = contract_id(exchange.entity);
    if (!contract) return std::move(exchange).fail({ErrorCode::invalid_input, "Invalid contractId"});
    const auto task = [&context, contract = *contract](Exchange asked) {
        auto made = answer(*context.drivers, contract, asked.topic, asked.body);
        std::move(asked).answer(std::move(made), context.read_pool);
    };
    const Work work = work_of(exchange);
    if (work == Work::loop) return task(std::move(exchange));
    if (work == Work::scan) return on_pool(context, work, std::move(exchange), task);
    with_driver(context, work, std::move(exchange), *contract, task);
}

}  // namespace rues::api::driver
