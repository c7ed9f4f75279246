#pragma once

#include "api/api.hpp"
#include "net/websocket.hpp"

/// JSON commands that a client sends on its session's WebSocket. docs/delivery.md.
namespace rues::api::commands {

/// Most URIs in one command.
inline constexpr std::size_t kMaxUris = 64;
/// Most bytes of an answer. A command whose answer might be longer is refused. The answer must fit into the socket's
/// control buffer (net::WebSocket::send_text), even when the client does not read.
inline constexpr std::size_t kMaxAnswer = 16'384;

struct Answer {
    std::string text;
    /// While these live, the replays of the new subscriptions wait. Drop them once the text is queued, so that the
    /// answer comes first.
    std::vector<std::shared_ptr<void>> holds;
};

/// Runs one command of a session and returns the answer; a text that is no command gets an error as its answer. On the
/// thread of `loop`, which owns the session. `after`: the position for subscriptions that name none themselves.
Answer run(const Context& context, std::size_t loop, const wire::SessionId& id, std::optional<wire::Position> after,
           std::string_view text);

}  // namespace rues::api::commands
