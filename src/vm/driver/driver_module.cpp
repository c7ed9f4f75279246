#include "vm/driver/driver_module.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

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

/// A function that a driver must export. All values are i32.
struct Needed {
    std::string_view name;
    wasm::Export::Arity arity;
};
constexpr std::array<Needed, 10> kNeeded = {{{"alloc", {1, 1}},
                                             {"dealloc", {2, 0}},
                                             {"encode_input_fn", {6, 1}},
                                             {"decode_input_fn", {6, 1}},
                                             {"decode_output_fn", {6, 1}},
                                             {"decode_event", {6, 1}},
                                             {"get_schema", {2, 1}},
                                             {"get_version", {2, 1}},
                                             {"get_last_error", {2, 1}},
                                             {"init", {0, 0}}}};

/// The engine is not asked: its interface ends the process when a type contains v128.
std::string first_wrong_export(std::span<const wasm::Export> exported) {
    for (const auto& [name, arity] : kNeeded) {
        const auto found = std::ranges::find(exported, name, &wasm::Export::name);
        if (found != exported.end() && found->of_i32 == arity) continue;
        const auto* const why = found != exported.end() ? "it has another type" : "there is no such function";
        return fmt::format("Invalid '{}' export: {}", name, why);
    }
    return {};
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
    return std::shared_ptr<const DriverModule>(
        new DriverModule(code.hash, std::move(*compiled), min_bytes, first_wrong_export(prepared->functions)));
}

}  // namespace rues::vm
