#pragma once

#include <chrono>

#include "base/bytes.hpp"
#include "client/tls.hpp"
#include "client/url.hpp"

namespace rues::client {

using Clock = std::chrono::steady_clock;
using Deadline = Clock::time_point;

/// A blocking TCP connection, with TLS where the URL says so. Every call returns by its deadline (except that resolving
/// a name has no deadline). One thread.
class Stream {
public:
    static Result<Stream> connect(const Url& url, Deadline deadline);
    Stream(Stream&& other) noexcept;
    Stream& operator=(Stream&& other) noexcept;
    ~Stream();

    Result<void> write(base::ByteView bytes, Deadline deadline);
    /// The number of bytes read, at least one. 0: the peer has closed. `timed_out`: nothing came by the deadline.
    Result<std::size_t> read(std::span<std::byte> into, Deadline deadline);

private:
    explicit Stream(int descriptor) noexcept : descriptor_(descriptor) {}
    Result<void> begin_tls(const Url& url, Deadline deadline);
    Result<void> send(base::ByteView bytes, Deadline deadline);
    Result<std::size_t> receive(std::span<std::byte> into, Deadline deadline);
    /// Sends the pending output of TLS and gives TLS the next input. `unreachable`: the peer has closed.
    Result<void> feed_tls(Deadline deadline);

    int descriptor_ = -1;
    std::unique_ptr<TlsState> tls_;
};

}  // namespace rues::client
