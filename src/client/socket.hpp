#pragma once

#include <optional>
#include <string>

#include "client/http.hpp"
#include "wire/websocket.hpp"

namespace rues::client {

/// How long a client waits for a server.
struct Patience {
    std::chrono::milliseconds timeout{10'000};  ///< for each connection and each command
    /// After this time without a byte from the server the client sends a ping (RFC 6455 5.5.2); the server has
    /// `timeout` to answer. Without it, a connection whose other end has vanished would never fail.
    std::chrono::milliseconds silence{30'000};
};

/// A WebSocket to a server. It answers pings and watches the silence of the server. Calls block; one thread.
class Socket {
public:
    /// Bytes of a message from the server.
    static constexpr std::size_t kMaxMessage = 64U << 20U;

    struct Opened;
    /// Connects and upgrades at `path`. Errors: `unreachable`, `timed_out`, `refused` (no upgrade; the text has the
    /// status).
    static Result<Opened> open(const Url& url, std::string_view path, const Patience& patience, Deadline deadline);

    /// Sends one message or control frame.
    Result<void> send(wire::websocket::Opcode opcode, std::string_view payload, Deadline deadline);
    /// The next text or binary message; nullopt: none came by the deadline. After an error the connection is over; when
    /// the server closed it, the text has the code and the reason.
    Result<std::optional<wire::websocket::Message>> next(Deadline deadline);

private:
    Socket(Stream stream, const Patience& patience, base::Bytes received)
        : stream_(std::move(stream)), patience_(patience), received_(std::move(received)) {
        heard();
    }
    void heard();
    Result<void> ask_for_sign();

    Stream stream_;
    Patience patience_;
    Deadline silent_until_{};  ///< at this time a silent server gets a ping, or is given up after one
    bool asked_ = false;
    wire::websocket::Reader reader_{wire::websocket::Sender::server, kMaxMessage, kMaxMessage, true};
    base::Bytes received_;  ///< what came; `reader_` has taken the first `taken_` bytes
    std::size_t taken_ = 0;
};

struct Socket::Opened {
    Socket socket;
    Answer answer;  ///< the server's 101
};

}  // namespace rues::client
