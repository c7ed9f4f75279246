#pragma once

#include <optional>
#include <span>
#include <string>

#include "client/socket.hpp"
#include "wire/frame.hpp"
#include "wire/legacy.hpp"

namespace rues::client {

/// A connection of the legacy event system: Messages over a WebSocket at `/legacy` (docs/legacy.md). One thread.
class LegacySession {
public:
    struct Begin {
        std::span<const std::string> paths;   ///< RUES paths of events to receive
        std::optional<wire::Position> after;  ///< begin with the stored events after this position
    };
    /// Connects and subscribes. Errors: `unreachable`, `timed_out`, and `refused` when the server has no legacy event
    /// system or does not take a path.
    static Result<LegacySession> open(const Url& url, const Patience& patience, const Begin& begin);

    /// The position from which the server delivers; nullopt: its answer does not say.
    std::optional<wire::Position> from() const noexcept { return from_; }
    Result<void> send(const wire::legacy::Message& message, Deadline deadline);
    /// The next Message, an answer or an event; nullopt: none came by the deadline. After an error the connection is
    /// over.
    Result<std::optional<wire::legacy::Message>> next(Deadline deadline);

private:
    explicit LegacySession(Socket socket) : socket_(std::move(socket)) {}

    Socket socket_;
    std::optional<wire::Position> from_;
};

/// A header of a Message by its name, ignoring case.
std::optional<std::string_view> header_of(const wire::legacy::Message& message, std::string_view name) noexcept;
/// The number at the begin of the header `Status`; nullopt: the Message is no answer.
std::optional<unsigned> status_of(const wire::legacy::Message& message) noexcept;
/// An event's Message as the RUES frame of the same event, so that both are shown alike; nullopt for an answer.
std::optional<wire::Frame> as_frame(const wire::legacy::Message& message);

}  // namespace rues::client
