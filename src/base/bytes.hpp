#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace rues::base {

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;
template <std::size_t N>
using ByteArray = std::array<std::byte, N>;
using Hash32 = ByteArray<32>;

inline ByteView view(std::string_view text) noexcept {
    return std::as_bytes(std::span(text.data(), text.size()));
}

inline std::string_view text(ByteView bytes) noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// For C libraries that speak unsigned char.
inline const std::uint8_t* u8(ByteView bytes) noexcept {
    return reinterpret_cast<const std::uint8_t*>(bytes.data());
}
inline std::uint8_t* u8(std::span<std::byte> bytes) noexcept {
    return reinterpret_cast<std::uint8_t*>(bytes.data());
}

inline std::uint8_t* u8(Bytes& bytes) noexcept {
    return u8(std::span(bytes));
}
template <std::size_t N>
std::uint8_t* u8(ByteArray<N>& bytes) noexcept {
    return u8(std::span<std::byte>(bytes));
}

inline Bytes to_bytes(ByteView bytes) {
    return {bytes.begin(), bytes.end()};
}
inline Bytes to_bytes(std::string_view text) {
    return to_bytes(view(text));
}

/// REQUIRES: bytes.size() == N.
template <std::size_t N>
ByteArray<N> to_array(ByteView bytes) noexcept {
    ByteArray<N> out;
    std::memcpy(out.data(), bytes.data(), N);
    return out;
}

inline bool equal(ByteView a, ByteView b) noexcept {
    return std::ranges::equal(a, b);
}

inline void append(Bytes& to, ByteView bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
}

/// Hash of fixed-size keys whose bytes are already uniform (hashes, compressed points): the last eight bytes.
struct UniformHash {
    template <std::size_t N>
    std::size_t operator()(const ByteArray<N>& key) const noexcept {
        static_assert(N >= sizeof(std::size_t));
        std::size_t out = 0;
        std::memcpy(&out, key.data() + N - sizeof out, sizeof out);
        return out;
    }
};

}  // namespace rues::base
