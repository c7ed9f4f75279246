#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "net/http.hpp"

/// Where RFC 9112 lets a server be generous, this one is strict. It refuses a request that two readers may understand
/// differently, because another reader may stand in front of this server. Pure.
namespace rues::net {

/// Why a request is refused. `HttpHandler::refusal` makes the answer.
struct Refusal {
    unsigned status;
    std::string text;
};

/// Finds a line that does not end with CRLF, or is folded (RFC 9112 2.2, 5.2), in as much of a head as has arrived.
/// `checked`: how many bytes earlier calls have checked; this call advances it.
std::optional<Refusal> line_problem(std::string_view head, std::size_t& checked);

/// Finds headers that leave the end of the body to a guess (RFC 9112 6.1 to 6.3).
std::optional<Refusal> framing_problem(const Request& request);

/// Finds a wrong Host or a wrong form of the target (RFC 9112 3.2). Turns an absolute target into its origin-form and
/// puts its host in the place of Host.
std::optional<Refusal> settle_target(Request& request);

}  // namespace rues::net
