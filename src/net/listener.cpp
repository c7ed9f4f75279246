#include "net/listener.hpp"

#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "net/message.hpp"
#include "net/slice.hpp"

namespace rues::net {
namespace {

/// Connections that are accepted in one turn at most, also when the slice of the turn is longer.
constexpr int kAcceptsPerTurn = 64;
constexpr int kBacklog = 4'096;
/// Pause after the process has run out of descriptors or memory. The connection stays in the kernel's queue, so waiting
/// for readiness would spin.
constexpr std::chrono::milliseconds kPause{100};
/// Unsent bytes of a connection that the kernel keeps when the client's window is full. By default it keeps up to 4 MB
/// each (tcp_wmem): a few hundred clients that do not read would use up the kernel's memory for all connections, and
/// the progress of a stream or a session would not show for minutes.
constexpr int kMaxUnsentInKernel = 131'072;
/// Connections that were answered 429 and whose rest is awaited, so that the answer arrives before a reset.
constexpr std::size_t kTurnedAway = 32;
constexpr std::chrono::milliseconds kTurnedAwayTime{500};

base::Error failed(const Options& options, const boost::system::error_code& error) {
    return {base::Error::Kind::io,
            fmt::format("cannot listen on {} port {}: {}", options.address, options.port, error.message())};
}

/// Whether an error concerns the whole system. Any other error concerns the connection that was to be accepted.
bool is_exhaustion(int error) {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

/// The account of an endpoint.
base::ClientKey client_key(const boost::asio::ip::address& address) {
    const auto as_bytes = [](const auto& from) {
        base::ByteArray<std::tuple_size_v<std::decay_t<decltype(from)>>> out;
        std::ranges::transform(from, out.begin(), [](unsigned char c) { return std::byte{c}; });
        return out;
    };
    if (address.is_v4()) return base::ClientKey::of_v4(as_bytes(address.to_v4().to_bytes()));
    return base::ClientKey::of_v6(as_bytes(address.to_v6().to_bytes()));
}

}  // namespace

base::Result<std::unique_ptr<Listener>> Listener::open(const Options& options, std::vector<std::shared_ptr<Loop>> loops,
                                                       std::shared_ptr<Population> population, base::Log log) {
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(options.address, error);
    if (error)
        return base::failure(base::Error::Kind::invalid, fmt::format("`{}` is not an IP address", options.address));
    const std::size_t limit = raise_descriptor_limit();
    if (limit <= options.reserved_descriptors) {
        return base::failure(base::Error::Kind::invalid,
                             fmt::format("the process may open only {} files (ulimit -n): {} are reserved for files "
                                         "other than connections, so none is left",
                                         limit, options.reserved_descriptors));
    }
    const Tcp::endpoint endpoint(address, options.port);
    Tcp::acceptor acceptor(loops.front()->context());
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(Tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(kBacklog, error);
    if (!error) acceptor.native_non_blocking(true, error);
    Tcp::endpoint bound;
    if (!error) bound = acceptor.local_endpoint(error);
    if (error) return std::unexpected(failed(options, error));
    return std::make_unique<Listener>(std::move(acceptor), bound.port(), options, limit - options.reserved_descriptors,
                                      std::move(loops), std::move(population), std::move(log));
}

Listener::Listener(Tcp::acceptor acceptor, std::uint16_t port, const Options& options, std::size_t descriptors,
                   std::vector<std::shared_ptr<Loop>> loops, std::shared_ptr<Population> population, base::Log log)
    : loops_(std::move(loops)),
      acceptor_(std::move(acceptor)),
      pause_(loops_.front()->context()),
      port_(port),
      descriptors_(descriptors),
      tls_(options.tls),
      population_(std::move(population)),
      log_(std::move(log)),
      turned_away_timer_(loops_.front()->context()) {
    use_max_connections(options.limits.max_connections);
}

Listener::~Listener() {
    close_turned_away(0);
}

void Listener::use_max_connections(std::size_t asked) {
    max_connections_ = std::min(asked, descriptors_);
    const bool is_new = std::exchange(asked_connections_, asked) != asked;
    if (max_connections_ == asked || !is_new) return;
    log_(base::LogLevel::warning,
         fmt::format("max-connections is lowered from {} to {}: the limit of open files (ulimit -n) leaves no more "
                     "beside those reserved for the store, the log and the journal",
                     asked, max_connections_));
}

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
    turned_away_timer_.cancel();
    close_turned_away(0);
}

void Listener::accept_some() {
    if (!acceptor_.is_open()) return;
    const Slice slice(loops_.front()->limits().slice);
    for (int i = 0; i < kAcceptsPerTurn && (i == 0 || !slice.is_over()); ++i) {
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
    if (exhausted_.shows(Loop::coarse_now())) {
        log_(base::LogLevel::warning,
             fmt::format("accepting pauses: {} (logged once while it lasts)", ::strerrordesc_np(error_number)));
    }
    pause_.expires_after(kPause);
    pause_.async_wait([this](const boost::system::error_code& error) {
        if (!error) accept_some();
    });
}

/// Answers 429 without reading the request, and closes the connection soon. The client of a TLS connection could not
/// read the answer; signing for it would cost more than it is worth. A client that has spent its share gets no answer:
/// one that connects again and again would make loop 0 write thousands of them in a second.
void Listener::turn_away(int descriptor, const base::Client& client) {
    const auto reason = [&] { return client.reason(base::Holding::connections, base::Taken::client_is_full); };
    if (client_full_.shows(Loop::coarse_now())) {
        log_(base::LogLevel::warning, fmt::format("connections of {} are refused: {} (logged once while it lasts)",
                                                  client.key().text(), reason()));
    }
    if (tls_ != nullptr || loops_.front()->must_wait(client, std::chrono::steady_clock::now())) {
        ::close(descriptor);
        return;
    }
    const Response refusal = loops_.front()->handler().refusal(429, reason(), nullptr);
    std::string text = response_head(refusal, {.keep_alive = false}, loops_.front()->date());
    text.append(base::text(refusal.body));
    (void)::send(descriptor, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    ::shutdown(descriptor, SHUT_WR);
    turned_away_.push_back(descriptor);
    close_turned_away(kTurnedAway);
    turned_away_timer_.expires_after(kTurnedAwayTime);
    turned_away_timer_.async_wait([this](const boost::system::error_code& error) {
        if (!error) close_turned_away(0);
    });
}

/// Closes the oldest of them, so that `but` are left.
void Listener::close_turned_away(std::size_t but) {
    std::array<char, 4'096> ignored;
    for (; turned_away_.size() > but; turned_away_.pop_front()) {
        // Unread bytes would make the close a reset, which can overtake the answer.
        (void)::recv(turned_away_.front(), ignored.data(), ignored.size(), MSG_DONTWAIT);
        ::close(turned_away_.front());
    }
}

void Listener::hand_out(int descriptor, const Tcp::endpoint& peer) {
    if (population_->count() + turned_away_.size() >= max_connections_) {
        close_turned_away(0);
    }
    if (population_->count() >= max_connections_) {
        ::close(descriptor);
        loops_.front()->clients().count_full(base::Holding::connections);
        if (full_.shows(Loop::coarse_now())) {
            log_(base::LogLevel::warning,
                 fmt::format("accepting pauses: {} connections are open, which is max-connections; new ones are closed "
                             "until one ends (logged once while it lasts)",
                             max_connections_));
        }
        return;
    }
    const auto begun = std::chrono::steady_clock::now();
    const auto client = loops_.front()->clients().of(client_key(peer.address()), Loop::coarse_now());
    if (client->take(base::Holding::connections, 1) == base::Taken::yes) {
        adopt(descriptor, peer, client);
    } else {
        turn_away(descriptor, *client);
    }
    loops_.front()->pay(*client, begun);
}

/// Gives the connection to the loop that has fewest. `client` counts it already.
void Listener::adopt(int descriptor, const Tcp::endpoint& peer, base::ClientPtr client) {
    const auto& loop = *std::ranges::min_element(loops_, {}, [](const auto& each) { return each->load(); });
    Socket::Stream socket(loop->context());
    boost::system::error_code error;
    socket.assign(peer.protocol(), descriptor, error);
    if (error) {
        client->give_back(base::Holding::connections, 1);
        ::close(descriptor);
        return;
    }
    socket.set_option(Tcp::no_delay(true), error);
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kMaxUnsentInKernel, sizeof kMaxUnsentInKernel);
    loop->expect_one();
    if (loop == loops_.front()) return loop->adopt(std::move(socket), peer, tls_, std::move(client));
    // A raw pointer, because a task that never runs must not keep the loop alive. The loop outlives its tasks.
    loop->post([to = loop.get(), socket = std::move(socket), peer, tls = tls_, client = std::move(client)]() mutable {
        to->adopt(std::move(socket), peer, std::move(tls), std::move(client));
    });
}

}  // namespace rues::net
