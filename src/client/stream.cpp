#include "client/stream.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
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
        if (ready < 0 && errno != EINTR) return true;  // the next call on the socket returns the error
        if (Clock::now() >= deadline) return false;
    }
}

std::unexpected<Error> io(std::string_view doing, int code) {
    const auto kind = code == ETIMEDOUT ? Error::Kind::timed_out : Error::Kind::unreachable;
    return failure(kind, fmt::format("{}: {}", doing, std::generic_category().message(code)));
}

}  // namespace

Stream::Stream(Stream&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), tls_(std::move(other.tls_)) {}

Stream& Stream::operator=(Stream&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    std::swap(tls_, other.tls_);
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
        if (!url.trust) return stream;
        if (auto begun = stream.begin_tls(url, deadline); !begun) {
            auto error = std::move(begun.error());
            error.text = fmt::format("{}: {}", doing, error.text);
            return std::unexpected(std::move(error));
        }
        return stream;
    }
    return io(doing, problem);
}

Result<void> Stream::begin_tls(const Url& url, Deadline deadline) {
    tls_ = TlsState::create(*url.trust, url.host);
    if (!tls_) return failure(Error::Kind::invalid, "TLS cannot be set up for this host");
    for (;;) {
        const auto progress = tls_->handshake();
        if (!progress) {
            // Sends the TLS alert with the reason, if that is still possible.
            [[maybe_unused]] const auto told = send(tls_->take_output(), deadline);
            return std::unexpected(progress.error());
        }
        if (*progress == TlsState::Progress::done) return send(tls_->take_output(), deadline);
        if (auto fed = feed_tls(deadline); !fed) return fed;
    }
}

Result<void> Stream::feed_tls(Deadline deadline) {
    if (const auto output = tls_->take_output(); !output.empty()) {
        if (auto sent = send(output, deadline); !sent) return sent;
    }
    std::array<std::byte, 16'384> buffer;
    const auto got = receive(buffer, deadline);
    if (!got) return std::unexpected(got.error());
    if (*got == 0) return failure(Error::Kind::unreachable, "the connection was lost");
    tls_->received(std::span(buffer).first(*got));
    return {};
}

Result<void> Stream::write(base::ByteView bytes, Deadline deadline) {
    if (!tls_) return send(bytes, deadline);
    if (auto written = tls_->write(bytes); !written) return written;
    return send(tls_->take_output(), deadline);
}

Result<std::size_t> Stream::read(std::span<std::byte> into, Deadline deadline) {
    if (!tls_) return receive(into, deadline);
    for (;;) {
        const auto got = tls_->read(into);
        if (!got) return std::unexpected(got.error());
        if (*got) return **got;
        if (auto fed = feed_tls(deadline); !fed) return std::unexpected(fed.error());
    }
}

Result<void> Stream::send(base::ByteView bytes, Deadline deadline) {
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

Result<std::size_t> Stream::receive(std::span<std::byte> into, Deadline deadline) {
    for (;;) {
        const auto got = ::recv(descriptor_, into.data(), into.size(), 0);
        if (got >= 0) return static_cast<std::size_t>(got);
        if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (!wait_for(descriptor_, POLLIN, deadline)) return failure(Error::Kind::timed_out, "timed out");
        } else if (errno != EINTR) {
            return io("receiving", errno);
        }
    }
}

}  // namespace rues::client
