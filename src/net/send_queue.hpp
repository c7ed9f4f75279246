#pragma once

#include <string_view>
#include <vector>

#include "net/shared_bytes.hpp"
#include "net/socket.hpp"

namespace rues::net {

using base::Bytes;
using base::ByteView;

/// Bytes that one socket has to send, in order. Owns no memory when it is empty. Small pieces are joined, so that many
/// tiny pieces take little more memory than their bytes.
class SendQueue {
public:
    /// Up to this size a copy costs less than a buffer of its own.
    static constexpr std::size_t kSmall = 4'096;
    void push(Bytes bytes);
    void push(ByteView bytes);
    void push(std::string_view text) { push(base::view(text)); }
    /// Queues the bytes without a copy, unless a copy costs less.
    void push(SharedBytes bytes);
    bool empty() const noexcept { return size_ == 0; }
    /// Bytes not sent yet.
    std::size_t size() const noexcept { return size_; }
    /// Writes as much as the kernel takes in one call. An empty queue flushes what the socket took and has not sent.
    Transfer write_to(Socket& socket);
    void clear() noexcept;

private:
    /// Bytes of this queue alone, or shared ones.
    struct Buffer {
        Bytes own;
        SharedBytes shared;
        ByteView view() const noexcept { return own.empty() ? shared.bytes : ByteView(own); }
    };
    bool joins(std::size_t bytes) const noexcept;

    std::vector<Buffer> buffers_;
    std::size_t sent_ = 0;  ///< bytes of the first buffer that are sent
    std::size_t size_ = 0;
};

}  // namespace rues::net
