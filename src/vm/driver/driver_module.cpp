#include "vm/driver/driver_module.hpp"

#include <fmt/format.h>

#include "vm/driver/driver_instance.hpp"

namespace rues::vm {
namespace {

using Kind = DriverFailure::Kind;

std::unexpected<DriverFailure> not_compiled(std::string_view why) {
    return driver_failure(Kind::driver, "WasmRuntime", fmt::format("Failed to compile WASM: {}", why));
}

std::unexpected<DriverFailure> too_large(std::string_view what) {
    return driver_failure(Kind::memory, "Limit", what);
}

}  // namespace

DriverResult<std::shared_ptr<const DriverModule>> DriverModule::compile(Engine& engine, const DriverCode& code) {
    wasm::Limits limits;
    limits.module_work = kMaxWork;
    // A start section runs before the counter can be set, so each instance begins with the gas of one call.
    const wasm::Rules rules{.contract = false, .imports = {}, .initial_counter = -DriverInstance::kGas};
    const auto prepared = wasm::prepare(code.module, wasm::kNetworkCosts, rules, limits);
    if (!prepared && prepared.error().kind == wasm::Refusal::Kind::too_large) return too_large(prepared.error().text);
    if (!prepared) return not_compiled(prepared.error().text);
    if (prepared->memory64) return not_compiled("a driver has a 32-bit memory");
    const std::uint64_t min_bytes = prepared->min_pages * wasm::kPageBytes;
    if (min_bytes > DriverInstance::kMemoryBytes)
        return too_large(fmt::format("the memory begins with {} bytes, and a driver may have {}", min_bytes,
                                     DriverInstance::kMemoryBytes));
    if (const auto imports = prepared->imports.size(); imports > 0)
        return driver_failure(Kind::driver, "WasmRuntime",
                              fmt::format("Failed to instantiate WASM: expected {} imports, found 0", imports));
    if (prepared->module.size() > kMaxCompiledInput) return too_large("the module is too large to be compiled");
    auto compiled = vm::compile(engine, *prepared);
    if (!compiled) return not_compiled(compiled.error().text);
    return std::shared_ptr<const DriverModule>(new DriverModule(code.hash, std::move(*compiled), min_bytes));
}

}  // namespace rues::vm
