#include "wasm/cursor.hpp"

#include "base/encoding.hpp"

namespace rues::wasm {
namespace {

constexpr unsigned kGroup = 7;  ///< bits of one byte of LEB128

}  // namespace

std::uint64_t Cursor::unsigned_leb(unsigned bits) noexcept {
    std::uint64_t out = 0;
    for (unsigned shift = 0;; shift += kGroup) {
        const std::uint8_t next = byte();
        if (failed()) return 0;
        out |= std::uint64_t{next & 0x7fU} << shift;
        if (shift + kGroup >= bits && (next >> (bits - shift)) != 0) {  // the last byte that may follow
            fail((next & 0x80) != 0 ? "number is too long" : "number is too large");
            return 0;
        }
        if ((next & 0x80) == 0) return out;
    }
}

std::int64_t Cursor::signed_leb(unsigned bits) noexcept {
    std::uint64_t out = 0;
    unsigned shift = 0;
    while (true) {
        const std::uint8_t next = byte();
        if (failed()) return 0;
        out |= std::uint64_t{next & 0x7fU} << shift;
        if (shift + kGroup >= bits) {
            // The bits beyond the number must repeat its sign.
            const auto used = static_cast<unsigned>(next & 0x7fU) >> (bits - shift - 1);
            const unsigned ones = 0x7fU >> (bits - shift - 1);
            if ((next & 0x80) != 0 || (used != 0 && used != ones)) {
                fail((next & 0x80) != 0 ? "number is too long" : "number is too large");
                return 0;
            }
        }
        shift += kGroup;
        if ((next & 0x80) == 0) break;
    }
    if (shift < 64 && (out >> (shift - 1) & 1) != 0) out |= ~std::uint64_t{0} << shift;
    return static_cast<std::int64_t>(out);
}

std::uint32_t Cursor::count(std::uint32_t limit, std::size_t size) noexcept {
    const std::uint32_t out = u32();
    if (out > remaining() / size) {
        fail("count exceeds the bytes that are left");
        return 0;
    }
    if (out > limit) {
        fail("count exceeds its limit", Refusal::Kind::too_large);
        return 0;
    }
    return out;
}

ValueType Cursor::type() noexcept {
    const auto out = value_type(byte());
    if (!out) unsupported("unknown value type");
    return out.value_or(ValueType::i32);
}

std::string_view Cursor::name(std::uint32_t limit) noexcept {
    const std::string_view out = base::text(bytes(count(limit, 1)));
    if (!base::is_utf8(out)) fail("name is not UTF-8");
    return out;
}

Refusal Cursor::refusal() const {
    return {kind_, std::string(problem_) + " at byte " + std::to_string(offset())};
}

}  // namespace rues::wasm
