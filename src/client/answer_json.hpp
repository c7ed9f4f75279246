#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "client/http.hpp"

/// Reads the JSON of a node's answers and events.
namespace rues::client {

/// The JSON object in `text`. Error `malformed`, with `what` at the front of its text, when `text` is not a JSON
/// object.
Result<base::json::object> parse_object(base::ByteView text, std::string_view what);
/// nullopt when the member is missing or not a number of 64 bits.
std::optional<std::uint64_t> number_in(const base::json::object& from, std::string_view key);
std::optional<std::string> text_in(const base::json::object& from, std::string_view key);
/// The text of `{"error": text}`, or else the body as it is.
std::string error_text(const Answer& answer);

}  // namespace rues::client
