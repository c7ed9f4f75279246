#pragma once

#include <chrono>

#include "base/bytes.hpp"
#include "client/tls.hpp"
#include "client/url.hpp"

namespace rues::client {

using Clock = std::chrono::steady_clock;
using Deadline = Clock::time_point;

/// A TCP connection, with TLS where the URL says so, that is waited for: every call ends by its deadline. One thread.
class Stream {
public:
    static Result<Stream> connect(const Url& url, Deadline deadline);
    Stream(Stream&& other) noexcept;
    Stream& operator=(Stream&& other) noexcept;
    ~Stream();

    Result<void> write(base::ByteView bytes, Deadline deadline);
    /// What has arrived, at least one byte. 0: the peer has closed. `not_found`: nothing came by the deadline.
    Result<std::size_t> read(std::span<std::byte> into, Deadline deadline);

private:
    explicit Stream(int descriptor) noexcept : descriptor_(descriptor) {}
    Result<void> begin_tls(const Url& url, Deadline deadline);
    Result<void> send(base::ByteView bytes, Deadline deadline);
    Result<std::size_t> receive(std::span<std::byte> into, Deadline deadline);
    /// Sends what TLS has to say, and gives it what comes. `unreachable`: the peer has gone.
    Result<void> feed_tls(Deadline deadline);

    int descriptor_ = -1;
    std::unique_ptr<TlsState> tls_;
};

}  // namespace rues::client
