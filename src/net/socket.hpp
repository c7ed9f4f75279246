#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <span>
#include <utility>

#include "net/descriptor.hpp"
#include "net/lanes.hpp"
#include "net/tls_session.hpp"

namespace rues::net {

/// A connected, non-blocking TCP socket, with or without TLS. Reads and writes are direct calls to the kernel; Asio
/// tells readiness. Owned by one loop.
class Socket {
public:
    using Tcp = boost::asio::ip::tcp;
    /// Has the executor type of a loop: a type-erased executor takes 48 bytes in the socket and more in every wait.
    using Stream = boost::asio::basic_stream_socket<Tcp, boost::asio::io_context::executor_type>;

    /// With a context, this is the server's side of a TLS connection, whose handshake comes first (`tls`).
    Socket(Stream socket, std::shared_ptr<const TlsContext> tls);
    Socket(Socket&&) = default;
    Socket& operator=(Socket&&) = delete;  // it would close the descriptor before its lane is shut

    /// Reads what is there, at most `into.size()` bytes.
    Transfer read(std::span<std::byte> into);
    /// Returns how many bytes were taken. With TLS they may be `unsent`.
    Transfer write(std::span<const base::ByteView> buffers);
    /// Bytes that `write` took but the kernel has not; only with TLS, at most one record. The owner of the socket then
    /// waits until it is writable and calls `flush`.
    std::size_t unsent() const noexcept { return tls_ != nullptr ? tls_->unsent() : 0; }
    /// Sends bytes that are `unsent`.
    Transfer flush();
    /// @name A lane, by which whole messages are sent without this object. It is shut before the descriptor is closed,
    /// however that happens.
    /// @{
    /// Takes a lane if the socket has none; the lane starts closed. kNoLane with TLS, or once the socket is closed.
    Lane join(Lanes& lanes);
    Lane lane() const noexcept { return seat_.lane(); }
    void open_lane() noexcept { seat_.open(); }
    void close_lane() noexcept { seat_.close(); }
    /// Gives the lane back. REQUIRES: nobody names it any more.
    void leave_lane() noexcept { seat_ = {}; }
    /// @}
    bool handshaking() const noexcept { return tls_ != nullptr && tls_->handshaking(); }
    /// For the handshake. REQUIRES: the socket has TLS.
    TlsSession& tls() noexcept { return *tls_; }

    template <typename Function>
    void when_readable(Function function) {
        // The kernel does not know about bytes that TLS has already read from it.
        if (tls_ != nullptr && tls_->readable())
            return post([function = std::move(function)]() mutable { function(boost::system::error_code{}); });
        socket_.async_wait(Stream::wait_read, std::move(function));
    }
    template <typename Function>
    void when_writable(Function function) {
        socket_.async_wait(Stream::wait_write, std::move(function));
    }
    /// Runs `function` when the other side has reset the connection. An orderly end alone does not count.
    template <typename Function>
    void when_broken(Function function) {
        socket_.async_wait(Stream::wait_error, std::move(function));
    }

    /// Whether the other side has ended its side, or the connection, even if bytes from before that are not read yet.
    bool has_ended();

    /// Ends this side. The other side can still read everything that was sent, and then sees the end.
    void finish_writing();
    /// Closes the descriptor. Bytes that the kernel has taken are still sent.
    void close();
    /// Ends the connection so that the other side sees an error instead of an orderly end.
    void reset();

private:
    void post(std::move_only_function<void()> task);

    Stream socket_;
    std::unique_ptr<TlsSession> tls_;
    LaneSeat seat_;  ///< the last member, so that it is destroyed before the socket
};

}  // namespace rues::net
