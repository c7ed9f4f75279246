#include "chain/bytecode.hpp"

#include <array>

#include "base/endian.hpp"

namespace rues::chain {
namespace {

constexpr std::array<std::uint8_t, 8> kHeader{0, 'a', 's', 'm', 1, 0, 0, 0};
constexpr std::uint8_t kMemorySection = 5;
constexpr std::uint8_t kIs64 = 4;
constexpr std::uint8_t kHasMaximum = 1;
constexpr std::uint8_t kHasPageSize = 8;

/// An unsigned LEB128 number; with `Bytes` 5 of 32 bits, with 10 of 64.
template <unsigned Bytes>
std::optional<std::uint64_t> take_leb(base::Reader& in) {
    std::uint64_t out = 0;
    for (unsigned i = 0; i < Bytes; ++i) {
        const auto byte = in.take<std::uint8_t>();
        if (!byte) return std::nullopt;
        out |= std::uint64_t{*byte & 0x7fU} << (7 * i);
        if (*byte < 0x80) return out;
    }
    return std::nullopt;
}

bool has_memory64(base::Reader in) {
    const auto count = take_leb<5>(in);
    for (std::uint64_t i = 0; count && i < *count; ++i) {
        const auto flags = in.take<std::uint8_t>();
        if (!flags) return false;
        if ((*flags & kIs64) != 0) return true;
        if (!take_leb<10>(in)) return false;
        if ((*flags & kHasMaximum) != 0 && !take_leb<10>(in)) return false;
        if ((*flags & kHasPageSize) != 0 && !take_leb<5>(in)) return false;
    }
    return false;
}

}  // namespace

bool declares_memory64(base::ByteView module) {
    base::Reader in(module);
    const auto header = in.take_bytes(kHeader.size());
    if (!header || !base::equal(*header, std::as_bytes(std::span(kHeader)))) return false;
    while (const auto id = in.take<std::uint8_t>()) {
        const auto size = take_leb<5>(in);
        const auto section = size ? in.take_bytes(*size) : std::nullopt;
        if (!section) return false;
        if (*id == kMemorySection) return has_memory64(base::Reader(*section));
    }
    return false;
}

}  // namespace rues::chain
