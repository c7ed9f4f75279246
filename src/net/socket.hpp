#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <span>
#include <utility>

#include "base/bytes.hpp"

namespace rues::net {

/// A connected, non-blocking TCP socket: direct calls to the kernel, and readiness from Asio. Owned by one loop.
class Socket {
public:
    using Tcp = boost::asio::ip::tcp;

    /// What the kernel did. Neither bytes nor `closed`: it would have blocked.
    struct Transfer {
        std::size_t bytes = 0;
        bool closed = false;  ///< by the other side, or broken
    };

    explicit Socket(Tcp::socket socket) noexcept : socket_(std::move(socket)) {}

    Transfer read(std::span<std::byte> into) noexcept;
    /// One call whatever the number of buffers; those after the first `kMaxBuffers` are left for the next.
    Transfer write(std::span<const base::ByteView> buffers) noexcept;
    static constexpr std::size_t kMaxBuffers = 64;

    template <typename Function>
    void when_readable(Function function) {
        socket_.async_wait(Tcp::socket::wait_read, std::move(function));
    }
    template <typename Function>
    void when_writable(Function function) {
        socket_.async_wait(Tcp::socket::wait_write, std::move(function));
    }

    /// When the other side has reset the connection; an end alone does not count.
    template <typename Function>
    void when_broken(Function function) {
        socket_.async_wait(Tcp::socket::wait_error, std::move(function));
    }

    /// The other side reads to the end and then sees the end.
    void finish_writing() noexcept;
    void close() noexcept;
    /// Ends it so that the other side sees an error instead of an end.
    void reset() noexcept;
    boost::asio::any_io_executor executor() { return socket_.get_executor(); }

private:
    Tcp::socket socket_;
};

}  // namespace rues::net
