#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "net/loop.hpp"
#include "net/server.hpp"

namespace rues::net {

/// A trouble that occurs again and again is logged once, and again only after it has not occurred for `kQuiet`.
class Trouble {
public:
    static constexpr std::chrono::seconds kQuiet{60};
    /// Call it when the trouble occurs. Returns whether to log it now.
    bool shows(Connection::Time now) noexcept {
        const bool is_new = !last_ || now - *last_ >= kQuiet;
        last_ = now;
        return is_new;
    }

private:
    std::optional<Connection::Time> last_;
};

/// The listening socket. Runs on loop 0 and gives each connection to the loop that has the fewest.
class Listener {
public:
    using Tcp = boost::asio::ip::tcp;

    /// Binds and listens. The kernel queues connections from here on; `accept_when_ready` accepts them. The listener
    /// runs on the first of `loops`. Error kinds: `invalid` for a wrong address or too few descriptors, `io` when it
    /// cannot listen.
    static base::Result<std::unique_ptr<Listener>> open(const Options& options,
                                                        std::vector<std::shared_ptr<Loop>> loops,
                                                        std::shared_ptr<Population> population, base::Log log);

    /// At most `descriptors` connections are open, whatever the options say.
    Listener(Tcp::acceptor acceptor, std::uint16_t port, const Options& options, std::size_t descriptors,
             std::vector<std::shared_ptr<Loop>> loops, std::shared_ptr<Population> population, base::Log log);
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    ~Listener();

    std::uint16_t port() const noexcept { return port_; }
    /// The descriptors of the process that connections may take.
    std::size_t descriptors() const noexcept { return descriptors_; }

    // Loop 0 only:
    void accept_when_ready();
    /// For connections accepted from now on.
    void use_tls(std::shared_ptr<const TlsContext> tls) noexcept { tls_ = std::move(tls); }
    /// Sets the limit of connections. If the process may not open so many files, lowers it and logs a warning.
    void use_max_connections(std::size_t asked);
    void close();

private:
    void accept_some();
    void hand_out(int descriptor, const Tcp::endpoint& peer);
    void adopt(int descriptor, const Tcp::endpoint& peer, base::ClientPtr client);
    void turn_away(int descriptor, const base::Client& client);
    void close_turned_away(std::size_t but);
    void pause(int error_number);

    std::vector<std::shared_ptr<Loop>> loops_;
    Tcp::acceptor acceptor_;
    boost::asio::steady_timer pause_;
    std::uint16_t port_;
    const std::size_t descriptors_;  ///< descriptors that connections may take
    std::size_t asked_connections_ = 0;
    std::size_t max_connections_ = 0;
    std::shared_ptr<const TlsContext> tls_;  ///< nullptr: plain
    std::shared_ptr<Population> population_;
    base::Log log_;
    std::deque<int> turned_away_;  ///< descriptors that were answered 429 and are about to be closed
    boost::asio::steady_timer turned_away_timer_;
    Trouble full_;
    Trouble client_full_;
    Trouble exhausted_;
};

}  // namespace rues::net
