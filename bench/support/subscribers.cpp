#include "support/subscribers.hpp"

#include <fcntl.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <limits>
#include <span>

#include "support/load.hpp"
#include "support/measure.hpp"

namespace rues::bench {
namespace {

constexpr std::uint64_t kIdle = std::numeric_limits<std::uint64_t>::max();
/// nats-server pings a new client once, two seconds after it connected.
constexpr unsigned kFirstNatsPingSeconds = 3;

/// One connection, with or without TLS.
struct Stream {
    int socket = -1;
    SSL* tls = nullptr;
    std::uint64_t received = 0;  ///< in this run

    void send(std::string_view bytes) const {
        const auto sent = tls != nullptr ? ::SSL_write(tls, bytes.data(), static_cast<int>(bytes.size()))
                                         : ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        require(sent == static_cast<ssize_t>(bytes.size()), "a server does not accept a subscriber's bytes");
    }
    /// Reads into `into`. Returns 0 when the socket does not block and nothing has arrived.
    std::size_t read(std::span<char> into) const {
        if (tls != nullptr) {
            const int got = ::SSL_read(tls, into.data(), static_cast<int>(into.size()));
            require(got > 0 || ::SSL_get_error(tls, got) == SSL_ERROR_WANT_READ, "a server ended a connection");
            return got > 0 ? static_cast<std::size_t>(got) : 0;
        }
        const auto got = ::recv(socket, into.data(), into.size(), 0);
        require(got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR)), "a server ended a connection");
        return got > 0 ? static_cast<std::size_t>(got) : 0;
    }
    /// Reads up to and including `end`, and `more` bytes after it. REQUIRES: the socket is still blocking.
    std::string read_until(std::string_view end, std::size_t more = 0) const {
        std::string out;
        for (;;) {
            char buffer[4096];
            out.append(buffer, read(buffer));
            const auto at = out.find(end);
            if (at == std::string::npos || out.size() < at + end.size() + more) continue;
            require(out.size() == at + end.size() + more, "a server sent more than expected");
            return out;
        }
    }
};

class Receiving {
public:
    Receiving(Subscribers::Options options, Meter& meter)
        : options_(std::move(options)), meter_(meter), poll_(::epoll_create1(EPOLL_CLOEXEC)) {
        if (options_.tls) tls_ = ::SSL_CTX_new(::TLS_client_method());
        if (options_.speaks == Subscribers::Speaks::rues) http_ = connect();
        for (std::size_t i = 0; i < options_.count; ++i) streams_.push_back(open(i));
        if (options_.speaks == Subscribers::Speaks::rues) ::close(http_.socket);
        for (std::size_t i = 0; i < streams_.size(); ++i) {
            const int socket = streams_[i].socket;
            ::fcntl(socket, F_SETFL, ::fcntl(socket, F_GETFL) | O_NONBLOCK);
            epoll_event event{};
            event.events = EPOLLIN | EPOLLET;
            event.data.u64 = i;
            require(::epoll_ctl(poll_, EPOLL_CTL_ADD, socket, &event) == 0, "epoll_ctl");
        }
        if (options_.speaks == Subscribers::Speaks::nats) answer_first_nats_pings();
    }

    void receive(std::uint64_t bytes_each) {
        const std::uint64_t wanted = bytes_each * streams_.size();
        std::uint64_t all = 0;
        // As in load.cpp: the clients never sleep if they have their own CPU.
        const int timeout = cpus().measured == cpus().other ? 1 : 0;
        while (bytes_each > 0 ? all < wanted : !meter_.finished() || all < meter_.published() * streams_.size()) {
            const std::uint64_t got = each_ready(
                timeout, [this](Stream& stream, std::string_view bytes) { stream.received += bytes.size(); });
            if (got > 0) meter_.receive(got);
            all += got;
        }
        const std::uint64_t expected = bytes_each > 0 ? bytes_each : meter_.published();
        for (Stream& stream : streams_) {
            require(stream.received == expected, "a session did not receive what was published");
            stream.received = 0;
        }
    }

    [[noreturn]] void idle() {
        for (;;) {
            each_ready(-1, [](Stream& stream, std::string_view bytes) {
                constexpr std::string_view kPing("\x89\x00", 2);
                constexpr std::string_view kPong("\x8a\x80\x00\x00\x00\x00", 6);
                for (; bytes.starts_with(kPing); bytes.remove_prefix(kPing.size())) stream.send(kPong);
                require(bytes.empty(), "an idle session received bytes");
            });
        }
    }

private:
    template <typename Take>
    std::uint64_t each_ready(int timeout, Take take) {
        std::array<epoll_event, 512> events;
        const int ready = ::epoll_wait(poll_, events.data(), static_cast<int>(events.size()), timeout);
        std::uint64_t all = 0;
        for (int i = 0; i < ready; ++i) {
            Stream& stream = streams_[events[static_cast<std::size_t>(i)].data.u64];
            for (;;) {
                const std::size_t got = stream.read(buffer_);
                if (got > 0) take(stream, std::string_view(buffer_.data(), got));
                all += got;
                // After a short read the socket is empty. With TLS a short read only means that the record ended.
                if (got == 0 || (stream.tls == nullptr && got < buffer_.size())) break;
            }
        }
        return all;
    }

    Stream connect() const {
        Stream out{connect_to(options_.port)};
        if (tls_ == nullptr) return out;
        out.tls = ::SSL_new(tls_);
        require(::SSL_set_fd(out.tls, out.socket) == 1 && ::SSL_connect(out.tls) == 1, "no TLS connection");
        return out;
    }

    Stream open(std::size_t number) const {
        Stream out = connect();
        if (options_.speaks == Subscribers::Speaks::rues) {
            out.send(upgrade_request());
            const std::string answer = out.read_until("\r\n\r\n", kSessionIdBytes);
            require(answer.starts_with("HTTP/1.1 101"), "a session was refused");
            const std::string id = answer.substr(answer.size() - 32);
            for (const auto& uri : options_.subscriptions(number)) {
                http_.send(http_request("GET", uri, {}, fmt::format("Rusk-Session-Id: {}\r\n", id)));
                require(http_.read_until("\r\n\r\n").starts_with("HTTP/1.1 200"), "a subscription was refused");
            }
        } else if (options_.speaks == Subscribers::Speaks::nats) {
            out.read_until("\r\n");
            out.send("CONNECT {\"verbose\":false,\"pedantic\":false}\r\nSUB bench 1\r\nPING\r\n");
            out.read_until("PONG\r\n");
        }
        return out;
    }

    void answer_first_nats_pings() {
        ::sleep(kFirstNatsPingSeconds);
        while (each_ready(100, [](Stream& stream, std::string_view bytes) {
                   require(bytes == "PING\r\n", "nats-server sent something unexpected");
                   stream.send("PONG\r\n");
               }) > 0) {
        }
    }

    const Subscribers::Options options_;
    Meter& meter_;
    int poll_;
    SSL_CTX* tls_ = nullptr;  ///< lives as long as the process
    Stream http_;
    std::vector<Stream> streams_;
    std::array<char, 65'536> buffer_;
};

bool read_number(int from, std::uint64_t& number) {
    return ::read(from, &number, sizeof number) == static_cast<ssize_t>(sizeof number);
}
bool write_number(int to, std::uint64_t number) {
    return ::write(to, &number, sizeof number) == static_cast<ssize_t>(sizeof number);
}

}  // namespace

Subscribers::Subscribers(Options options, Meter& meter, int cpu) : count_(options.count) {
    int orders[2];
    int reports[2];
    require(::pipe2(orders, O_CLOEXEC) == 0 && ::pipe2(reports, O_CLOEXEC) == 0, "no pipe");
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    require(pid_ >= 0, "no process");
    if (pid_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != parent) ::_exit(1);
        ::close(orders[1]);
        pin_here(cpu);
        allow_most_descriptors();
        Receiving inside(std::move(options), meter);
        if (!write_number(reports[1], 1)) ::_exit(1);
        for (std::uint64_t bytes = 0; read_number(orders[0], bytes);) {
            if (bytes == kIdle) inside.idle();
            inside.receive(bytes);
            if (!write_number(reports[1], 1)) break;
        }
        ::_exit(0);
    }
    ::close(orders[0]);
    ::close(reports[1]);
    orders_ = orders[1];
    reports_ = reports[0];
    wait();
}

Subscribers::~Subscribers() {
    ::close(orders_);
    ::close(reports_);
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

void Subscribers::begin(std::uint64_t bytes_each) {
    require(write_number(orders_, bytes_each), "the subscribers ended");
}

void Subscribers::wait() {
    std::uint64_t done = 0;
    require(read_number(reports_, done), "the subscribers failed");
}

void Subscribers::idle() {
    begin(kIdle);
}

}  // namespace rues::bench
