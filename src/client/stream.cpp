#include "client/stream.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <utility>

namespace rues::client {
namespace {

/// True: ready. False: the deadline passed.
bool wait_for(int descriptor, short what, Deadline deadline) {
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
        pollfd entry{descriptor, what, 0};
        const int ready = ::poll(&entry, 1, static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000)));
        if (ready > 0) return true;
        if (ready < 0 && errno != EINTR) return true;  // the call that follows tells the error
        if (Clock::now() >= deadline) return false;
    }
}

std::unexpected<Error> io(std::string_view doing, int code) {
    const auto kind = code == ETIMEDOUT ? Error::Kind::timed_out : Error::Kind::unreachable;
    return failure(kind, fmt::format("{}: {}", doing, std::generic_category().message(code)));
}

}  // namespace

Stream::Stream(Stream&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

Stream& Stream::operator=(Stream&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
}

Stream::~Stream() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Result<Stream> Stream::connect(const Url& url, Deadline deadline) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const std::string doing = "connecting to " + url.authority();
    if (const int code = ::getaddrinfo(url.host.c_str(), std::to_string(url.port).c_str(), &hints, &found); code != 0)
        return failure(Error::Kind::unreachable, fmt::format("{}: {}", doing, ::gai_strerror(code)));
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);

    int problem = ECONNREFUSED;
    for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
        Stream stream(::socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        if (stream.descriptor_ < 0) return io(doing, errno);
        if (::connect(stream.descriptor_, address->ai_addr, address->ai_addrlen) != 0) {
            problem = errno;
            if (problem != EINPROGRESS) continue;
            if (!wait_for(stream.descriptor_, POLLOUT, deadline)) return io(doing, ETIMEDOUT);
            socklen_t size = sizeof problem;
            ::getsockopt(stream.descriptor_, SOL_SOCKET, SO_ERROR, &problem, &size);
            if (problem != 0) continue;
        }
        const int on = 1;
        ::setsockopt(stream.descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        return stream;
    }
    return io(doing, problem);
}

Result<void> Stream::write(base::ByteView bytes, Deadline deadline) {
    while (!bytes.empty()) {
        const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent >= 0) {
            bytes = bytes.subspan(static_cast<std::size_t>(sent));
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (!wait_for(descriptor_, POLLOUT, deadline)) return io("sending", ETIMEDOUT);
        } else if (errno != EINTR) {
            return io("sending", errno);
        }
    }
    return {};
}

Result<std::size_t> Stream::read(std::span<std::byte> into, Deadline deadline) {
    for (;;) {
        const auto got = ::recv(descriptor_, into.data(), into.size(), 0);
        if (got >= 0) return static_cast<std::size_t>(got);
        if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (!wait_for(descriptor_, POLLIN, deadline)) return failure(Error::Kind::timed_out, "no answer in time");
        } else if (errno != EINTR) {
            return io("receiving", errno);
        }
    }
}

}  // namespace rues::client
