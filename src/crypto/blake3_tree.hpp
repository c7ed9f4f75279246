#pragma once

#include <span>

#include "crypto/hash.hpp"

/// BLAKE3 of a message of which parts change: the values of the other parts are kept and not computed again. They are
/// nodes of BLAKE3's own hash tree (specification, section 2.1), so the hash is that of `blake3`. Pure.
namespace rues::crypto {

inline constexpr std::size_t kBlake3Chunk = 1024;
/// A part has at most this many chunks, and a message at most this many parts.
inline constexpr std::size_t kBlake3Parts = 64;

/// A part of a larger message: a subtree of its hash tree. REQUIRES: the part has 1, 2, 4 ... `kBlake3Parts` whole
/// chunks, begins in the message at a multiple of its size, and is not the whole message.
struct Blake3Part {
    ByteView bytes;
    std::uint64_t first_chunk = 0;  ///< the number of its first chunk in the message
    Hash32* value = nullptr;        ///< gets the value of the part
};

/// Computes the values of parts of one size, of one message or of several, many chunks at once.
void blake3_parts(std::span<const Blake3Part> parts) noexcept;
/// The hash of a message, from the values of all its parts. REQUIRES: all parts have one size, and there are 2, 4, 8
/// ... `kBlake3Parts` of them.
Hash32 blake3_of_parts(std::span<const Hash32> values) noexcept;

}  // namespace rues::crypto
