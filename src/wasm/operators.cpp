#include "wasm/operators.hpp"

#include <cstddef>

namespace rues::wasm {
namespace {

template <std::size_t N>
constexpr void fill(std::array<Operator, N>& table, std::size_t first, std::size_t last, Operator with) {
    for (std::size_t code = first; code <= last; ++code) table[code] = with;
}

constexpr Operator accesses(std::uint8_t width, CostClass cost = CostClass::plain) {
    return {Form::memory, cost, width};
}

constexpr std::array<Operator, 256> one_byte() {
    std::array<Operator, 256> out{};
    constexpr auto kFree = CostClass::free;
    constexpr auto kPlain = CostClass::plain;
    out[0x00] = {Form::unreachable, kFree};
    out[0x01] = {Form::plain, kFree};  // nop
    out[0x02] = {Form::block, kFree};
    out[0x03] = {Form::loop, kFree};
    out[0x04] = {Form::if_};
    out[0x05] = {Form::else_, kFree};
    out[0x0b] = {Form::end, kFree};
    out[0x0c] = {Form::br};
    out[0x0d] = {Form::br_if};
    out[0x0e] = {Form::br_table};
    out[0x0f] = {Form::return_, kFree};
    out[0x10] = {Form::call};
    out[0x11] = {Form::call_indirect};
    out[0x1a] = {Form::plain, kFree};  // drop
    out[0x1b] = {Form::plain};         // select
    out[0x1c] = {Form::select, kPlain, 0, true};
    fill(out, 0x20, 0x22, {Form::local});
    fill(out, 0x23, 0x24, {Form::global});
    fill(out, 0x25, 0x26, {Form::index, kPlain, 0, true});  // table.get, table.set

    out[0x28] = accesses(4);  // loads
    out[0x29] = accesses(8);
    out[0x2a] = accesses(4);
    out[0x2b] = accesses(8);
    fill(out, 0x2c, 0x2d, accesses(1));
    fill(out, 0x2e, 0x2f, accesses(2));
    fill(out, 0x30, 0x31, accesses(1));
    fill(out, 0x32, 0x33, accesses(2));
    fill(out, 0x34, 0x35, accesses(4));
    out[0x36] = accesses(4, CostClass::store_32);  // i32.store
    out[0x37] = accesses(8, CostClass::store_64);  // i64.store
    out[0x38] = accesses(4, CostClass::store_32);  // f32.store
    out[0x39] = accesses(8, CostClass::store_64);  // f64.store
    out[0x3a] = accesses(1, CostClass::store_32);  // i32.store8
    out[0x3b] = accesses(2, CostClass::store_32);  // i32.store16
    out[0x3c] = accesses(1, CostClass::store_64);  // i64.store8
    out[0x3d] = accesses(2, CostClass::store_64);  // i64.store16
    out[0x3e] = accesses(4, CostClass::store_64);  // i64.store32
    fill(out, 0x3f, 0x40, {Form::index});          // memory.size, memory.grow

    out[0x41] = {Form::i32};
    out[0x42] = {Form::i64};
    out[0x43] = {Form::bytes_4};
    out[0x44] = {Form::bytes_8};
    fill(out, 0x45, 0xc4, {Form::plain});  // comparisons, arithmetic, conversions, sign extension
    out[0xd0] = {Form::null, kPlain, 0, true};
    out[0xd1] = {Form::plain, kPlain, 0, true};  // ref.is_null
    out[0xd2] = {Form::index, kPlain, 0, true};  // ref.func
    out[0xfc] = {Form::prefix_fc};
    out[0xfd] = {Form::prefix_fd};
    return out;
}

constexpr std::array<Operator, 18> after_fc() {
    std::array<Operator, 18> out{};
    fill(out, 0, 7, {Form::plain});                               // saturating conversions
    out[8] = {Form::two_indices};                                 // memory.init
    out[9] = {Form::index};                                       // data.drop
    out[10] = {Form::two_indices};                                // memory.copy
    out[11] = {Form::index};                                      // memory.fill
    out[12] = {Form::two_indices};                                // table.init
    out[13] = {Form::index};                                      // elem.drop
    out[14] = {Form::two_indices};                                // table.copy
    fill(out, 15, 17, {Form::index, CostClass::plain, 0, true});  // table.grow, table.size, table.fill
    return out;
}

constexpr std::array<Operator, 0x114> after_fd() {
    std::array<Operator, 0x114> out{};
    fill(out, 0x00, 0x113, {Form::plain});
    constexpr std::array<std::uint8_t, 20> kGaps = {0x9a, 0xa2, 0xa5, 0xa6, 0xaf, 0xb0, 0xb2, 0xb3, 0xb4, 0xbb,
                                                    0xc2, 0xc5, 0xc6, 0xcf, 0xd0, 0xd2, 0xd3, 0xd4, 0xe2, 0xee};
    for (const std::size_t gap : kGaps) out[gap] = {};
    out[0x00] = accesses(16);            // v128.load
    fill(out, 0x01, 0x06, accesses(8));  // v128.load8x8_s to load32x2_u
    out[0x07] = accesses(1);             // splats
    out[0x08] = accesses(2);
    out[0x09] = accesses(4);
    out[0x0a] = accesses(8);
    out[0x0b] = accesses(16, CostClass::store_128);
    fill(out, 0x0c, 0x0d, {Form::bytes_16});  // v128.const, i8x16.shuffle
    fill(out, 0x15, 0x22, {Form::bytes_1});   // extract_lane, replace_lane
    constexpr std::size_t kLoadLane = 0x54;
    constexpr std::size_t kStoreLane = 0x58;
    for (std::size_t i = 0; i < 4; ++i) {
        const auto width = static_cast<std::uint8_t>(1U << i);
        out[kLoadLane + i] = {Form::memory_lane, CostClass::plain, width};
        out[kStoreLane + i] = {Form::memory_lane, CostClass::store_128, width};
    }
    out[0x5c] = accesses(4);  // v128.load32_zero
    out[0x5d] = accesses(8);  // v128.load64_zero
    return out;
}

}  // namespace

constexpr std::array<Operator, 256> kOperators = one_byte();
constexpr std::array<Operator, 18> kBulkOperators = after_fc();
constexpr std::array<Operator, 0x114> kVectorOperators = after_fd();

}  // namespace rues::wasm
