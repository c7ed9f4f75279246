#pragma once

#include "wasm/module.hpp"
#include "wasm/prepare.hpp"

namespace rues::wasm {

/// The rules of docs/reference/machine.md 1.1 for contracts, in the node's order. Returns the address of the argument
/// buffer.
Result<std::uint64_t> check_contract(const Module& module, std::span<const std::string_view> host_functions);

}  // namespace rues::wasm
