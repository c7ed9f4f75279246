#pragma once

#include <cstddef>
#include <string_view>

#include "base/bytes.hpp"
#include "base/client.hpp"

namespace rues::net {

/// The owner of a stream must stop writing while more bytes than this are unsent: nothing else bounds them.
inline constexpr std::size_t kPushHighWater = 65'536;
/// After the high water was passed, `on_writable` comes when fewer bytes than this are unsent.
inline constexpr std::size_t kPushLowWater = 16'384;

/// A body that its owner writes as things happen (`Responder::push`), as the owner sees it. Valid until
/// `PushHandler::on_closed`. Loop thread only.
class PushStream {
public:
    virtual ~PushStream() = default;
    /// Bytes that the kernel has not taken, including head and framing.
    virtual std::size_t unsent() const noexcept = 0;
    /// Queues a copy of the bytes. All writes of one turn of the loop are sent with one system call after it, or
    /// earlier if the high water is passed. Ignored after `end` or `close`.
    virtual void write(base::ByteView bytes) = 0;
    /// Sends what was written and the proper end of the body, then ends the connection.
    virtual void end() = 0;
    /// Breaks the connection off, so that the client sees that the body is incomplete.
    virtual void close() = 0;
    /// The account of the client, valid as long as the stream; null: it is not known.
    virtual base::Client* client() const noexcept { return nullptr; }
};

/// Writes a pushed body. All calls come on the loop's thread, never from inside a call of `PushStream`. `on_open` is
/// the first call and `on_closed` the last; neither comes if the connection ends before, or if the request is HEAD.
/// After `on_closed` the handler is destroyed.
class PushHandler {
public:
    virtual ~PushHandler() = default;
    virtual void on_open(PushStream& stream) = 0;
    /// Comes once after the high water was passed, when less than the low water is unsent.
    virtual void on_writable() = 0;
    /// The server stops: the handler may write last words. A stream that is still open after this call is ended.
    virtual void on_drain() {}
    /// The client must give way: the handler may write the reason as last words. The stream is ended after this call.
    virtual void on_give_way(std::string_view reason) { (void)reason; }
    virtual void on_closed() = 0;
};

}  // namespace rues::net
