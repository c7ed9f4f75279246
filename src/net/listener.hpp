#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <vector>

#include "net/loop.hpp"

namespace rues::net {

/// The listening socket. Runs on loop 0 and gives every connection to the loop with the fewest.
class Listener {
public:
    using Tcp = boost::asio::ip::tcp;

    /// The kernel queues connections from here on; `accepting` takes them. The first loop is the listener's own.
    static base::Result<std::unique_ptr<Listener>> open(const Options& options,
                                                        std::vector<std::shared_ptr<Loop>> loops,
                                                        std::shared_ptr<Population> population, base::Log log);

    Listener(Tcp::acceptor acceptor, std::uint16_t port, std::size_t max_connections,
             std::shared_ptr<const TlsContext> tls, std::vector<std::shared_ptr<Loop>> loops,
             std::shared_ptr<Population> population, base::Log log);

    std::uint16_t port() const noexcept { return port_; }

    // Loop 0 only:
    void accept_when_ready();
    /// For connections accepted from now on.
    void use_tls(std::shared_ptr<const TlsContext> tls) noexcept { tls_ = std::move(tls); }
    void use_max_connections(std::size_t most) noexcept { max_connections_ = most; }
    void close();

private:
    void accept_some();
    void hand_out(int descriptor, const Tcp::endpoint& peer);
    void pause(int error_number);

    std::vector<std::shared_ptr<Loop>> loops_;
    Tcp::acceptor acceptor_;
    boost::asio::steady_timer pause_;
    std::uint16_t port_;
    std::size_t max_connections_;
    std::shared_ptr<const TlsContext> tls_;  ///< nullptr: plain
    std::shared_ptr<Population> population_;
    base::Log log_;
};

}  // namespace rues::net
