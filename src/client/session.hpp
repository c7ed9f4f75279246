#pragma once

#include <string>
#include <vector>

#include "client/socket.hpp"
#include "wire/finality.hpp"
#include "wire/frame.hpp"

namespace rues::client {

/// The session that the upgrade asks for.
struct Resume {
    std::string session;  ///< id of the session to resume; empty: a new session
    std::optional<wire::Position> after;
    bool decodes = false;         ///< new subscriptions get events of contracts decoded; a server may not know this
    wire::Certainty certainty{};  ///< of new subscriptions; a server may not know this
};

/// A RUES session: a WebSocket at `/on` whose first text message is the session id; subscriptions go over HTTP with
/// that id (docs/reference/protocol.md 1, 3). One thread.
class Session {
public:
    /// Connects, upgrades, and waits for the session id, `patience.timeout` in all. Errors: `unreachable`, `timed_out`,
    /// `refused` (no upgrade), `malformed` (no session id).
    static Result<Session> open(const Url& url, const Patience& patience = {}, const Resume& resume = {});

    const std::string& id() const noexcept { return id_; }
    /// Whether the server recovered the session of `resume`; nullopt: its answer does not say.
    std::optional<bool> recovered() const noexcept { return recovered_; }
    /// The position from which the server delivers; nullopt: its answer does not say.
    std::optional<wire::Position> from() const noexcept { return from_; }

    /// Subscribes to a RUES path (`/on/blocks/accepted`). The result is the position after which its events are
    /// delivered; nullopt from a server without positions. `refused`: the server will not take it later either.
    /// `unreachable`: this session or this moment is the reason.
    Result<std::optional<wire::Position>> subscribe(std::string_view path, std::chrono::milliseconds timeout);
    /// Ends a subscription. A missing subscription is no error.
    Result<void> unsubscribe(std::string_view path, std::chrono::milliseconds timeout);
    /// The next event; nullopt: none came by the deadline. It also answers pings and watches the silence of the server.
    /// After an error the session is over; when the server closed it, the text has the code and the reason.
    Result<std::optional<wire::Frame>> next_event(Deadline deadline);

private:
    Session(Url url, Socket socket) : url_(std::move(url)), socket_(std::move(socket)) {}
    Result<Answer> command(std::string_view method, std::string_view path, std::chrono::milliseconds timeout);

    Url url_;
    Socket socket_;
    std::string id_;
    std::optional<bool> recovered_;
    std::optional<wire::Position> from_;
};

}  // namespace rues::client
