#include "wasm/constant.hpp"

namespace rues::wasm {
namespace {

constexpr std::uint8_t kEnd = 0x0b;

Constant read_value(Cursor& cursor) noexcept {
    switch (cursor.byte()) {
    case 0x41:
        return {ValueType::i32, static_cast<std::uint32_t>(cursor.s32())};
    case 0x42:
        return {ValueType::i64, static_cast<std::uint64_t>(cursor.s64())};
    case 0x43:
        cursor.skip(4);
        return {ValueType::f32};
    case 0x44:
        cursor.skip(8);
        return {ValueType::f64};
    case 0xfd:
        if (cursor.u32() != 0x0c) break;  // v128.const
        cursor.skip(16);
        return {ValueType::v128};
    case 0xd0: {  // ref.null
        const ValueType type = cursor.type();
        if (!is_reference(type)) cursor.unsupported("unknown reference type");
        return {type};
    }
    case 0xd2:
        cursor.u32();
        return {ValueType::funcref};  // ref.func
    default:
        break;
    }
    cursor.unsupported("constant expression with an operator that is no constant");
    return {};
}

}  // namespace

Constant read_constant(Cursor& cursor) noexcept {
    const Constant out = read_value(cursor);
    if (!cursor.failed() && cursor.byte() != kEnd)
        cursor.unsupported("constant expression with more than one operator");
    return out;
}

}  // namespace rues::wasm
