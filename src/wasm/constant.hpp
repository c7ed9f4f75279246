#pragma once

#include "wasm/cursor.hpp"

namespace rues::wasm {

/// The value of a constant expression.
struct Constant {
    ValueType type = ValueType::i32;
    std::uint64_t value = 0;  ///< of an i32, without sign, or i64; else 0
};

/// Reads one constant and the `end` after it. Only imported globals could be used in its place, and contracts import
/// functions only. Engines also know sums and products of constants (the proposal extended constants), which the
/// network refuses. A cursor that failed gives a value that means nothing.
Constant read_constant(Cursor& cursor) noexcept;

}  // namespace rues::wasm
