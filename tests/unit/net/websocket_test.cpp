#include "websocket_fixture.hpp"

namespace rues::net::test {
namespace {

INSTANTIATE_TEST_SUITE_P(Over, WebSockets, kTransports, transport_name);

TEST_P(WebSockets, the_upgrade_answers_101_and_the_first_text_follows) {
    script_.open = [](WebSocket& socket) { socket.send_text("0123456789abcdef"); };
    Client client(start());

    const auto answer = client.open_websocket();

    EXPECT_EQ(answer.status, 101U);
    EXPECT_EQ(answer.headers.at("connection"), "upgrade");
    EXPECT_EQ(answer.headers.at("upgrade"), "websocket");
    EXPECT_EQ(answer.headers.at("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");  // RFC 6455 1.3
    EXPECT_EQ(answer.headers.at("x-extra"), "yes");
    EXPECT_FALSE(answer.headers.contains("content-length"));
    const auto frame = client.read_frame();
    EXPECT_EQ(frame.first, kText);
    EXPECT_EQ(frame.payload, "0123456789abcdef");
}

TEST(WebSocketUpgrade, is_requested_by_name_with_get_of_http_1_1_and_any_other_upgrade_is_ignored) {
    const auto asks = [](std::string_view upgrade, std::string_view method = "GET", unsigned minor_version = 1) {
        Request request;
        request.method = method;
        request.minor_version = minor_version;
        request.headers.emplace_back("UPGRADE", upgrade);
        return asks_for_websocket(request);
    };

    EXPECT_TRUE(asks("websocket"));
    EXPECT_TRUE(asks("WebSocket"));
    for (const char* other : {"", "h2c", "TLS/1.0", "websocket2", "HTTP/2.0"}) EXPECT_FALSE(asks(other)) << other;
    EXPECT_FALSE(asks("websocket", "HEAD"));
    EXPECT_FALSE(asks("websocket", "POST"));
    EXPECT_FALSE(asks("websocket", "GET", 0)) << "RFC 9110 7.8";
    EXPECT_FALSE(asks_for_websocket({}));
}

TEST(WebSocketUpgrade, is_checked_in_the_order_of_rusk_1_7_4_1) {
    Request request;
    request.method = "HEAD";
    const auto problem = [&] { return websocket_problem(request); };
    using Problem = std::pair<unsigned, std::string>;

    EXPECT_EQ(problem(), Problem(405, "Request method must be `GET`"));
    request.method = "GET";
    EXPECT_EQ(problem(), Problem(400, "Connection header did not include 'upgrade'"));
    request.headers.emplace_back("Connection", "keep-alive, Upgrade");
    EXPECT_EQ(problem(), Problem(400, "`Upgrade` header did not include 'websocket'"));
    request.headers.emplace_back("Upgrade", "WebSocket");
    EXPECT_EQ(problem(), Problem(400, "`Sec-WebSocket-Key` header missing"));
    request.headers.emplace_back("Sec-WebSocket-Key", "k");
    EXPECT_EQ(problem(), Problem(400, "`Sec-WebSocket-Version` header did not include '13'"));
    request.headers.emplace_back("Sec-WebSocket-Version", "13");
    EXPECT_EQ(problem(), std::nullopt);
    request.minor_version = 0;
    EXPECT_EQ(problem(), Problem(426, "WebSocket request couldn't be upgraded since no upgrade state was present"));
}

TEST_P(WebSockets, text_messages_are_delivered_whole_and_binary_messages_are_not) {
    script_.text = [](WebSocket& socket, std::string_view text) { socket.send_text(std::string(text) + "!"); };
    Client client(start());
    client.open_websocket();

    client.send(client_frame(0x82, "binary") + client_frame(0x01, "he") + client_frame(0x80, "llo") +
                client_frame(0x81, ""));

    EXPECT_EQ(client.read_frame().payload, "hello!");
    EXPECT_EQ(client.read_frame().payload, "!");
}

TEST_P(WebSockets, messages_sent_right_after_the_upgrade_request_are_delivered) {
    script_.text = [](WebSocket& socket, std::string_view text) { socket.send_text(text); };
    Client client(start());
    client.send(websocket_request() + client_frame(0x81, "early"));
    EXPECT_EQ(client.read_answer().status, 101U);
    EXPECT_EQ(client.read_frame().payload, "early");
}

TEST_P(WebSockets, a_ping_is_answered_and_of_many_at_once_the_last_one) {
    Client client(start());
    client.open_websocket();

    client.send(client_frame(0x89, "one"));
    const auto pong = client.read_frame();
    EXPECT_EQ(pong.first, kPong);
    EXPECT_EQ(pong.payload, "one");

    std::string ten;
    for (int i = 0; i < 10; ++i) ten += client_frame(0x89, std::to_string(i));
    client.send(ten);
    for (int i = 0; i < 10; ++i) EXPECT_EQ(client.read_frame().payload, std::to_string(i));

    std::string many;
    for (int i = 0; i < 10'000; ++i) many += client_frame(0x89, "two");
    client.send(many + client_frame(0x89, "last"));
    for (auto frame = client.read_frame();; frame = client.read_frame()) {
        ASSERT_EQ(frame.first, kPong);
        if (frame.payload == "last") break;
    }
}

TEST_P(WebSockets, a_close_is_echoed_and_the_connection_ends) {
    Client client(start());
    client.open_websocket();

    client.send(client_frame(0x88, "\x0f\xa0later"));  // 4000

    const auto close = client.read_frame();
    EXPECT_EQ(close.first, kClose);
    EXPECT_EQ(close.code(), 4000U);
    EXPECT_EQ(close.reason(), "later");
    EXPECT_EQ(client.read_to_end(), "");
    EXPECT_TRUE(script_.closed.wait());
    EXPECT_EQ(script_.closed_by_client, 1);
    client.close();
    wait_until_alone();
}

TEST_P(WebSockets, a_close_without_code_is_echoed_without_code) {
    Client client(start());
    client.open_websocket();
    client.send(client_frame(0x88, ""));
    const auto close = client.read_frame();
    EXPECT_EQ(close.first, kClose);
    EXPECT_EQ(close.payload, "");
}

TEST_P(WebSockets, frames_that_the_protocol_forbids_close_with_the_code_of_the_fault) {
    const auto port = start();
    const std::pair<std::string, unsigned> cases[] = {
        {"\x81\x01x", 1002},                     // not masked
        {client_frame(0x81, "\xc3\x28"), 1007},  // not UTF-8
        {client_frame(0x81, std::string(65'537, 'x')), 1009},
        {client_frame(0x88, "\x03\xed"), 1002},  // 1005 may not be sent
    };
    int closed = 0;
    for (const auto& [bytes, code] : cases) {
        Client client(port);
        client.open_websocket();
        client.send(bytes);
        EXPECT_EQ(client.read_frame().code(), code);
        EXPECT_TRUE(script_.closed.wait(++closed));
    }
    EXPECT_EQ(script_.closed_by_client, 0);
}

TEST_P(WebSockets, on_closed_is_called_when_the_client_vanishes) {
    const auto port = start();
    Client polite(port);
    polite.open_websocket();
    polite.close();
    EXPECT_TRUE(script_.closed.wait(1));
    Client rude(port);
    rude.open_websocket();
    ASSERT_TRUE(script_.opened.wait(2));
    rude.reset();
    EXPECT_TRUE(script_.closed.wait(2));
    EXPECT_EQ(script_.closed_by_client, 0);
    wait_until_alone();
}

TEST_P(WebSockets, a_silent_client_is_dropped_after_two_unanswered_pings) {
    options_.limits.ping_interval = milliseconds(30);
    const auto port = start();
    Client silent(port);
    silent.open_websocket();

    EXPECT_EQ(silent.read_frame().first, kPing);
    EXPECT_EQ(silent.read_frame().first, kPing);
    EXPECT_EQ(silent.read_frame().first, 0U);
    EXPECT_TRUE(script_.closed.wait());
    EXPECT_EQ(script_.closed_by_client, 0);

    Client talking(port);
    talking.open_websocket();
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(talking.read_frame().first, kPing);
        talking.send(client_frame(0x81, ""));  // any byte counts as a sign of life
    }
}

TEST_P(WebSockets, a_half_sent_message_is_finished_before_anything_else_is_sent) {
    Endless stream(60'000);
    WebSocket* socket = nullptr;
    const StopFirst guard{server_};
    script_.open = [&](WebSocket& opened) {
        socket = &opened;
        stream.pump(opened);
    };
    script_.writable = [&](WebSocket& writable) { stream.pump(writable, 20); };
    Client client(start(), 4'096);
    client.open_websocket();
    ASSERT_TRUE(script_.opened.wait());  // then the kernel takes no more
    client.send(client_frame(0x89, "now"));

    int messages = 0;
    for (auto frame = client.read_frame(); frame.first != kPong; frame = client.read_frame()) {
        ASSERT_EQ(frame.first, kText);
        ASSERT_EQ(frame.payload.size(), 60'000U);
        ++messages;
    }
    EXPECT_GT(messages, 0);

    server_->post(0, [&] { socket->close(1013, "slow"); });
    for (auto frame = client.read_frame();; frame = client.read_frame()) {
        if (frame.first == kClose) {
            EXPECT_EQ(frame.code(), 1013U);
            break;
        }
        ASSERT_EQ(frame.first, kText);
        ASSERT_EQ(frame.payload.size(), 60'000U);
    }
    EXPECT_TRUE(script_.closed.wait());
}

TEST_P(WebSockets, several_buffers_are_sent_as_one_stream) {
    constexpr std::size_t kBuffers = 100;  // more buffers than one call takes
    std::deque<std::string> frames;
    std::vector<ByteView> left;
    const StopFirst guard{server_};
    for (std::size_t i = 0; i < kBuffers; ++i) {
        frames.push_back(std::string("\x81\x03").append(std::to_string(100 + i)));
        left.push_back(base::view(frames.back()));
    }
    const auto pump = [&](WebSocket& socket) {
        std::size_t taken = socket.write(left, true);
        while (!left.empty() && taken >= left.front().size()) {
            taken -= left.front().size();
            left.erase(left.begin());
        }
        if (!left.empty()) left.front() = left.front().subspan(taken);
    };
    script_.open = pump;
    script_.writable = pump;
    Client client(start());
    client.open_websocket();
    for (std::size_t i = 0; i < kBuffers; ++i) EXPECT_EQ(client.read_frame().payload, std::to_string(100 + i));
}

TEST_P(WebSockets, the_control_buffer_is_bounded_and_overflow_is_1008) {
    Endless stream(60'000);
    WebSocket* socket = nullptr;
    const StopFirst guard{server_};
    script_.open = [&](WebSocket& opened) { socket = &opened; };
    script_.writable = [&](WebSocket& writable) { stream.pump(writable); };
    Client client(start(), 4'096);
    client.open_websocket();
    ASSERT_TRUE(script_.opened.wait());
    server_->post(0, [&] {
        stream.pump(*socket);
        for (int i = 0; i < 205; ++i) socket->send_text(std::string(98, 'x'));  // 205 frames of 100 bytes
    });
    int texts = 0;
    for (auto frame = client.read_frame();; frame = client.read_frame()) {
        if (frame.first == kClose) {
            EXPECT_EQ(frame.code(), 1008U);
            break;
        }
        ASSERT_EQ(frame.first, kText);
        if (frame.payload.size() == 98) ++texts;
    }
    EXPECT_EQ(texts, 204);
}

TEST_P(WebSockets, stop_closes_with_1012) {
    Client client(start());
    client.open_websocket();
    ASSERT_TRUE(script_.opened.wait());

    std::thread stopping([&] { server_->stop(kPatience); });
    EXPECT_EQ(client.read_frame().code(), 1012U);
    EXPECT_EQ(client.read_to_end(), "");
    client.close();
    stopping.join();

    EXPECT_TRUE(script_.closed.wait());
    EXPECT_EQ(server_->connections(), 0U);
}

TEST_P(WebSockets, a_client_that_never_reads_does_not_hold_up_others_nor_stop) {
    Endless stream(60'000);
    const StopFirst guard{server_};
    script_.open = [&](WebSocket& socket) { stream.pump(socket); };
    script_.writable = [&](WebSocket& socket) { stream.pump(socket); };
    const auto port = start();
    Client deaf(port, 4'096);
    deaf.open_websocket();
    ASSERT_TRUE(script_.opened.wait());

    EXPECT_EQ(Client(port).ask(kGet).status, 200U);
    const auto begin = std::chrono::steady_clock::now();
    server_->stop(milliseconds(50));

    EXPECT_LT(std::chrono::steady_clock::now() - begin, kPatience / 2);
    EXPECT_TRUE(script_.closed.wait());
    EXPECT_EQ(server_->connections(), 0U);
}

TEST_P(WebSockets, a_handler_may_close_from_any_of_its_calls) {
    script_.open = [](WebSocket& socket) {
        socket.send_text("hello");
        socket.close(4001, "taken over");
        socket.close(1000, "only the first counts");
        socket.send_text("nothing follows");
    };
    Client client(start());
    client.open_websocket();
    EXPECT_EQ(client.read_frame().payload, "hello");
    const auto close = client.read_frame();
    EXPECT_EQ(close.code(), 4001U);
    EXPECT_EQ(close.reason(), "taken over");
    client.send(client_frame(0x88, close.payload));
    EXPECT_EQ(client.read_to_end(), "");
    client.close();
    wait_until_alone();
    EXPECT_TRUE(script_.closed.wait());
    EXPECT_EQ(script_.closed_by_client, 0);
}

TEST_P(WebSockets, stop_lets_the_handler_close_with_its_own_reason) {
    script_.drain = [](WebSocket& socket) { socket.close(1012, "Service restart, last position 7"); };
    Client client(start());
    client.open_websocket();
    ASSERT_TRUE(script_.opened.wait());

    std::thread stopping([&] { server_->stop(kPatience); });
    const auto close = client.read_frame();
    client.close();
    stopping.join();

    EXPECT_EQ(close.code(), 1012U);
    EXPECT_EQ(close.reason(), "Service restart, last position 7");
}

TEST_P(WebSockets, binary_messages_are_delivered_whole_if_the_upgrade_asks_for_them) {
    handler_.upgrade.binary = true;
    script_.binary = [](WebSocket& socket, ByteView bytes) { socket.send_text(base::to_hex(bytes)); };
    Client client(start());
    client.open_websocket();

    client.send(client_frame(0x02, "\xff") + client_frame(0x80, "\xfe") + client_frame(0x82, ""));

    EXPECT_EQ(client.read_frame().payload, "fffe");
    EXPECT_EQ(client.read_frame().payload, "");
}

TEST_P(WebSockets, a_handler_that_pauses_gets_no_message_until_it_resumes_and_then_all_in_order) {
    WebSocket* socket = nullptr;
    std::atomic<int> heard{0};
    const StopFirst guard{server_};
    script_.text = [&](WebSocket& to, std::string_view text) {
        socket = &to;
        EXPECT_EQ(text, std::to_string(heard++));
        to.pause();
        to.send_text("heard");
    };
    Client client(start());
    client.open_websocket();
    constexpr int kMessages = 50;
    std::string all;
    for (int i = 0; i < kMessages; ++i) all += client_frame(0x81, std::to_string(i));
    client.send(all.substr(0, all.size() / 2));

    for (int i = 0; i < kMessages; ++i) {
        EXPECT_EQ(client.read_frame().payload, "heard");
        EXPECT_EQ(heard, i + 1);
        if (i == 5) client.send(all.substr(all.size() / 2));
        server_->post(0, [&, i] {
            EXPECT_EQ(heard, i + 1);
            socket->resume();
        });
    }
    client.send(client_frame(0x88, "\x03\xe8"));
    EXPECT_EQ(client.read_frame().code(), 1000U);
}

TEST_P(WebSockets, a_paused_socket_can_be_closed_and_its_end_is_noticed) {
    WebSocket* socket = nullptr;
    Signal paused;
    const StopFirst guard{server_};
    script_.text = [&](WebSocket& to, std::string_view) {
        socket = &to;
        to.pause();
        paused.raise();
    };
    Client client(start());
    client.open_websocket();
    client.send(client_frame(0x81, "a") + client_frame(0x81, "b"));
    ASSERT_TRUE(paused.wait());
    server_->post(0, [&] { socket->close(4000, "enough"); });
    EXPECT_EQ(client.read_frame().code(), 4000U);
    client.close();
    wait_until_alone();
    EXPECT_EQ(paused.count(), 1);
}

TEST_P(WebSockets, an_upgrade_may_raise_the_limit_of_its_messages) {
    constexpr std::size_t kLimit = 1'000'000;
    handler_.upgrade.max_message_bytes = kLimit;
    script_.text = [](WebSocket& socket, std::string_view text) { socket.send_text(std::to_string(text.size())); };
    Client client(start());
    client.open_websocket();

    client.send(client_frame(0x81, std::string(kLimit, 'x')));
    EXPECT_EQ(client.read_frame().payload, std::to_string(kLimit));
    client.send(client_frame(0x81, std::string(kLimit + 1, 'x')));
    EXPECT_EQ(client.read_frame().code(), 1009U);
}

}  // namespace
}  // namespace rues::net::test
