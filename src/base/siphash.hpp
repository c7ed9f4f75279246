#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace rues::base {

/// The key of a hash, drawn at random when the program starts.
using HashKey = ByteArray<16>;

/// SipHash-2-4 (Aumasson and Bernstein, 2012) of `bytes`. Without the key nobody can find many inputs that fall into
/// one bucket of a hash map. Use it for maps whose keys clients choose and that may grow large.
std::uint64_t siphash(const HashKey& key, ByteView bytes) noexcept;

}  // namespace rues::base
