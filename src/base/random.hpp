#pragma once

#include <functional>

#include "base/bytes.hpp"

namespace rues::base {

/// Fills `out` with bytes that nobody can predict. Returns false when there are none; then the caller must not use
/// `out`. Code that needed a key, an id or the coefficients of a batch fails or does without them. Any thread may call
/// it.
using RandomSource = std::function<bool(std::span<std::byte> out)>;

/// The operating system's randomness, the only source in the program. Tests pass a source that fails.
bool system_random(std::span<std::byte> out) noexcept;

}  // namespace rues::base
