#pragma once

#include <array>

#include "unit/wasm/decoded.hpp"
#include "wasm/prepare.hpp"

/// Small modules for the tests of this room.
namespace rues::wasm::test {

inline constexpr std::array<std::string_view, 3> kHost = {"emit", "panic", "self_id"};
inline constexpr std::int32_t kBuffer = 4'096;

/// Everything that a contract must have, and nothing else: memory, `A`, and type 0, (i32) -> i32.
inline Assembler contract(bool is_64 = false, std::uint64_t pages = 2) {
    Assembler out;
    out.type({kI32}, {kI32});
    out.memory({pages}, is_64);
    out.export_memory("memory");
    out.global(is_64 ? kI64 : kI32, false, is_64 ? op::i64_const(kBuffer) : op::i32_const(kBuffer));
    out.export_global("A", 0);
    return out;
}

inline Result<Prepared> prepared(const Assembler& module, const Limits& limits = {}) {
    return prepare(module.build(), kNetworkCosts, {.imports = kHost}, limits);
}

/// A contract with one function () -> () that is not exported.
inline Assembler with_body(const Code& body, const std::vector<Code>& locals = {}) {
    Assembler out = contract();
    out.function(out.type({}, {}), body, locals);
    return out;
}

inline Refusal::Kind refusal_kind(const Result<Prepared>& result) {
    return result ? throw std::logic_error("the module was accepted") : result.error().kind;
}

}  // namespace rues::wasm::test
