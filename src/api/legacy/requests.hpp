#pragma once

#include <optional>

#include "api/context.hpp"
#include "api/legacy/language.hpp"

/// Requests of any form on their way to the routes of RUES.
namespace rues::api::legacy {

/// Why a request's version or length is refused; nullopt: it is not.
std::optional<Failure> failure_of_headers(const Context& context, const Asked& asked);
/// Gives the request to the route that it stands for, with the headers that routes know. `session`: the one of the
/// socket, for `Rues-Watch`. On the exchange's loop.
void dispatch(const Context& context, Asked asked, Exchange exchange,
              const std::optional<wire::SessionId>& session = std::nullopt);

/// Whether a debugger is asked for its echo or for the status of the session: by the topic, else by its name.
bool is_echo(std::string_view target, std::string_view topic) noexcept;
bool is_status(std::string_view target, std::string_view topic) noexcept;

}  // namespace rues::api::legacy
