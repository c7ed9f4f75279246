#include "wasm/contract_rules.hpp"

#include <algorithm>

namespace rues::wasm {
namespace {

constexpr std::string_view kArgumentBuffer = "A";

std::unexpected<Refusal> wrong_function(std::string_view name, const char* what) {
    return std::unexpected(
        Refusal{Refusal::Kind::function, std::string(what) + " " + std::string(name), std::string(name)});
}

bool is_entry_point(const Module::FunctionType& type) noexcept {
    const auto is_i32 = [](base::ByteView types) {
        return types.size() == 1 && types.front() == static_cast<std::byte>(ValueType::i32);
    };
    return is_i32(type.parameters) && is_i32(type.results);
}

/// A negative i32 is no address: the node extends its sign.
std::optional<std::uint64_t> argument_buffer(const Module& module) {
    const auto found = std::ranges::find_if(
        module.exports, [](const auto& item) { return item.kind == Kind::global && item.name == kArgumentBuffer; });
    if (found == module.exports.end()) return std::nullopt;
    const Module::Global& global = module.globals[found->index];
    const bool is_64 = module.memory->is_64;
    if (global.is_mutable || global.type != (is_64 ? ValueType::i64 : ValueType::i32)) return std::nullopt;
    const std::uint64_t end = is_64 ? kAddressSpace - kArgumentBufferBytes : kAddressSpace / 2;
    return global.value < end ? std::optional(global.value) : std::nullopt;
}

}  // namespace

Result<std::uint64_t> check_contract(const Module& module, std::span<const std::string_view> host_functions) {
    const auto memories = static_cast<std::uint64_t>(
        std::ranges::count_if(module.exports, [](const auto& item) { return item.kind == Kind::memory; }));
    if (memories != 1)
        return std::unexpected(
            Refusal{.kind = Refusal::Kind::memories,
                    .text = "module exports " + std::to_string(memories) + " memories instead of one",
                    .count = memories});
    for (const Module::Export& item : module.exports)
        if (item.kind == Kind::function && !is_entry_point(module.type_of(item.index)))
            return wrong_function(item.name, "exported function is not (i32) -> i32:");
    for (const Module::Import& import : module.imports)
        if (std::ranges::find(host_functions, import.name) == host_functions.end())
            return wrong_function(import.name, "the host has no function");
    const auto buffer = argument_buffer(module);
    if (!buffer)
        return std::unexpected(
            Refusal{Refusal::Kind::argument_buffer, "module exports no immutable global A with the address of 64 KiB"});
    return *buffer;
}

}  // namespace rues::wasm
