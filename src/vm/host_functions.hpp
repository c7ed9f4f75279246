#pragma once

#include <cstdint>
#include <span>

#include "vm/engine.hpp"

namespace rues::vm {

/// The functions that contracts import, in the order of the lists below. docs/reference/machine.md 1.2.
enum class Import : std::uint8_t {
    hq,
    hd,
    c,
    emit,
    feed,
    caller,
    callstack,
    limit,
    spent,
    panic,
    owner,
    self_id,
    hdebug,  ///< only for machines that let contracts log (`MachineOptions::contract_log`)
};

std::span<const HostFunction> host_functions32() noexcept;
std::span<const HostFunction> host_functions64() noexcept;
/// The names of those that a contract may import, for `wasm::Rules`.
std::span<const std::string_view> host_function_names(bool contract_log = false) noexcept;

}  // namespace rues::vm
