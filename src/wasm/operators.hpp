#pragma once

#include <array>
#include <cstdint>

#include "wasm/costs.hpp"

/// The operators that contracts may use (docs/reference/machine.md 1.1). What is not in the tables is refused.
namespace rues::wasm {

/// What follows an operator's code, and what metering does at it.
enum class Form : std::uint8_t {
    unknown,
    plain,  ///< nothing follows
    block,  ///< a block type
    loop,   ///< a block type
    if_,    ///< a block type
    else_,
    end,
    br,        ///< a label
    br_if,     ///< a label
    br_table,  ///< labels
    return_,
    unreachable,
    call,           ///< an index that the engine checks
    call_indirect,  ///< a type and a table
    local,          ///< a local
    global,         ///< a global
    index,          ///< an index that the engine checks
    two_indices,
    memory,       ///< alignment and offset
    memory_lane,  ///< alignment, offset, and the number of a lane
    i32,
    i64,
    bytes_1,
    bytes_4,
    bytes_8,
    bytes_16,
    select,     ///< one value type
    null,       ///< a reference type
    prefix_fc,  ///< a number, the index in kBulkOperators
    prefix_fd,  ///< a number, the index in kVectorOperators
};

struct Operator {
    Form form = Form::unknown;
    CostClass cost = CostClass::plain;
    std::uint8_t width = 0;        ///< of Form::memory and memory_lane: bytes that are accessed
    bool reference_types = false;  ///< belongs to the proposal reference types
};

extern const std::array<Operator, 256> kOperators;
extern const std::array<Operator, 18> kBulkOperators;       ///< after the byte 0xfc
extern const std::array<Operator, 0x114> kVectorOperators;  ///< after the byte 0xfd

}  // namespace rues::wasm
