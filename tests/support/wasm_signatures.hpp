#pragma once

#include <string_view>
#include <vector>

#include "support/wasm_assembler.hpp"

/// All operators that take values off the stack and put at most one onto it, with their types.
namespace rues::wasm::test {

struct Signature {
    /// What must be so that the operator does not trap.
    enum class Guard : std::uint8_t {
        none,
        divisor,      ///< the last operand is not zero, and the first is not negative
        small_float,  ///< the operand is a float between 0 and 32767
        address,      ///< the first operand is an address in memory
    };

    Code code;
    std::string_view parameters;  ///< a letter for each: i i32, l i64, f f32, d f64, v v128, p an address
    char result = 0;              ///< 0: none
    Guard guard = Guard::none;
    std::uint8_t width = 0;    ///< bytes of memory that it accesses: alignment and offset follow
    std::uint8_t lanes = 0;    ///< the number of a lane below this follows
    std::uint8_t literal = 0;  ///< this many bytes below 32 follow
};

/// `vectors`: with SIMD and relaxed SIMD.
std::vector<Signature> signatures(bool vectors);

}  // namespace rues::wasm::test
