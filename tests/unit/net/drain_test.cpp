#include <array>
#include <chrono>
#include <thread>

#include "client.hpp"

namespace rues::net::test {
namespace {

using std::chrono::milliseconds;
using Time = std::chrono::steady_clock::time_point;

constexpr milliseconds kHour{3'600'000};

/// Records when each socket got `on_drain`, by the path that its client asked for. Outlives the server.
struct Log {
    std::mutex mutex;
    std::vector<std::pair<std::string, Time>> drained;
    Signal opened;
    Signal told;
    std::map<std::string, WebSocket*> sockets;  ///< loop thread only

    void note(const std::string& name) {
        {
            const std::lock_guard lock(mutex);
            drained.emplace_back(name, std::chrono::steady_clock::now());
        }
        told.raise();
    }
};

class Told : public WebSocketHandler {
public:
    Told(Log& log, std::string name) : log_(log), name_(std::move(name)) {}
    void on_open(WebSocket& socket) override {
        log_.sockets[name_] = &socket;
        log_.opened.raise();
    }
    void on_writable() override {}
    void on_text(std::string_view text) override { log_.sockets[name_]->send_text(text); }
    void on_drain() override { log_.note(name_); }
    void on_closed(bool) override {}

private:
    Log& log_;
    std::string name_;
};

class ToldStream : public PushHandler {
public:
    explicit ToldStream(Log& log) : log_(log) {}
    void on_open(PushStream&) override { log_.opened.raise(); }
    void on_writable() override {}
    void on_drain() override { log_.note("push"); }
    void on_closed() override {}

private:
    Log& log_;
};

class Drain : public EitherTransport {
protected:
    Drain() {
        options_.loops = 1;
        handler_.on_request = [this](Request request, Responder responder) {
            if (request.target == "/late") {
                late_ = std::move(responder);
                return asked_.raise();
            }
            if (request.target == "/push") return std::move(responder).push({}, std::make_unique<ToldStream>(log_));
            if (websocket_problem(request)) return std::move(responder).send({200, {}, base::to_bytes("plain")});
            std::move(responder).upgrade({}, std::make_unique<Told>(log_, request.target));
        };
    }
    ~Drain() override {
        if (server_) server_->stop(milliseconds(0));
    }
    std::unique_ptr<Client> open(Endpoint to, const std::string& path, int receive_buffer = 0) {
        auto client = std::make_unique<Client>(to, receive_buffer);
        EXPECT_EQ(client->open_websocket(path).status, 101U);
        EXPECT_TRUE(log_.opened.wait(++open_));
        return client;
    }
    void pass_turn() {
        Signal passed;
        server_->post(0, [&] { passed.raise(); });
        ASSERT_TRUE(passed.wait());
    }

    Log log_;
    int open_ = 0;
    std::optional<Responder> late_;
    Signal asked_;
};

INSTANTIATE_TEST_SUITE_P(Over, Drain, kTransports, transport_name);

TEST_P(Drain, sockets_and_streams_drain_one_after_the_other_over_the_time) {
    constexpr int kSockets = 4;
    constexpr milliseconds kSpread{100};
    const auto port = start();
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < kSockets; ++i) clients.push_back(open(port, "/" + std::to_string(i)));
    Client stream(port);
    EXPECT_EQ(stream.ask("GET /push HTTP/1.1\r\nHost: x\r\n\r\n").status, 200U);
    ASSERT_TRUE(log_.opened.wait(kSockets + 1));
    const auto begin = std::chrono::steady_clock::now();

    server_->drain(kSpread);

    for (const auto& client : clients) EXPECT_EQ(client->read_frame().code(), 1012U);
    EXPECT_EQ(stream.read_chunks(), "");
    ASSERT_TRUE(log_.told.wait(kSockets + 1));
    for (std::size_t i = 0; i <= kSockets; ++i)  // a timer may be late, never early
        EXPECT_GE(log_.drained[i].second - begin, kSpread * static_cast<int>(i) / (kSockets + 1)) << i;
    for (const auto& client : clients) client->close();
    stream.close();
    wait_until_alone();
}

TEST_P(Drain, requests_under_way_are_answered_idle_connections_end_and_new_connections_are_refused) {
    const auto port = start();
    Client idle(port);
    EXPECT_EQ(idle.ask("GET /plain HTTP/1.1\r\nHost: x\r\n\r\n").body, "plain");
    Client busy(port);
    busy.send("GET /late HTTP/1.1\r\nHost: x\r\n\r\n");
    ASSERT_TRUE(asked_.wait());
    const auto first = open(port, "/first");
    const auto second = open(port, "/second");

    server_->drain(kHour);

    EXPECT_EQ(idle.read_to_end(), "");
    std::move(*late_).send({200, {}, base::to_bytes("done")});
    const auto answer = busy.read_answer();
    EXPECT_EQ(answer.body, "done");
    EXPECT_EQ(answer.headers.at("connection"), "close");
    ASSERT_TRUE(log_.told.wait());
    const bool first_is_told = log_.drained[0].first == "/first";
    auto& waiting = first_is_told ? *second : *first;
    EXPECT_EQ((first_is_told ? *first : *second).read_frame().code(), 1012U);
    waiting.send(client_frame(0x81, "still served"));
    EXPECT_EQ(waiting.read_frame().payload, "still served");
    pass_turn();
    EXPECT_FALSE(Client::accepted(port));

    server_->drain(milliseconds(0));
    EXPECT_EQ(waiting.read_frame().code(), 1012U);
}

TEST_P(Drain, a_socket_with_a_slow_client_drains_last) {
    const auto port = start();
    const auto slow = open(port, "/slow", 4'096);
    const auto quick = open(port, "/quick");
    Signal filled;
    server_->post(0, [&] {
        const std::string message = std::string("\x81\x7e\xea\x60", 4) + std::string(60'000, 'x');
        const std::array buffers{base::view(message)};
        while (log_.sockets["/slow"]->write(buffers, true) == message.size()) {
        }
        filled.raise();
    });
    ASSERT_TRUE(filled.wait());

    server_->drain(kHour);

    EXPECT_EQ(quick->read_frame().code(), 1012U);
    ASSERT_TRUE(log_.told.wait());
    EXPECT_EQ(log_.drained[0].first, "/quick");
    pass_turn();
    EXPECT_EQ(log_.told.count(), 1);
}

TEST_P(Drain, stop_drains_at_once_the_sockets_that_still_wait_for_their_turn) {
    const auto port = start();
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 3; ++i) clients.push_back(open(port, "/" + std::to_string(i)));
    server_->drain(kHour);
    ASSERT_TRUE(log_.told.wait());

    std::thread stopping([&] { server_->stop(kPatience); });
    for (const auto& client : clients) {
        EXPECT_EQ(client->read_frame().code(), 1012U);
        client->close();
    }
    stopping.join();

    EXPECT_EQ(log_.told.count(), 3);
    EXPECT_EQ(server_->connections(), 0U);
}

TEST_P(Drain, limits_may_change_while_connections_are_open) {
    options_.limits.max_connections = 1;
    const auto port = start();
    const auto silent = open(port, "/silent");
    EXPECT_EQ(Client(port).read_to_end(), "");

    Limits limits;
    limits.max_connections = 10;
    limits.ping_interval = milliseconds(20);
    limits.idle_timeout = milliseconds(40);
    server_->use_limits(limits);
    pass_turn();

    EXPECT_EQ(Client(port).read_to_end(), "") << "closed because it was silent, not because of the limit";
    EXPECT_EQ(Client(port).ask("GET /plain HTTP/1.1\r\nHost: x\r\n\r\n").body, "plain");
    const auto pinged = open(port, "/pinged");
    EXPECT_EQ(pinged->read_frame().first, 0x89U);
}

}  // namespace
}  // namespace rues::net::test
