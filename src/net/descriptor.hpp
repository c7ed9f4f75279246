#pragma once

#include <span>

#include "base/bytes.hpp"

/// Non-blocking reading and writing of a connected socket, as direct calls to the kernel.
namespace rues::net {

/// What was done. Neither bytes nor `closed`: it would have blocked.
struct Transfer {
    std::size_t bytes = 0;
    bool closed = false;  ///< by the other side, or broken
};

Transfer receive(int descriptor, std::span<std::byte> into) noexcept;

inline constexpr std::size_t kMaxBuffers = 64;
/// One call whatever the number of buffers; those after the first `kMaxBuffers` are left for the next.
Transfer send(int descriptor, std::span<const base::ByteView> buffers) noexcept;

}  // namespace rues::net
