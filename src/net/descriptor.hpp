#pragma once

#include <span>

#include "base/bytes.hpp"

/// Non-blocking reading and writing of a connected socket, as direct calls to the kernel.
namespace rues::net {

/// Result of a read or a write. No bytes and not `closed`: the call would have blocked.
struct Transfer {
    std::size_t bytes = 0;
    bool closed = false;  ///< the other side has closed the connection, or it is broken
};

/// Reads what the kernel has, at most `into.size()` bytes.
Transfer receive(int descriptor, std::span<std::byte> into) noexcept;

inline constexpr std::size_t kMaxBuffers = 64;
/// Sends buffers with one system call. Buffers after the first `kMaxBuffers` are not sent: give them to the next call.
Transfer send(int descriptor, std::span<const base::ByteView> buffers) noexcept;

}  // namespace rues::net
