#include "app/contract_json.hpp"

#include "base/json_reading.hpp"
#include "client/contracts.hpp"
#include "drivers/driver.hpp"

namespace rues::app {
namespace {

using base::ByteView;
using base::json::value;
using ledger::ContractId;

constexpr std::size_t kMostKnown = 1'000;

std::optional<value> of(drivers::Result<value> decoded) {
    return decoded ? std::optional(std::move(*decoded)) : std::nullopt;
}

std::string joined(std::string_view method, std::string_view name) {
    return std::string(method) + ":" + std::string(name);
}

}  // namespace

/// Only a node can say it. An unreachable one is asked once for each contract.
bool ContractJson::has_driver(const ContractId& contract) {
    if (const auto known = has_driver_.find(contract); known != has_driver_.end()) return known->second;
    const auto info = client::contract_info(*node_, contract);
    const bool has_one = info && *info && (*info)->has_driver;
    if (has_driver_.size() < kMostKnown) has_driver_.emplace(contract, has_one);
    return has_one;
}

std::optional<value> ContractJson::decode(const ContractId& contract, std::string_view method, std::string_view name,
                                          ByteView bytes) {
    if (!node_ || !has_driver(contract)) return std::nullopt;
    const auto answer = client::run_driver(*node_, contract, joined(method, name), bytes);
    if (!answer || !*answer) return std::nullopt;
    auto json = base::json::parse(base::text(**answer));
    return json ? std::optional(std::move(*json)) : std::nullopt;
}

std::optional<value> ContractJson::input(const ledger::Call& call) {
    if (const auto* driver = drivers::driver_of(call.contract))
        return of(driver->decode_input(call.fn_name, call.fn_args));
    return decode(call.contract, "decode_input_fn", call.fn_name, call.fn_args);
}

std::optional<value> ContractJson::output(const ContractId& contract, std::string_view function, ByteView bytes) {
    if (const auto* driver = drivers::driver_of(contract)) return of(driver->decode_output(function, bytes));
    return decode(contract, "decode_output_fn", function, bytes);
}

std::optional<value> ContractJson::event(const ledger::ContractEvent& event) {
    if (const auto* driver = drivers::driver_of(event.contract))
        return of(driver->decode_event(event.topic, event.data));
    return decode(event.contract, "decode_event", event.topic, event.data);
}

Result<std::optional<base::Bytes>> ContractJson::encode(const ContractId& contract, std::string_view function,
                                                        std::string_view json) {
    using client::failure;
    if (const auto* driver = drivers::driver_of(contract)) {
        auto bytes = driver->encode_input(function, json);
        if (!bytes) return failure(Error::Kind::invalid, bytes.error().text);
        return std::optional(std::move(*bytes));
    }
    if (!node_ || !has_driver(contract)) return std::optional<base::Bytes>();
    auto answer = client::run_driver(*node_, contract, joined("encode_input_fn", function), base::to_bytes(json));
    // An error of the driver is one of the user's input. A node that is too busy, or that has no drivers, is not.
    const bool is_by_driver = !answer && answer.error().kind == Error::Kind::refused &&
                              answer.error().text.find("Data-Driver Error") != std::string::npos;
    if (is_by_driver) answer.error().kind = Error::Kind::invalid;
    return answer;
}

}  // namespace rues::app
