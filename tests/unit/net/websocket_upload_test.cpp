// Large messages that are not complete: one budget for all clients, and progress.
#include "websocket_fixture.hpp"

namespace rues::net::test {
namespace {

class WebSocketUploads : public WebSockets {
protected:
    WebSocketUploads() {
        handler_.upgrade = {.max_message_bytes = 1'000'000, .binary = true};
        script_.binary = [](WebSocket& socket, ByteView bytes) { socket.send_text(std::to_string(bytes.size())); };
    }
    /// The next frame that is no ping.
    static Client::Frame answer(Client& client) {
        for (;;) {
            auto frame = client.read_frame();
            if (frame.first != kPing) return frame;
        }
    }
};

INSTANTIATE_TEST_SUITE_P(Over, WebSocketUploads, kTransports, transport_name);

TEST_P(WebSocketUploads, large_messages_that_are_not_complete_share_the_budget_of_uploads) {
    options_.limits.max_upload_bytes = 150'000;
    const Endpoint at = start();
    const std::string message = client_frame(0x82, std::string(200'000, 'x'));
    Client first(at), second(at);
    first.open_websocket();
    second.open_websocket();

    first.send(message.substr(0, 100'000));
    second.send(message.substr(0, 100'000));

    // The one whose bytes are read last has no room; which one that is the loop decides.
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (!first.readable() && !second.readable() && std::chrono::steady_clock::now() < until)
        std::this_thread::yield();
    Client& refused = first.readable() ? first : second;
    Client& other = first.readable() ? second : first;
    const auto frame = refused.read_frame();
    EXPECT_EQ(frame.code(), 1013U);
    EXPECT_EQ(frame.reason(), "Too many large messages at once");
    refused.close();
    // The part of the refused one is free again.
    other.send(message.substr(100'000, 40'000));
    Client third(at);
    third.open_websocket();
    third.send(client_frame(0x82, std::string(60'000, 'x')));
    EXPECT_EQ(third.read_frame().payload, "60000");
    EXPECT_FALSE(other.readable());
}

TEST_P(WebSocketUploads, a_complete_message_gives_its_part_back) {
    options_.limits.max_upload_bytes = 250'000;
    Client client(start());
    client.open_websocket();

    for (int i = 0; i < 5; ++i) {
        client.send(client_frame(0x82, std::string(200'000, 'x')));
        ASSERT_EQ(client.read_frame().payload, "200000") << i;
    }
}

TEST_P(WebSocketUploads, a_new_limit_holds_for_messages_that_come_after_it) {
    options_.limits.max_upload_bytes = 1;
    const Endpoint at = start();
    const std::string message = client_frame(0x82, std::string(200'000, 'x'));
    Client refused(at), served(at), late(at);
    for (Client* each : {&refused, &served, &late}) each->open_websocket();
    refused.send(message);
    EXPECT_EQ(refused.read_frame().code(), 1013U);

    options_.limits.max_upload_bytes = 250'000;
    server_->use_limits(options_.limits);
    served.send(message);
    EXPECT_EQ(served.read_frame().payload, "200000");

    options_.limits.max_upload_bytes = 1;
    server_->use_limits(options_.limits);
    late.send(message);
    EXPECT_EQ(late.read_frame().code(), 1013U);
}

TEST_P(WebSocketUploads, small_messages_need_no_part_of_the_budget) {
    options_.limits.max_upload_bytes = 1;
    Client client(start());
    client.open_websocket();

    client.send(client_frame(0x02, std::string(30'000, 'x')) + client_frame(0x80, std::string(30'000, 'x')));

    EXPECT_EQ(client.read_frame().payload, "60000");
}

TEST_P(WebSocketUploads, a_large_message_that_makes_no_progress_between_two_pings_is_1008) {
    options_.limits.ping_interval = milliseconds(200);
    Client client(start());
    client.open_websocket();

    client.send(client_frame(0x82, std::string(200'000, 'x')).substr(0, 100'000));
    const auto frame = answer(client);

    EXPECT_EQ(frame.code(), 1008U);
    EXPECT_EQ(frame.reason(), "A message makes no progress");
}

TEST_P(WebSocketUploads, a_large_message_that_makes_progress_is_taken_however_long_it_takes) {
    options_.limits.ping_interval = milliseconds(1'500);
    Client client(start());
    client.open_websocket();
    const std::string message = client_frame(0x82, std::string(200'000, 'x'));

    // Two pings pass meanwhile, each with more than 4 KiB before it.
    client.send(message.substr(0, 100'000));
    for (std::size_t at = 100'000; at < message.size(); at += 10'000) {
        std::this_thread::sleep_for(milliseconds(300));
        client.send(message.substr(at, 10'000));
    }

    EXPECT_EQ(answer(client).payload, "200000");
}

}  // namespace
}  // namespace rues::net::test
