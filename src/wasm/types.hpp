#pragma once

#include <cstdint>
#include <optional>

namespace rues::wasm {

/// The values are those of the binary format.
enum class ValueType : std::uint8_t {
    i32 = 0x7f,
    i64 = 0x7e,
    f32 = 0x7d,
    f64 = 0x7c,
    v128 = 0x7b,
    funcref = 0x70,
    externref = 0x6f,
};

constexpr bool is_reference(ValueType type) noexcept {
    return type == ValueType::funcref || type == ValueType::externref;
}

constexpr std::optional<ValueType> value_type(std::uint8_t byte) noexcept {
    if ((byte >= 0x7b && byte <= 0x7f) || byte == 0x70 || byte == 0x6f) return static_cast<ValueType>(byte);
    return std::nullopt;
}

}  // namespace rues::wasm
