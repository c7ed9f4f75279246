#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"

/// Reading JSON that a peer sent, so that the parts that are sent back are valid JSON again.
namespace rues::base::json {

/// The deepest nesting of arrays and objects.
inline constexpr std::size_t kMaxDepth = 32;

/// Parses JSON text as Boost.JSON does: text that is not UTF-8 and escapes of half a character are refused; of a
/// repeated member the last one counts. A number beyond the range of a double is refused too: it would be read as
/// infinite, which JSON cannot express. The error says what is wrong.
std::expected<value, std::string> parse(std::string_view text, std::size_t max_depth = kMaxDepth);

/// The text of a member of an object, exactly as the peer wrote it, for values that are sent back unchanged: parsed and
/// printed again, 1.0 would become 1E0. Of a repeated member the last one, as in `parse`. nullopt when there is no such
/// member. REQUIRES: `parse` reads `text` as an object.
std::optional<std::string_view> member_text(std::string_view text, std::string_view name);

/// `bytes` as UTF-8 text: each byte that is not part of a whole character becomes U+FFFD.
std::string as_text(std::string_view bytes);

}  // namespace rues::base::json
