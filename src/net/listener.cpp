#include "net/listener.hpp"

#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace rues::net {
namespace {

/// Connections taken in one go, so that a flood of them does not keep loop 0 from its other work.
constexpr int kAcceptsPerTurn = 64;
constexpr int kBacklog = 4'096;
/// Rest after the process has run out of descriptors or memory; the connection stays in the kernel's queue, so
/// readiness would spin.
constexpr std::chrono::milliseconds kPause{100};
/// Of a connection, what the kernel keeps for a client whose window is full. By itself it takes up to 4 MB each
/// (tcp_wmem), so a few hundred clients that do not read would use up what it has for all connections; nor would a
/// stream's or a session's progress show for minutes.
constexpr int kMaxUnsentInKernel = 131'072;

base::Error failed(const Options& options, const boost::system::error_code& error) {
    return {base::Error::Kind::io,
            fmt::format("cannot listen on {} port {}: {}", options.address, options.port, error.message())};
}

/// Errors of the system as a whole; any other one is about the connection that was to be accepted.
bool is_exhaustion(int error) {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

base::Result<std::unique_ptr<Listener>> Listener::open(const Options& options, std::vector<std::shared_ptr<Loop>> loops,
                                                       std::shared_ptr<Population> population, base::Log log) {
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(options.address, error);
    if (error)
        return base::failure(base::Error::Kind::invalid, fmt::format("`{}` is not an IP address", options.address));
    const Tcp::endpoint endpoint(address, options.port);
    Tcp::acceptor acceptor(loops.front()->context());
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(Tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(kBacklog, error);
    if (!error) acceptor.native_non_blocking(true, error);
    if (error) return std::unexpected(failed(options, error));
    const auto bound = acceptor.local_endpoint(error);
    if (error) return std::unexpected(failed(options, error));
    return std::make_unique<Listener>(std::move(acceptor), bound.port(), options.limits.max_connections, options.tls,
                                      std::move(loops), std::move(population), std::move(log));
}

Listener::Listener(Tcp::acceptor acceptor, std::uint16_t port, std::size_t max_connections,
                   std::shared_ptr<const TlsContext> tls, std::vector<std::shared_ptr<Loop>> loops,
                   std::shared_ptr<Population> population, base::Log log)
    : loops_(std::move(loops)),
      acceptor_(std::move(acceptor)),
      pause_(loops_.front()->context()),
      port_(port),
      max_connections_(max_connections),
      tls_(std::move(tls)),
      population_(std::move(population)),
      log_(std::move(log)) {}

void Listener::accept_when_ready() {
    acceptor_.async_wait(Tcp::acceptor::wait_read, [this](const boost::system::error_code& error) {
        if (error == boost::asio::error::operation_aborted) return;
        accept_some();
    });
}

void Listener::close() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
}

void Listener::accept_some() {
    if (!acceptor_.is_open()) return;
    for (int i = 0; i < kAcceptsPerTurn; ++i) {
        Tcp::endpoint peer;
        auto size = static_cast<socklen_t>(peer.capacity());
        const int descriptor = ::accept4(acceptor_.native_handle(), peer.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor >= 0) {
            peer.resize(size);
            hand_out(descriptor, peer);
            continue;
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK) break;
        if (is_exhaustion(errno)) return pause(errno);
    }
    accept_when_ready();
}

void Listener::pause(int error_number) {
    log_(base::LogLevel::warning, fmt::format("accepting pauses: {}", ::strerrordesc_np(error_number)));
    pause_.expires_after(kPause);
    pause_.async_wait([this](const boost::system::error_code& error) {
        if (!error) accept_some();
    });
}

void Listener::hand_out(int descriptor, const Tcp::endpoint& peer) {
    if (population_->count() >= max_connections_) {
        ::close(descriptor);
        return;
    }
    const auto& loop = *std::ranges::min_element(loops_, {}, [](const auto& each) { return each->load(); });
    Socket::Stream socket(loop->context());
    boost::system::error_code error;
    socket.assign(peer.protocol(), descriptor, error);
    if (error) {
        ::close(descriptor);
        return;
    }
    socket.set_option(Tcp::no_delay(true), error);
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kMaxUnsentInKernel, sizeof kMaxUnsentInKernel);
    loop->expect_one();
    if (loop == loops_.front()) return loop->adopt(std::move(socket), peer, tls_);
    // The loop outlives its tasks; a raw pointer keeps a task that never runs from keeping the loop.
    loop->post([to = loop.get(), socket = std::move(socket), peer, tls = tls_]() mutable {
        to->adopt(std::move(socket), peer, std::move(tls));
    });
}

}  // namespace rues::net
