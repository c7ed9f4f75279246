#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/encoding.hpp"
#include "base/endian.hpp"
#include "certificate.hpp"
#include "net/server.hpp"
#include "support/websocket_frames.hpp"

namespace rues::net::test {

using rues::test::client_frame;
using std::chrono::milliseconds;

/// Longer than any test waits; only a failure reaches it.
inline constexpr milliseconds kPatience{60'000};

/// Where a server is. `tls`: the context for a client that speaks TLS to it; nullptr: the server is plain.
struct Endpoint {
    Endpoint(std::uint16_t at, SSL_CTX* with = nullptr) : port(at), tls(with) {}
    std::uint16_t port;
    SSL_CTX* tls;
    /// The last byte of the client's own address, which is 127.0.0.x. 0: any.
    unsigned char source = 0;
    Endpoint from(unsigned char last) const {
        Endpoint out = *this;
        out.source = last;
        return out;
    }
};

inline std::string get(std::string_view target) {
    return std::string("GET ").append(target).append(" HTTP/1.1\r\nHost: x\r\n\r\n");
}
inline const std::string kGet = get("/");

/// An upgrade request with the key of RFC 6455 1.3.
inline std::string websocket_request(std::string_view path = "/ws") {
    return std::string("GET ").append(path).append(
        " HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
}

/// A blocking client with as little logic of its own as possible.
class Client {
public:
    explicit Client(Endpoint to, int receive_buffer = 0) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        if (receive_buffer > 0) ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
        if (to.source != 0) {
            sockaddr_in own = local(0);
            own.sin_addr.s_addr = htonl((INADDR_LOOPBACK & ~0xffU) | to.source);
            EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&own), sizeof own), 0);
        }
        const sockaddr_in address = local(to.port);
        EXPECT_EQ(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        if (to.tls == nullptr) return;
        const int now = 1;  // otherwise the request waits until the handshake is acknowledged
        ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &now, sizeof now);
        ssl_.reset(SSL_new(to.tls));
        SSL_set_fd(ssl_.get(), socket_);
        secure_ = SSL_connect(ssl_.get()) == 1;
    }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    ~Client() { close(); }

    /// Whether the server accepts connections.
    static bool accepted(Endpoint to) {
        const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
        const sockaddr_in address = local(to.port);
        const bool connected = ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
        ::close(socket);
        return connected;
    }
    /// Whether the handshake succeeded.
    bool secure() const { return secure_; }
    SSL* ssl() const { return ssl_.get(); }
    void close() {
        ssl_.reset();
        if (socket_ >= 0) ::close(std::exchange(socket_, -1));
    }
    /// Resets the connection instead of ending it.
    void reset() {
        const linger now{1, 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        close();
    }
    /// Ends the client's side; it can still read answers.
    void finish() { ::shutdown(socket_, SHUT_WR); }
    /// Whether bytes have arrived, or the end.
    bool readable() {
        pollfd now{socket_, POLLIN, 0};
        return !buffer_.empty() || ::poll(&now, 1, 0) == 1;
    }
    void send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto done = ssl_ ? SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()))
                                   : ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (done <= 0) return;
            bytes.remove_prefix(static_cast<std::size_t>(done));
        }
    }
    /// Reads exactly `count` bytes; fewer if the server ends the connection.
    std::string read(std::size_t count) {
        while (buffer_.size() < count && fill()) {
        }
        return cut(std::min(count, buffer_.size()));
    }
    std::string read_until(std::string_view end) {
        for (;;) {
            if (const auto at = buffer_.find(end); at != std::string::npos) return cut(at + end.size());
            if (!fill()) return cut(buffer_.size());
        }
    }
    std::string read_to_end() {
        while (fill()) {
        }
        return cut(buffer_.size());
    }

    /// Whether the connection ended with an error instead of an orderly end.
    bool broken() const { return broken_; }
    /// Reads one record and returns its size; `read` then gives its bytes. REQUIRES: TLS, and no bytes read ahead.
    std::size_t read_record() {
        EXPECT_TRUE(buffer_.empty());
        fill();
        return buffer_.size();
    }

    struct Answer {
        unsigned status = 0;
        std::map<std::string, std::string> headers;  ///< names in lower case
        std::string body;
    };
    Answer read_answer(bool to_head = false) {
        Answer out;
        const std::string head = read_until("\r\n\r\n");
        if (head.size() < 12) return out;
        out.status = static_cast<unsigned>(std::stoul(head.substr(9, 3)));
        for (std::size_t at = head.find("\r\n") + 2; at + 2 < head.size();) {
            const auto end = head.find("\r\n", at);
            const auto colon = head.find(": ", at);
            out.headers[base::to_lower_ascii(head.substr(at, colon - at))] = head.substr(colon + 2, end - colon - 2);
            at = end + 2;
        }
        if (!to_head && out.headers.contains("content-length"))
            out.body = read(std::stoul(out.headers["content-length"]));
        return out;
    }
    /// Reads a chunked body. nullopt: the connection ends before the last chunk.
    std::optional<std::string> read_chunks() {
        std::string out;
        for (;;) {
            const std::string line = read_until("\r\n");
            if (!line.ends_with("\r\n")) return std::nullopt;
            const std::size_t size = std::stoul(line, nullptr, 16);
            const std::string chunk = read(size + 2);
            if (chunk.size() != size + 2) return std::nullopt;
            if (size == 0) return out;
            out.append(chunk, 0, size);
        }
    }
    Answer ask(std::string_view request) {
        send(request);
        return read_answer();
    }

    struct Frame {
        unsigned first = 0;  ///< FIN, reserved bits and opcode as on the wire; 0: the server ended the connection
        std::string payload;
        /// Of a close frame.
        unsigned code() const {
            return payload.size() < 2 ? 0U : base::load_be<std::uint16_t>(base::view(payload).data());
        }
        std::string reason() const { return payload.size() < 2 ? "" : payload.substr(2); }
    };
    Frame read_frame() {
        const std::string head = read(2);
        if (head.size() < 2) return {};
        auto length = static_cast<std::size_t>(static_cast<unsigned char>(head[1]));
        EXPECT_LT(length, 128U) << "a server does not mask";
        if (length == 126) length = base::load_be<std::uint16_t>(base::view(read(2)).data());
        if (length == 127) length = base::load_be<std::uint64_t>(base::view(read(8)).data());
        return {static_cast<unsigned char>(head[0]), read(length)};
    }
    /// Sends an upgrade request and returns the answer.
    Answer open_websocket(std::string_view path = "/ws") { return ask(websocket_request(path)); }

private:
    static sockaddr_in local(std::uint16_t port) {
        sockaddr_in out{};
        out.sin_family = AF_INET;
        out.sin_port = htons(port);
        out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return out;
    }
    std::string cut(std::size_t count) {
        std::string out = buffer_.substr(0, count);
        buffer_.erase(0, count);
        return out;
    }
    bool fill() {
        pollfd wait{socket_, POLLIN, 0};
        const bool decrypted = ssl_ && SSL_pending(ssl_.get()) > 0;
        if (!decrypted && ::poll(&wait, 1, static_cast<int>(kPatience.count())) != 1) {
            ADD_FAILURE() << "the server says nothing";
            return false;
        }
        char chunk[65'536];
        const auto got = ssl_ ? SSL_read(ssl_.get(), chunk, sizeof chunk) : ::recv(socket_, chunk, sizeof chunk, 0);
        if (got <= 0) {
            broken_ = ssl_ ? (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) == 0 : got < 0;
            return false;
        }
        buffer_.append(chunk, static_cast<std::size_t>(got));
        return true;
    }

    int socket_;
    std::unique_ptr<SSL, Releases<&SSL_free>> ssl_;
    bool secure_ = false;
    bool broken_ = false;
    std::string buffer_;
};

/// Lets a thread wait for events that other threads raise.
class Signal {
public:
    void raise() {
        const std::lock_guard lock(mutex_);
        ++raised_;
        changed_.notify_all();
    }
    /// Waits until it was raised `times` times in all. False: kPatience is over.
    bool wait(int times = 1) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, kPatience, [&] { return raised_ >= times; });
    }

    int count() {
        const std::lock_guard lock(mutex_);
        return raised_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int raised_ = 0;
};

/// Keeps the responder of the latest request, so that the test answers when it likes.
struct Kept {
    std::optional<Responder> responder;
    Signal asked;

    void keep(Responder given) {
        responder = std::move(given);
        asked.raise();
    }
    /// For `TestHandler::on_request`.
    auto handler() {
        return [this](Request, Responder given) { keep(std::move(given)); };
    }
};

/// A handler whose answers the test sets.
class TestHandler : public HttpHandler {
public:
    std::size_t limit = 1'000;
    bool is_secret = false;
    std::function<void(Request, Responder)> on_request = [](Request request, Responder responder) {
        std::move(responder).send({200, {{"x-method", request.method}}, std::move(request.body)});
    };
    /// Makes the handler of a WebSocket for each good upgrade request.
    std::function<std::unique_ptr<WebSocketHandler>()> on_websocket;
    UpgradeOptions upgrade;

    BodyRules body_rules(std::string_view, std::string_view) const override { return {limit, is_secret}; }
    Response refusal(unsigned status, std::string_view text, const Request*) const override {
        return {status, {}, base::to_bytes(text)};
    }
    void handle(Request request, Responder responder, std::size_t) override {
        if (on_websocket && !websocket_problem(request))
            return std::move(responder).upgrade({{"x-extra", "yes"}}, on_websocket(), upgrade);
        on_request(std::move(request), std::move(responder));
    }
};

class ServerTest : public ::testing::Test {
protected:
    ServerTest() { options_.port = 0; }
    /// Sets TLS up for server and clients. REQUIRES: the server is not started.
    void use_tls() {
        std::signal(SIGPIPE, SIG_IGN);  // OpenSSL in the client may write to a closed socket
        certificate_ = std::make_unique<Certificate>("unit-net");
        client_context_ = certificate_->trusting();
        auto loaded = TlsContext::load(certificate_->certificate(), certificate_->key());
        ASSERT_TRUE(loaded) << (loaded ? "" : loaded.error().text);
        options_.tls = std::move(*loaded);
    }
    Endpoint start(base::Log log = base::no_log()) {
        auto made = Server::create(options_, handler_, std::move(log));
        EXPECT_TRUE(made) << (made ? "" : made.error().text);
        server_ = std::move(*made);
        server_->start();
        return {server_->port(), client_context_.get()};
    }
    /// Stops the server at the end of a test's block, or of a suite's members. Declare it after everything that the
    /// loops may still use then.
    struct StopFirst {
        std::unique_ptr<Server>& server;
        ~StopFirst() {
            if (server) server->stop(milliseconds(0));
        }
    };
    /// Runs a task on a loop and waits for its end.
    void there(std::function<void()> task, std::size_t loop = 0) {
        const auto done = std::make_shared<Signal>();
        server_->post(loop, [done, task = std::move(task)] {
            task();
            done->raise();
        });
        ASSERT_TRUE(done->wait());
    }
    /// Waits until loop 0 has done what it had to do, so many times.
    void pass_turns(int turns = 1) {
        for (int i = 0; i < turns; ++i) there([] {});
    }

    /// Waits until every connection has ended on the server's side too.
    void wait_until_alone() {
        const auto until = std::chrono::steady_clock::now() + kPatience;
        while (server_->connections() != 0 && std::chrono::steady_clock::now() < until) {
            for (std::size_t i = 0; i < server_->loops(); ++i) there([] {}, i);
        }
        EXPECT_EQ(server_->connections(), 0U);
    }

    std::unique_ptr<Certificate> certificate_;
    SslContext client_context_;
    Options options_;
    TestHandler handler_;
    std::unique_ptr<Server> server_;  ///< the last member: it stops when it is destroyed
};

/// A suite whose tests run over plain TCP and over TLS.
enum class Transport { plain, tls };
class EitherTransport : public ServerTest, public ::testing::WithParamInterface<Transport> {
protected:
    EitherTransport() {
        if (GetParam() == Transport::tls) use_tls();
    }
};
inline const auto kTransports = ::testing::Values(Transport::plain, Transport::tls);
inline std::string transport_name(const ::testing::TestParamInfo<Transport>& info) {
    return info.param == Transport::tls ? "tls" : "plain";
}

}  // namespace rues::net::test
