#pragma once

#include <cstdint>
#include <limits>
#include <optional>

/// Arithmetic of amounts; nullopt when the result does not fit in 64 bits.
namespace rues::chain {

/// nullopt also for an `a` that is nullopt, so that sums can be nested.
constexpr std::optional<std::uint64_t> added(std::optional<std::uint64_t> a, std::uint64_t b) {
    return !a || b > std::numeric_limits<std::uint64_t>::max() - *a ? std::nullopt : std::optional(*a + b);
}

constexpr std::optional<std::uint64_t> multiplied(std::uint64_t a, std::uint64_t b) {
    return a != 0 && b > std::numeric_limits<std::uint64_t>::max() / a ? std::nullopt : std::optional(a * b);
}

}  // namespace rues::chain
