#pragma once

#include <chrono>

#include "base/bytes.hpp"
#include "client/url.hpp"

namespace rues::client {

using Clock = std::chrono::steady_clock;
using Deadline = Clock::time_point;

/// A TCP connection that is waited for: every call ends by its deadline. One thread.
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
    int descriptor_ = -1;
};

}  // namespace rues::client
