#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "net/server.hpp"

/// Where RFC 9112 lets a server be generous, this one is strict: what two readers may understand differently is
/// refused, since one of them may stand in front of this server. Pure.
namespace rues::net {

/// Why a request is not handled; goes through `HttpHandler::refusal`.
struct Refusal {
    unsigned status;
    std::string text;
};

/// Of a head, or of as much of it as is there: a line not ended by CRLF, or folded (RFC 9112 2.2, 5.2). `checked` is
/// how much of it an earlier call has seen, and is moved on.
std::optional<Refusal> line_problem(std::string_view head, std::size_t& checked);

/// A body whose end would be a guess (RFC 9112 6.1 to 6.3).
std::optional<Refusal> framing_problem(const Request& request);

/// Wrong Host or form of the target (RFC 9112 3.2). Gives an absolute target its origin-form, and its host the place of
/// Host.
std::optional<Refusal> settle_target(Request& request);

}  // namespace rues::net
