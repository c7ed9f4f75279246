#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace rues::client {

inline constexpr std::uint64_t kLuxPerDusk = 1'000'000'000;

/// Reads an amount and returns LUX. Forms: `1`, `0.5`, `1.000000001` (DUSK, at most 9 decimals) or `250lux`. No signs,
/// blanks or leading zeros. The error says which form is expected, or that the amount is too large.
std::expected<std::uint64_t, std::string> parse_amount(std::string_view text);
/// The amount in DUSK, without trailing zeros.
std::string dusk(std::uint64_t lux);

}  // namespace rues::client
