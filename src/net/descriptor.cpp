#include "net/descriptor.hpp"

#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace rues::net {
namespace {

Transfer result(ssize_t done) noexcept {
    if (done >= 0) return {static_cast<std::size_t>(done), false};
    // ENOBUFS and ENOMEM are temporary; the socket becomes ready when they are over.
    const bool passes = errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS || errno == ENOMEM;
    return {0, !passes};
}

/// `::send` is a cancellation point, which costs a fiftieth of the call in a program of many threads. No thread is ever
/// cancelled here, so this calls the kernel directly. The thread sanitizer must see `::send`, to know that a socket
/// orders threads.
ssize_t send_one(int descriptor, base::ByteView bytes) noexcept {
#ifdef RUES_TSAN
    return ::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
#else
    return ::syscall(SYS_sendto, descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL, nullptr, 0);
#endif
}

template <typename Call>
ssize_t uninterrupted(Call call) noexcept {
    ssize_t done = 0;
    do {
        done = call();
    } while (done < 0 && errno == EINTR);
    return done;
}

}  // namespace

Transfer receive(int descriptor, std::span<std::byte> into) noexcept {
    const ssize_t done = uninterrupted([&] { return ::recv(descriptor, into.data(), into.size(), 0); });
    if (done == 0) return {0, true};
    return result(done);
}

Transfer send(int descriptor, std::span<const base::ByteView> buffers) noexcept {
    if (buffers.size() == 1) {
        // Most deliveries: `sendto` has no message header that the kernel must read.
        return result(uninterrupted([&] { return send_one(descriptor, buffers.front()); }));
    }
    std::array<iovec, kMaxBuffers> parts;
    const std::size_t count = std::min(buffers.size(), parts.size());
    for (std::size_t i = 0; i < count; ++i)
        parts[i] = {const_cast<std::byte*>(buffers[i].data()), buffers[i].size()};  // sendmsg does not write to them
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = count;
    return result(uninterrupted([&] { return ::sendmsg(descriptor, &message, MSG_NOSIGNAL); }));
}

}  // namespace rues::net
