#pragma once

#include <array>
#include <cstring>
#include <memory>

#include "base/bytes.hpp"
#include "crypto/kzg.hpp"

extern "C" {
#include <eip4844/eip4844.h>
}

/// The parts that kzg.cpp, which checks proofs, and kzg_proving.cpp, which makes them, share. Private to the room.
namespace rues::crypto {

static_assert(kBlobBytes == BYTES_PER_BLOB && sizeof(Blob) == kBlobBytes);

inline constexpr unsigned kKzgLogElements = 12;
static_assert(kBlobElements == std::size_t{1} << kKzgLogElements);

/// `i` with its bits in reverse: the place of root and point i in the library's order.
constexpr std::size_t kzg_reversed(std::size_t i) noexcept {
    std::size_t out = 0;
    for (unsigned bit = 0; bit < kKzgLogElements; ++bit) out |= (i >> bit & 1) << (kKzgLogElements - 1 - bit);
    return out;
}

/// The roots of unity of order 4,096 at which a blob gives the values of its polynomial, in bit-reversed order.
const std::array<blst_fr, kBlobElements>& kzg_roots();

/// Ends the program, because its copy of the setup is damaged.
[[noreturn]] void kzg_setup_is_damaged();

template <typename To, std::size_t N>
To kzg_bytes(const base::ByteArray<N>& from) {
    To out;
    static_assert(sizeof out.bytes == N);
    std::memcpy(out.bytes, from.data(), N);
    return out;
}

/// A copy as the library wants it; too large for the stack of some threads. REQUIRES: `data` has `kBlobBytes` bytes.
inline std::unique_ptr<Blob> kzg_blob(base::ByteView data) {
    auto out = std::make_unique_for_overwrite<Blob>();
    std::memcpy(out->bytes, data.data(), kBlobBytes);
    return out;
}

}  // namespace rues::crypto
