// What a request costs the server, next to nginx serving a static file of the same size: one core, keep-alive, 64
// connections, rounds interleaved.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crypto/keys.hpp"
#include "ledger/genesis.hpp"
#include "net/websocket.hpp"
#include "support/load.hpp"
#include "support/measure.hpp"
#include "wire/session_id.hpp"

namespace {

using namespace rues;
using namespace rues::bench;

constexpr int kRounds = 11;
constexpr std::size_t kConnections = 64;
constexpr std::size_t kRequests = 300 * kConnections;  // a round and row: some tenths of a second

std::vector<Client> clients(std::uint16_t port, const std::string& request) {
    std::vector<Client> out;
    for (std::size_t i = 0; i < kConnections; ++i) out.push_back({connect_to(port), {request}});
    return out;
}

/// nginx in one process, made fast: no log, the file is kept open, no limit of requests a connection.
class Nginx {
public:
    Nginx(const std::vector<std::pair<std::string, std::string>>& files, int cpu)
        : port_(free_port()),
          process_({"nginx", "-e", "stderr", "-p", folder_.path().string(), "-c", configuration(files)}, cpu) {
        for (int attempt = 0;; ++attempt) {
            const int socket = try_port();
            if (socket >= 0) {
                ::close(socket);
                return;
            }
            require(attempt < 200, "nginx does not answer (./dev bench http unpacks it)");
            ::usleep(10'000);
        }
    }
    std::uint16_t port() const { return port_; }
    const Process& process() const { return process_; }

private:
    static sockaddr_in address(std::uint16_t port) {
        sockaddr_in out{};
        out.sin_family = AF_INET;
        out.sin_port = htons(port);
        out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return out;
    }
    static std::uint16_t free_port() {
        const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in bound = address(0);
        socklen_t size = sizeof bound;
        auto* const any = reinterpret_cast<sockaddr*>(&bound);
        require(::bind(socket, any, size) == 0 && ::getsockname(socket, any, &size) == 0, "no free port");
        ::close(socket);
        return ntohs(bound.sin_port);
    }
    int try_port() const {
        const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const sockaddr_in to = address(port_);
        if (::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0) return socket;
        ::close(socket);
        return -1;
    }
    std::string configuration(const std::vector<std::pair<std::string, std::string>>& files) const {
        for (const auto& [name, content] : files) folder_.write(name, content);
        return folder_.write("nginx.conf", fmt::format(R"(
daemon off;
master_process off;
pid {0}/nginx.pid;
error_log {0}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {0}/temporary;
    proxy_temp_path {0}/temporary;
    fastcgi_temp_path {0}/temporary;
    uwsgi_temp_path {0}/temporary;
    scgi_temp_path {0}/temporary;
    sendfile on;
    tcp_nopush on;
    open_file_cache max=16;
    keepalive_requests 1000000000;
    default_type application/json;
    server {{
        listen 127.0.0.1:{1};
        root {0};
    }}
}}
)",
                                                       folder_.path().string(), port_));
    }

    TemporaryFolder folder_;
    std::uint16_t port_;
    Process process_;
};

/// Opens a session and returns its id; the socket stays open until the program ends.
wire::SessionId open_session(std::uint16_t port) {
    const int socket = connect_to(port);
    const std::string request =
        "GET /on HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    require(::send(socket, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size()),
            "a session cannot be asked for");
    constexpr std::size_t kIdFrame = 2 + 32;  // RFC 6455 5.2: two bytes before a short text of a server
    std::string read;
    for (;;) {
        char buffer[4096];
        const auto got = ::recv(socket, buffer, sizeof buffer, 0);
        require(got > 0, "a session was refused");
        read.append(buffer, static_cast<std::size_t>(got));
        const auto head = read.find("\r\n\r\n");
        if (head == std::string::npos || read.size() < head + 4 + kIdFrame) continue;
        const auto id = wire::parse_session_id(std::string_view(read).substr(head + 6, 32));
        require(id.has_value(), "a session has no id");
        return *id;
    }
}

/// Each HTTP connection asks for a session that lives on the other of two loops: connections go to the loop with the
/// fewest, so they alternate.
std::vector<Client> crossing_clients(std::uint16_t port, const wire::SessionIdCipher& cipher) {
    std::vector<Client> out;
    for (std::size_t i = 0; i < kConnections; ++i) {
        const auto id = open_session(port);
        require(cipher.open(id).loop == 0, "a session is on an unexpected loop");
        const std::string header = fmt::format("Rusk-Session-Id: {}\r\n", wire::to_string(id));
        const std::string path = "/on/transactions/included";
        const int socket = connect_to(port);
        ask(socket, http_request("GET", path, {}, header), 200);  // it was adopted by its loop
        out.push_back({socket, {http_request("DELETE", path, {}, header), http_request("GET", path, {}, header)}});
    }
    return out;
}

wire::SessionIdCipher cipher_of(const TemporaryFolder& data) {
    base::ByteArray<16> key;
    std::FILE* const file = std::fopen((data.path() / "session.key").c_str(), "rb");
    require(file != nullptr && std::fread(key.data(), 1, key.size(), file) == key.size(), "no key of session ids");
    std::fclose(file);
    return wire::SessionIdCipher(key);
}

}  // namespace

int main() {
    const auto [cpu, other] = cpus();
    pin_here(other);
    const TemporaryFolder data;
    const TemporaryFolder data_of_two;
    Node node({"--loops", "1", "--data", data.path().string()}, cpu);
    Node two_loops({"--loops", "2", "--data", data_of_two.path().string()}, cpu);

    const std::string account =
        base::to_base58(crypto::account_key(ledger::local_chain_seed(), 0).public_key().bytes());
    const std::string info = http_request("POST", "/on/node/info");
    const std::string status = http_request("POST", fmt::format("/on/account:{}/status", account));
    const int socket = connect_to(node.port());
    const Nginx nginx({{"info", ask(socket, info, 200)}, {"status", ask(socket, status, 200)}}, cpu);
    ::close(socket);

    struct Case {
        Row row;
        const Process& server;
        Load load;
    };
    Case cases[] = {
        {{"nginx, a file of the size of node/info"},
         nginx.process(),
         {clients(nginx.port(), http_request("GET", "/info")), 200, other}},
        {{"node/info"}, node.process(), {clients(node.port(), info), 200, other}},
        {{"nginx, a file of the size of an account's status"},
         nginx.process(),
         {clients(nginx.port(), http_request("GET", "/status")), 200, other}},
        {{"account status"}, node.process(), {clients(node.port(), status), 200, other}},
        {{"subscribe and unsubscribe, each, to another loop"},
         two_loops.process(),
         {crossing_clients(two_loops.port(), cipher_of(data_of_two)), 200, other}},
    };
    auto& [nginx_info, own_info, nginx_status, own_status, subscribe] = cases;
    own_info.row.peer = &nginx_info.row;
    own_info.row.promised = 1.3;
    own_status.row.peer = &nginx_status.row;
    own_status.row.promised = 1.3;
    subscribe.row.peer = &nginx_status.row;
    subscribe.row.promised = 2;

    for (auto& each : cases) each.load.run(10 * kConnections, each.server);
    for (int round = 0; round < kRounds; ++round) {
        for (auto& each : cases) each.row.us.push_back(each.load.run(kRequests, each.server));
    }
    std::vector<const Row*> rows;
    for (const auto& each : cases) rows.push_back(&each.row);
    return print("HTTP, one core, keep-alive, 64 connections", rows) ? 0 : 1;
}
