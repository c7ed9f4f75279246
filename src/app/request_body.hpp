#pragma once

#include <string_view>

#include "base/bytes.hpp"
#include "client/http.hpp"

/// How `rues call` turns what the user gave into a request, and an answer into what it prints.
namespace rues::app {

/// The body of a request to `path`, made from the text or bytes that the user gave. May add a Content-Type when the
/// user chose none. A server takes bytes as `application/octet-stream` and otherwise text, in which `0x` and hex digits
/// up to the last character stand for bytes (RP 5.2). So here:
/// - a transaction (`/on/transactions/...`) may be hex with or without `0x`, blanks and line ends around it;
/// - `0x` and hex digits with a line end behind them lose the line end;
/// - what is no UTF-8 is sent as bytes;
/// - anything else is sent as it is.
base::Bytes request_body(std::string_view path, std::string_view given, client::Headers& headers);

/// True when the answer is text, which may get a line end when it is printed; one more byte would spoil anything else.
/// `chosen`: the headers that the user gave.
bool is_text(const client::Headers& chosen, const client::Answer& answer);

}  // namespace rues::app
