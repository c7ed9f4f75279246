#pragma once

#include <cstddef>
#include <span>

namespace rues::base {

/// Overwrites memory that held a secret. No compiler leaves it out, though nobody reads the memory afterwards.
void wipe(std::span<std::byte> memory) noexcept;

}  // namespace rues::base
