#pragma once

#include <optional>
#include <string_view>

#include "base/encoding.hpp"

namespace rues::base {

/// Reads a number as people write it: decimal digits only, no sign, no blanks, no leading zeros, at most 64 bits;
/// nullopt for any other text. So every number has one spelling, and `010` is refused instead of being read as 8 or as
/// 10.
inline std::optional<std::uint64_t> parse_decimal(std::string_view text) noexcept {
    if (text.size() > 1 && text.front() == '0') return std::nullopt;
    return parse_u64(text);
}

}  // namespace rues::base
