#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "client/http.hpp"

/// How `rues call` turns the user's input into a request, and decides how to print the answer.
namespace rues::app {

/// The headers that the user gave with `-H`, each as `Name: value`. The error names the flag and the line.
base::Result<client::Headers> headers_of(std::span<const std::string> lines);
/// The body of a request to `path`, made from the user's text or bytes. May add a Content-Type when the user chose
/// none. A server treats a body as bytes when it comes as `application/octet-stream`, and otherwise as text; in a text,
/// `0x` followed only by hex digits stands for bytes (docs/reference/protocol.md 5.2). Therefore:
/// - a transaction (`/on/transactions/...`) may be hex with or without `0x`, with blanks and line ends around it;
/// - `0x` and hex digits followed by a line end lose the line end;
/// - input that is not UTF-8 is sent as bytes;
/// - all other input is sent unchanged.
base::Bytes request_body(std::string_view path, std::string_view given, client::Headers& headers);

/// True when the answer is text, which may get a line end when it is printed; a line end after anything else would
/// change its bytes. `chosen`: the headers that the user gave.
bool is_text(const client::Headers& chosen, const client::Answer& answer);

}  // namespace rues::app
