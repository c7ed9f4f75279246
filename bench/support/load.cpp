#include "support/load.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <optional>

#include "support/measure.hpp"

namespace rues::bench {
namespace {

struct Answer {
    unsigned status;
    std::size_t head;
    std::size_t size;  ///< head and body
};

/// nullopt while the head has not arrived completely.
std::optional<Answer> parse(const std::string& bytes) {
    const auto end = bytes.find("\r\n\r\n");
    if (end == std::string::npos) return std::nullopt;
    require(bytes.starts_with("HTTP/1.1 "), "an answer is not HTTP");
    const std::size_t head = end + 4;
    const auto status = static_cast<unsigned>(std::atoi(bytes.c_str() + 9));
    if (status == 101) return Answer{status, head, head + kSessionIdBytes};
    const char* const length = ::strcasestr(bytes.c_str(), "\r\ncontent-length: ");
    require(length != nullptr && length < bytes.c_str() + end, "an answer has no length");
    return Answer{status, head, head + std::strtoull(length + 18, nullptr, 10)};
}

void send_whole(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        require(sent > 0, "a server does not take a request");
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

/// The clients, as they run in their process.
class Clients {
public:
    Clients(std::vector<Client> clients, unsigned status) : status_(status), poll_(::epoll_create1(EPOLL_CLOEXEC)) {
        for (auto& client : clients) {
            const bool is_kept = client.socket >= 0;
            states_.push_back({std::move(client), is_kept});
            if (is_kept) watch(states_.size() - 1);
        }
    }

    void run(std::size_t requests) {
        // The clients never sleep: waking them would cost the server CPU time, and the number of wake-ups would depend
        // on other work of the machine. With only one CPU they do sleep, because otherwise they would take it from the
        // server.
        const int timeout = cpus().measured == cpus().other ? -1 : 0;
        require(requests > 0 && requests % states_.size() == 0, "requests are not shared evenly among the clients");
        for (auto& state : states_) {
            state.left = requests / states_.size();
            send_next(state);
        }
        for (std::size_t answered = 0; answered < requests;) {
            std::array<epoll_event, 64> events;
            const int ready = ::epoll_wait(poll_, events.data(), static_cast<int>(events.size()), timeout);
            require(ready >= 0 || errno == EINTR, "epoll_wait");
            for (int i = 0; i < ready; ++i) {
                State& state = states_[events[static_cast<std::size_t>(i)].data.u64];
                if (!read_answer(state)) continue;
                ++answered;
                if (state.left > 0) send_next(state);
            }
        }
    }

private:
    struct State {
        Client client;
        bool is_kept;  ///< the connection is kept after an answer
        std::size_t next = 0;
        std::size_t left = 0;  ///< requests left in this run
        std::string read{};
    };

    void watch(std::size_t number) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u64 = number;
        require(::epoll_ctl(poll_, EPOLL_CTL_ADD, states_[number].client.socket, &event) == 0, "epoll_ctl");
    }

    void send_next(State& state) {
        if (!state.is_kept) {
            state.client.socket = connect_to(state.client.port);
            watch(static_cast<std::size_t>(&state - states_.data()));
        }
        send_whole(state.client.socket, state.client.requests[state.next]);
        state.next = (state.next + 1) % state.client.requests.size();
        --state.left;
    }

    /// Reads once. True when the answer is complete now.
    bool read_answer(State& state) {
        const auto got = ::recv(state.client.socket, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
        require(got > 0, "a server ended a connection");
        state.read.append(buffer_.data(), static_cast<std::size_t>(got));
        const auto answer = parse(state.read);
        if (!answer || state.read.size() < answer->size) return false;
        if (answer->status != status_) give_up("an unexpected answer: " + state.read);
        require(state.read.size() == answer->size, "an answer too many");
        state.read.clear();
        if (!state.is_kept) ::close(state.client.socket);
        return true;
    }

    unsigned status_;
    int poll_;
    std::vector<State> states_;
    std::array<char, 65'536> buffer_;
};

bool read_number(int from, std::uint64_t& number) {
    return ::read(from, &number, sizeof number) == static_cast<ssize_t>(sizeof number);
}
bool write_number(int to, std::uint64_t number) {
    return ::write(to, &number, sizeof number) == static_cast<ssize_t>(sizeof number);
}

/// Spreads the connections of all processes over many addresses, because a server gives one address only a part of what
/// it has.
void use_own_address(int socket) {
    constexpr std::uint32_t kAddresses = 60'000;  // 127.1.0.1 and the ones after it
    static std::atomic<std::uint32_t> next{static_cast<std::uint32_t>(::getpid()) * 997U};
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_addr.s_addr = htonl((INADDR_LOOPBACK | 0x1'0000U) + next++ % kAddresses);
    const int on = 1;
    ::setsockopt(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    require(::bind(socket, reinterpret_cast<const sockaddr*>(&own), sizeof own) == 0, "no address for a client");
}

}  // namespace

int connect_to(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    use_own_address(socket);
    require(socket >= 0 && ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0,
            "a server cannot be reached");
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return socket;
}

std::string http_request(std::string_view method, std::string_view path, std::string_view body,
                         std::string_view extra_headers) {
    std::string out = fmt::format("{} {} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench\r\nAccept: */*\r\n{}", method,
                                  path, extra_headers);
    if (method == "POST") out += fmt::format("Content-Length: {}\r\n", body.size());
    return out.append("\r\n").append(body);
}

std::string upgrade_request() {
    return http_request("GET", "/on", {},
                        "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n");
}

std::string open_session(std::uint16_t port) {
    const int socket = connect_to(port);
    send_whole(socket, upgrade_request());
    std::string read;
    for (;;) {
        char buffer[4096];
        const auto got = ::recv(socket, buffer, sizeof buffer, 0);
        require(got > 0, "a session was refused");
        read.append(buffer, static_cast<std::size_t>(got));
        const auto answer = parse(read);
        if (!answer || read.size() < answer->size) continue;
        require(answer->status == 101 && read.size() == answer->size, "a session was refused");
        return read.substr(answer->size - 32);
    }
}

std::string ask(int socket, std::string_view request, unsigned status) {
    send_whole(socket, request);
    std::string read;
    for (;;) {
        char buffer[4096];
        const auto got = ::recv(socket, buffer, sizeof buffer, 0);
        require(got > 0, "a server ended a connection");
        read.append(buffer, static_cast<std::size_t>(got));
        const auto answer = parse(read);
        if (!answer || read.size() < answer->size) continue;
        if (answer->status != status) give_up("an unexpected answer: " + read);
        return read.substr(answer->head);
    }
}

Load::Load(std::vector<Client> clients, unsigned status, int cpu) {
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
        Clients inside(std::move(clients), status);
        for (std::uint64_t requests = 0; read_number(orders[0], requests);) {
            inside.run(requests);
            if (!write_number(reports[1], requests)) break;
        }
        ::_exit(0);
    }
    for (const auto& client : clients) {
        if (client.socket >= 0) ::close(client.socket);
    }
    ::close(orders[0]);
    ::close(reports[1]);
    orders_ = orders[1];
    reports_ = reports[0];
}

Load::~Load() {
    ::close(orders_);
    ::close(reports_);
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

double Load::run(std::size_t requests, const Process& server) {
    const double before = server.cpu_us();
    std::uint64_t done = 0;
    require(write_number(orders_, requests) && read_number(reports_, done) && done == requests, "the clients failed");
    return (server.cpu_us() - before) / static_cast<double>(requests);
}

}  // namespace rues::bench
