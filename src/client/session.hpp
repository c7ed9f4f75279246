#pragma once

#include <string>
#include <vector>

#include "client/http.hpp"
#include "wire/frame.hpp"
#include "wire/websocket.hpp"

namespace rues::client {

/// Which session is wanted.
struct Resume {
    std::string session;  ///< the one to go on with; empty: a new one
    std::optional<wire::Position> after;
};

/// How long a server is waited for.
struct Patience {
    std::chrono::milliseconds timeout{10'000};  ///< each connection and command
    /// After so long without a byte from it it is asked for a sign (RFC 6455 5.5.2) and has `timeout` to give it: a
    /// connection whose other end has vanished says nothing by itself.
    std::chrono::milliseconds silence{30'000};
};

/// A RUES session: a WebSocket at `/on` whose first text message is the session id; subscriptions go over HTTP with
/// that id (RP 1, 3). One thread.
class Session {
public:
    /// Bytes of a message from the server.
    static constexpr std::size_t kMaxMessage = 64U << 20U;

    static Result<Session> open(const Url& url, const Patience& patience = {}, const Resume& resume = {});

    const std::string& id() const noexcept { return id_; }
    /// What the upgrade said about `resume`; nullopt: nothing.
    std::optional<bool> recovered() const noexcept { return recovered_; }
    std::optional<wire::Position> from() const noexcept { return from_; }

    /// `path` is a RUES path, `/on/blocks/accepted`. The position behind which events are covered, where the server
    /// has positions. `refused`: it will not be taken later either; `unreachable`: this session or this moment is at
    /// fault.
    Result<std::optional<wire::Position>> subscribe(std::string_view path, std::chrono::milliseconds timeout);
    /// A subscription that is not there is no error.
    Result<void> unsubscribe(std::string_view path, std::chrono::milliseconds timeout);
    /// The next event; nullopt: none came in time. An error ends the session; a close by the server names its code.
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
    Deadline silent_until_{};  ///< with nothing heard until then it is asked for a sign or, asked already, given up
    bool asked_ = false;
    wire::websocket::Reader reader_{wire::websocket::Sender::server, kMaxMessage, kMaxMessage, true};
    base::Bytes received_;  ///< what came; `reader_` has taken the first `taken_` bytes
    std::size_t taken_ = 0;
    std::string id_;
    std::optional<bool> recovered_;
    std::optional<wire::Position> from_;
};

}  // namespace rues::client
