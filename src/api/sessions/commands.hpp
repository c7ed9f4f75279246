#pragma once

#include "api/api.hpp"

/// JSON commands that a client says on its socket. docs/delivery.md.
namespace rues::api::commands {

/// Most URIs of one command.
inline constexpr std::size_t kMaxUris = 64;
/// Most bytes that an answer may have; a command whose answer might be longer is refused. It has to fit into what waits
/// for a client that does not read (net::WebSocket::send_text).
inline constexpr std::size_t kMaxAnswer = 16'384;

struct Answer {
    std::string text;
    std::vector<std::shared_ptr<void>> holds;  ///< of what is replayed: to be dropped when the text is on its way
};

/// Runs one command of a session of `loop`, on its thread. `after`: of subscriptions that name no position.
Answer run(const Context& context, std::size_t loop, const wire::SessionId& id, std::optional<wire::Position> after,
           std::string_view text);

}  // namespace rues::api::commands
