#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/bytes.hpp"
#include "base/client.hpp"
#include "net/lanes.hpp"

namespace rues::net {

/// Options of one WebSocket.
struct UpgradeOptions {
    /// Limit of frames and messages from the client, instead of the general ones in `Limits`. 0: the general limits.
    std::size_t max_message_bytes = 0;
    /// Whether `on_binary` is called. If not, the content of binary messages is dropped.
    bool binary = false;
};

/// A WebSocket as its handler sees it. Valid from `WebSocketHandler::on_open` until `on_closed` returns. Loop thread
/// only.
class WebSocket {
public:
    virtual ~WebSocket() = default;
    /// Sends a small text message (the session id, the answer to a command). It waits in the control buffer of 20 KiB
    /// while a message is half written or the kernel takes no more; overflow closes with 1008. Ignored after `close`.
    virtual void send_text(std::string_view text) = 0;
    /// Gives bytes of ready-made WebSocket frames to the kernel in one call; returns how many it took. If these are
    /// fewer than given, the caller keeps the rest, and `on_writable` follows. `ends_message`: the last byte given is
    /// the last of a message (control frames go only between messages).
    ///
    /// After a call whose bytes were not all taken, the socket assumes that it is in the middle of a message, which the
    /// caller must then finish. If it is not, the caller says so with a call that has no bytes and `ends_message`.
    /// After `close` only the rest of an unfinished message is taken.
    virtual std::size_t write(std::span<const base::ByteView> buffers, bool ends_message) = 0;
    /// Closes with this code and reason, after the message that is being written. The second close is ignored.
    /// `on_closed` follows, never from inside this call.
    virtual void close(std::uint16_t code, std::string_view reason) = 0;
    /// For a handler that must answer before it can take more: no message comes, and after at most 64 KiB nothing is
    /// read, until `resume`. Meanwhile the end of the client is noticed only by writing.
    virtual void pause() = 0;
    /// Ends `pause`. Messages that wait come later, not from inside this call.
    virtual void resume() = 0;
    /// The place of this socket for `Server::send_to_all`, valid until `on_closed`. kNoLane with TLS.
    virtual Lane lane() = 0;
    /// Allows or forbids messages by the lane. Allow them only while the handler has nothing to send before them. While
    /// the socket has bytes of its own to send, it closes the lane by itself.
    virtual void use_lane(bool use) = 0;
    /// Tells the socket that only a part of the last bytes by the lane was taken. The same holds then as after a
    /// `write` whose bytes were not all taken.
    virtual void stopped_in_lane() = 0;
    /// The loop that runs it.
    virtual std::size_t loop() const noexcept { return 0; }
    /// The account of the client, valid as long as the socket; null: it is not known.
    virtual base::Client* client() const noexcept { return nullptr; }
};

/// Prefetches the memory of a socket to which a write follows soon. It only computes addresses and touches nothing.
void expect_write(const WebSocket* socket) noexcept;

/// Handles one WebSocket. All calls come on the loop's thread, never from inside a call of `WebSocket`. `on_open` is
/// the first call and `on_closed` the last; neither comes if the connection ends before it was opened. After
/// `on_closed` the handler is destroyed.
class WebSocketHandler {
public:
    virtual ~WebSocketHandler() = default;
    /// The connection speaks WebSocket. What the handler sends from here leaves together with the 101.
    virtual void on_open(WebSocket& socket) = 0;
    /// The socket takes bytes again after a `write` whose bytes were not all taken.
    virtual void on_writable() = 0;
    virtual void on_text(std::string_view text) = 0;  ///< a whole message
    virtual void on_binary(base::ByteView) {}         ///< a whole message; only with `UpgradeOptions::binary`
    /// The server stops: the handler may close with words of its own. A socket that is still open after this call is
    /// closed with 1012 "Service restart".
    virtual void on_drain() {}
    /// The connection has ended, or only the close frame is still to be sent. `by_client`: the client sent a close
    /// frame first. Otherwise the connection ended without one (end, reset, silence, violation of the protocol), or the
    /// server closed first.
    virtual void on_closed(bool by_client) = 0;
};

}  // namespace rues::net
