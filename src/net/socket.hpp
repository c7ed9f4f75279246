#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "net/descriptor.hpp"
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

    Transfer read(std::span<std::byte> into);
    Transfer write(std::span<const base::ByteView> buffers);
    /// Of what `write` took, the bytes that the kernel did not; only with TLS, one record at most. Whoever owns the
    /// socket waits until it is writable and calls `flush`.
    std::size_t unsent() const noexcept { return tls_ != nullptr ? tls_->unsent() : 0; }
    Transfer flush();
    /// What messages may be sent to without this object; nothing with TLS.
    std::optional<int> descriptor() { return tls_ ? std::nullopt : std::optional(socket_.native_handle()); }
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
};

}  // namespace rues::net
