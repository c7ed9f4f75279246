#pragma once

#include <functional>

#include "base/bytes.hpp"

namespace rues::base {

/// Fills `out` with bytes that nobody can predict. False: there are none, and `out` must not be used: whoever needs a
/// key, an id or the coefficients of a batch fails or does without, and never goes on with what lay there. Any thread.
using RandomSource = std::function<bool(std::span<std::byte> out)>;

/// The system's source. The one way to randomness in the program; tests pass one that fails.
bool system_random(std::span<std::byte> out) noexcept;

}  // namespace rues::base
