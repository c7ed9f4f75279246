#pragma once

#include <string>
#include <vector>

#include "client/http.hpp"
#include "wire/frame.hpp"
#include "wire/websocket.hpp"

namespace rues::client {

/// The session that the upgrade asks for.
struct Resume {
    std::string session;  ///< id of the session to resume; empty: a new session
    std::optional<wire::Position> after;
};

/// How long a client waits for a server.
struct Patience {
    std::chrono::milliseconds timeout{10'000};  ///< for each connection and each command
    /// After this time without a byte from the server the client sends a ping (RFC 6455 5.5.2); the server has
    /// `timeout` to answer. Without it, a connection whose other end has vanished would never fail.
    std::chrono::milliseconds silence{30'000};
};

/// A RUES session: a WebSocket at `/on` whose first text message is the session id; subscriptions go over HTTP with
/// that id (docs/reference/protocol.md 1, 3). One thread.
class Session {
public:
    /// Bytes of a message from the server.
    static constexpr std::size_t kMaxMessage = 64U << 20U;

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
    Session(Url url, Stream stream, const Patience& patience)
        : url_(std::move(url)), stream_(std::move(stream)), patience_(patience) {
        heard();
    }
    void heard();
    Result<void> ask_for_sign();
    Result<Answer> command(std::string_view method, std::string_view path, std::chrono::milliseconds timeout);
    Result<void> send(wire::websocket::Opcode opcode, std::string_view payload, Deadline deadline);
    Result<std::optional<wire::websocket::Message>> next_message(Deadline deadline);

    Url url_;
    Stream stream_;
    Patience patience_;
    Deadline silent_until_{};  ///< at this time a silent server gets a ping, or is given up after one
    bool asked_ = false;
    wire::websocket::Reader reader_{wire::websocket::Sender::server, kMaxMessage, kMaxMessage, true};
    base::Bytes received_;  ///< what came; `reader_` has taken the first `taken_` bytes
    std::size_t taken_ = 0;
    std::string id_;
    std::optional<bool> recovered_;
    std::optional<wire::Position> from_;
};

}  // namespace rues::client
