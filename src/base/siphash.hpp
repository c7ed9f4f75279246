#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace rues::base {

/// The key of a hash, drawn at random when the program starts.
using HashKey = ByteArray<16>;

/// SipHash-2-4 (Aumasson and Bernstein, 2012) of `bytes`. Who does not know the key cannot find keys of a hash map that
/// fall into one bucket, so use it wherever a client chooses the keys and there may be many of them.
std::uint64_t siphash(const HashKey& key, ByteView bytes) noexcept;

}  // namespace rues::base
