#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"

/// Reading JSON that a peer sent, so that what goes back is JSON again.
namespace rues::base::json {

/// Most arrays and objects inside each other.
inline constexpr std::size_t kMaxDepth = 32;

/// As Boost.JSON reads it, which refuses what is not UTF-8 and escapes of half a character; of a member given twice the
/// last counts. A number beyond a double is refused as well: read, it would be infinite, which no JSON says. The error
/// says what is wrong.
std::expected<value, std::string> parse(std::string_view text, std::size_t max_depth = kMaxDepth);

/// A member of an object as its text was written, for what has to go back as it came: read and printed again, 1.0 is
/// 1E0. Of one given twice the last, as `parse` takes it. nullopt: there is none. REQUIRES: `parse` reads `text` as an
/// object.
std::optional<std::string_view> member_text(std::string_view text, std::string_view name);

/// The same text, with U+FFFD for each byte that is not of a whole character.
std::string as_text(std::string_view bytes);

}  // namespace rues::base::json
