#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "base/encoding.hpp"

namespace rues::app {

/// `500ms`, `1s`, `2m`, `3h`; nullopt for anything else, and beyond ten years.
inline std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
    const auto unit_at = text.find_first_not_of("0123456789");
    if (unit_at == std::string_view::npos || unit_at == 0) return std::nullopt;
    const auto number = base::parse_u64(text.substr(0, unit_at));
    const std::string_view unit = text.substr(unit_at);
    std::int64_t scale = 0;
    if (unit == "ms") scale = 1;
    if (unit == "s") scale = 1'000;
    if (unit == "m") scale = 60'000;
    if (unit == "h") scale = 3'600'000;
    constexpr std::uint64_t kMax = 10ULL * 366 * 24 * 3'600'000;
    if (scale == 0 || !number || *number > kMax / static_cast<std::uint64_t>(scale)) return std::nullopt;
    return std::chrono::milliseconds(static_cast<std::int64_t>(*number) * scale);
}

}  // namespace rues::app
