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

/// A connected, non-blocking TCP socket, with TLS on it or not: direct calls to the kernel, and readiness from Asio.
/// Owned by one loop.
class Socket {
public:
    using Tcp = boost::asio::ip::tcp;
    /// Of a loop's own kind of executor: one that could be any takes 48 bytes in the socket and more in every wait.
    using Stream = boost::asio::basic_stream_socket<Tcp, boost::asio::io_context::executor_type>;

    /// With a context it is the server's side of a TLS connection, whose handshake is done by `read`.
    Socket(Stream socket, std::shared_ptr<const TlsContext> tls);
    Socket(Socket&&) = default;
    Socket& operator=(Socket&&) = delete;  // it would close the descriptor before its lane is shut

    Transfer read(std::span<std::byte> into);
    Transfer write(std::span<const base::ByteView> buffers);
    /// Of what `write` took, the bytes that the kernel did not; only with TLS, one record at most. Whoever owns the
    /// socket waits until it is writable and calls `flush`.
    std::size_t unsent() const noexcept { return tls_ != nullptr ? tls_->unsent() : 0; }
    Transfer flush();
    /// @name A lane, by which whole messages are sent without this object. It is shut before the descriptor is closed,
    /// however that happens.
    /// @{
    /// Takes one where there is none yet, closed at first. With TLS, or once the socket is closed, there is none.
    Lane join(Lanes& lanes);
    Lane lane() const noexcept { return seat_.lane(); }
    void open_lane() noexcept { seat_.open(); }
    void close_lane() noexcept { seat_.close(); }
    /// Gives the lane back. Nobody names it any more.
    void leave_lane() noexcept { seat_ = {}; }
    /// @}
    bool handshaking() const noexcept { return tls_ != nullptr && tls_->handshaking(); }

    template <typename Function>
    void when_readable(Function function) {
        // The kernel knows nothing of what TLS has already got from it.
        if (tls_ != nullptr && tls_->readable())
            return post([function = std::move(function)]() mutable { function(boost::system::error_code{}); });
        socket_.async_wait(Stream::wait_read, std::move(function));
    }
    template <typename Function>
    void when_writable(Function function) {
        socket_.async_wait(Stream::wait_write, std::move(function));
    }
    /// When the other side has reset the connection; an end alone does not count.
    template <typename Function>
    void when_broken(Function function) {
        socket_.async_wait(Stream::wait_error, std::move(function));
    }

    /// Whether the other side has ended its side or the connection, whatever it sent before that is not read yet.
    bool has_ended();

    /// The other side reads to the end and then sees the end.
    void finish_writing();
    void close();
    /// Ends it so that the other side sees an error instead of an end.
    void reset();

private:
    void post(std::move_only_function<void()> task);

    Stream socket_;
    std::unique_ptr<TlsSession> tls_;
    LaneSeat seat_;  ///< last, so that it goes before the socket does
};

}  // namespace rues::net
