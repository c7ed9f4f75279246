#include "api/contract_drivers.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/json_decimal.hpp"
#include "base/json_reading.hpp"
#include "crypto/bls.hpp"
#include "crypto/hash.hpp"
#include "vm/debug_text.hpp"

namespace rues::api {
namespace {

using Failure = ContractDrivers::Failure;
using Kind = Failure::Kind;
using Clock = std::chrono::steady_clock;

std::unexpected<Failure> broken(std::string_view variant, std::string_view why) {
    return std::unexpected(Failure{Kind::driver, fmt::format("{}({})", variant, vm::debug_text(why))});
}

std::unexpected<Failure> failure_of(vm::DriverFailure failure) {
    using From = vm::DriverFailure::Kind;
    const Kind kind = failure.kind == From::driver ? Kind::driver
                      : failure.kind == From::busy ? Kind::busy
                                                   : Kind::limit;
    return std::unexpected(Failure{kind, std::move(failure.text)});
}

/// The result of a driver of a genesis contract.
template <typename T>
ContractDrivers::Result<T> result_of(drivers::Result<T> result) {
    if (!result) return std::unexpected(Failure{Kind::driver, std::move(result.error().text)});
    return std::move(*result);
}

ContractDrivers::Result<std::string> text_of(const base::Bytes& bytes) {
    const auto text = base::text(bytes);
    if (!base::is_utf8(text)) return broken("Other", "the answer is no UTF-8");
    return std::string(text);
}

ContractDrivers::Result<base::json::value> json_of(const base::Bytes& bytes) {
    const auto text = text_of(bytes);
    if (!text) return std::unexpected(text.error());
    const auto parsed = base::json::parse(*text, ContractDrivers::kMaxDepth);
    if (!parsed) return broken("Json", parsed.error());
    return base::json::sorted(*parsed);
}

}  // namespace

std::string ContractDrivers::reason_of(const Failure& failure) {
    switch (failure.kind) {
    case Kind::none:
        return "no driver";
    case Kind::driver:
    case Kind::limit:
        return failure.text;
    case Kind::busy:
        return "too many data drivers are compiled or run";
    case Kind::node:
        break;
    }
    return "this node could not read the driver";
}

bool ContractDrivers::is_signed(base::ByteView owner, base::ByteView signature, base::ByteView module) {
    const auto key = crypto::PublicKey::decode(owner);
    const auto decoded = crypto::Signature::decode(signature);
    return key && decoded && crypto::verify(*key, *decoded, crypto::sha3_256(module));
}

ContractDrivers::Result<store::DriverFilePtr> ContractDrivers::file(const ledger::ContractId& contract) {
    const auto owner = view_.state()->owner(contract);
    if (files_ == nullptr || owner == nullptr) return nullptr;
    auto found = files_->find(
        contract, [&](const store::DriverFile& driver) { return is_signed(*owner, driver.signature, driver.module); });
    if (!found) return std::unexpected(Failure{Kind::node, std::move(found.error().text)});
    return std::move(*found);
}

ContractDrivers::Result<bool> ContractDrivers::put(const ledger::ContractId& contract, store::DriverFile driver) {
    if (files_ == nullptr) return std::unexpected(Failure{Kind::none, "this node stores no drivers"});
    auto stored = files_->put(contract, std::move(driver));
    if (!stored) return std::unexpected(Failure{Kind::node, std::move(stored.error().text)});
    return *stored;
}

bool ContractDrivers::must_compile(const ledger::ContractId& contract) {
    if (drivers::driver_of(contract) != nullptr) return false;
    const auto found = file(contract);
    return found && *found != nullptr && !drivers_.is_known((*found)->hash);
}

void ContractDrivers::compile(const ledger::ContractId& contract) {
    (void)module(contract);
}

vm::Drivers::Stop ContractDrivers::after(std::chrono::milliseconds time) const {
    return [this, until = Clock::now() + time] { return ends_ || Clock::now() >= until; };
}

ContractDrivers::Result<vm::Drivers::ModulePtr> ContractDrivers::module(const ledger::ContractId& contract) {
    const auto found = file(contract);
    if (!found) return std::unexpected(found.error());
    if (*found == nullptr) return std::unexpected(Failure{Kind::none, "Driver not registered"});
    const chain::Ticker::Need need(&view_.state()->queries().ticker());
    auto loaded = drivers_.load({(*found)->module, (*found)->hash}, after(kCompileTime));
    if (!loaded) return failure_of(std::move(loaded.error()));
    return std::move(*loaded);
}

ContractDrivers::Result<base::Bytes> ContractDrivers::ask(const ledger::ContractId& contract,
                                                          const vm::DriverCall& call) {
    const auto loaded = module(contract);
    if (!loaded) return std::unexpected(loaded.error());
    const chain::Ticker::Need need(&view_.state()->queries().ticker());
    auto answer = drivers_.call(*loaded, call, after(kCallTime));
    if (!answer) return failure_of(std::move(answer.error()));
    return std::move(*answer);
}

ContractDrivers::Result<base::json::value> ContractDrivers::decode(const ledger::ContractId& contract,
                                                                   vm::DriverFunction function, std::string_view name,
                                                                   base::ByteView archived) {
    const auto answer = ask(contract, {function, name, archived});
    if (!answer) return std::unexpected(answer.error());
    return json_of(*answer);
}

ContractDrivers::Result<base::Bytes> ContractDrivers::encode_input(const ledger::ContractId& contract,
                                                                   std::string_view function, std::string_view json) {
    if (const auto* driver = drivers::driver_of(contract)) return result_of(driver->encode_input(function, json));
    return ask(contract, {vm::DriverFunction::encode_input, function, base::view(json)});
}

ContractDrivers::Result<base::json::value> ContractDrivers::decode_input(const ledger::ContractId& contract,
                                                                         std::string_view function,
                                                                         base::ByteView archived) {
    if (const auto* driver = drivers::driver_of(contract)) return result_of(driver->decode_input(function, archived));
    return decode(contract, vm::DriverFunction::decode_input, function, archived);
}

ContractDrivers::Result<base::json::value> ContractDrivers::decode_output(const ledger::ContractId& contract,
                                                                          std::string_view function,
                                                                          base::ByteView archived) {
    if (const auto* driver = drivers::driver_of(contract)) return result_of(driver->decode_output(function, archived));
    return decode(contract, vm::DriverFunction::decode_output, function, archived);
}

ContractDrivers::Result<base::json::value> ContractDrivers::decode_event(const ledger::ContractId& contract,
                                                                         std::string_view topic,
                                                                         base::ByteView archived) {
    if (const auto* driver = drivers::driver_of(contract)) return result_of(driver->decode_event(topic, archived));
    return decode(contract, vm::DriverFunction::decode_event, topic, archived);
}

ContractDrivers::Result<std::string> ContractDrivers::schema(const ledger::ContractId& contract) {
    if (const auto* driver = drivers::driver_of(contract)) return driver->schema();
    const auto answer = ask(contract, {.function = vm::DriverFunction::get_schema});
    if (!answer) return std::unexpected(answer.error());
    const auto parsed = json_of(*answer);
    if (!parsed) return std::unexpected(parsed.error());
    return base::json::print_decimal(*parsed);
}

ContractDrivers::Result<std::string> ContractDrivers::version(const ledger::ContractId& contract) {
    if (drivers::driver_of(contract) != nullptr) return std::string(drivers::Driver::kVersion);
    const auto answer = ask(contract, {.function = vm::DriverFunction::get_version});
    if (!answer) return std::unexpected(answer.error());
    return text_of(*answer);
}

}  // namespace rues::api
