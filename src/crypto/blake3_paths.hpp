#pragma once

#include "crypto/blake3_tree.hpp"

namespace rues::crypto {

/// How many chunks of 1024 bytes BLAKE3 takes at once. `blake3` uses the widest path that this CPU has; tests compare
/// them. `four` needs no more than the vectors that every x86-64 and ARM64 has.
enum class Blake3Path : std::uint8_t { one = 1, four = 4, eight = 8, sixteen = 16 };

bool blake3_has(Blake3Path path) noexcept;
/// REQUIRES: blake3_has(path).
Hash32 blake3_by(Blake3Path path, ByteView message) noexcept;
void blake3_parts_by(Blake3Path path, std::span<const Blake3Part> parts) noexcept;
Hash32 blake3_of_parts_by(Blake3Path path, std::span<const Hash32> values) noexcept;

}  // namespace rues::crypto
