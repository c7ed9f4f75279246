// Messages that are sent by lanes, which bypasses the connections.
#include "websocket_fixture.hpp"
#include "wire/websocket.hpp"

namespace rues::net::test {
namespace {

using Rest = Shortfalls;

class WebSocketLanes : public ServerTest {
protected:
    WebSocketLanes() {
        options_.loops = 1;
        handler_.on_websocket = [this] { return std::make_unique<Scripted>(script_); };
        script_.open = [this](WebSocket& socket) { sockets_.push_back(&socket); };
    }
    std::unique_ptr<Client> open(Endpoint to, int receive_buffer = 0) {
        auto client = std::make_unique<Client>(to, receive_buffer);
        EXPECT_EQ(client->open_websocket().status, 101U);
        EXPECT_TRUE(script_.opened.wait());
        return client;
    }
    Rest send(const std::vector<Lane>& lanes, std::string_view text) {
        std::string message;
        wire::websocket::append_frame(message, wire::websocket::Opcode::text, text);
        Rest rest;
        server_->send_to_all(0, lanes, base::view(message), rest);
        return rest;
    }

    Script script_;
    std::vector<WebSocket*> sockets_;
    const StopFirst stop_{server_};
};

TEST_F(WebSocketLanes, sockets_that_use_their_lane_get_the_message_and_the_others_are_reported) {
    const auto to = start();
    const auto first = open(to);
    const auto second = open(to);
    Rest rest;
    there([&] {
        const std::vector lanes{sockets_[0]->lane(), kNoLane, sockets_[1]->lane()};
        EXPECT_NE(lanes[0], lanes[2]);
        EXPECT_EQ(sockets_[0]->lane(), lanes[0]) << "it stays";
        sockets_[1]->use_lane(true);
        rest = send(lanes, "one");
        sockets_[0]->use_lane(true);
        sockets_[1]->use_lane(false);
        sockets_[0]->send_text("text");
        send(lanes, "two");
    });
    EXPECT_EQ(rest, (Rest{{0, 0}, {1, 0}}));
    EXPECT_EQ(second->read_frame().payload, "one");
    EXPECT_EQ(first->read_frame().payload, "text");
    EXPECT_EQ(first->read_frame().payload, "two");
}

TEST_F(WebSocketLanes, a_socket_with_tls_has_no_lane) {
    use_tls();
    const auto client = open(start());
    there([&] { EXPECT_EQ(sockets_[0]->lane(), kNoLane); });
}

TEST_F(WebSocketLanes, the_bytes_that_a_full_socket_took_are_reported_and_the_rest_follows_by_write) {
    const std::string text(16'000'000, 'x');  // more than the kernels of both sides take
    std::string message;
    wire::websocket::append_frame(message, wire::websocket::Opcode::text, text);
    std::size_t sent = 0;
    script_.writable = [&](WebSocket& socket) {
        const std::array buffers{base::view(message).subspan(sent)};
        sent += socket.write(buffers, true);
        if (sent == message.size()) socket.send_text("end");
    };
    const auto client = open(start());
    std::string received;
    there([&] {
        const std::vector lanes{sockets_[0]->lane()};
        sockets_[0]->use_lane(true);
        const Rest rest = send(lanes, text);
        ASSERT_EQ(rest.size(), 1U);
        sent = rest.front().second;
        ASSERT_GT(sent, 0U);
        sockets_[0]->stopped_in_lane();
        received = client->read(sent);  // there is room again, but the socket does not know it yet
        sockets_[0]->send_text("behind it");
        EXPECT_EQ(send(lanes, "not within it"), (Rest{{0, 0}}));
    });
    received += client->read(message.size() - received.size());
    EXPECT_TRUE(received == message);
    EXPECT_EQ(client->read_frame().payload, "behind it");
    EXPECT_EQ(client->read_frame().payload, "end");
}

TEST_F(WebSocketLanes, bytes_of_the_socket_itself_are_sent_before_a_message_by_the_lane) {
    Endless endless(1'000);
    script_.writable = [&](WebSocket& socket) {
        if (endless.next > 0) endless.pump(socket, 1);
    };
    const auto client = open(start(), 4'096);
    there([&] {
        const std::vector lanes{sockets_[0]->lane()};
        sockets_[0]->use_lane(true);
        endless.pump(*sockets_[0]);  // now the socket is full
        for (int i = 0; i < 20; ++i) ASSERT_EQ(client->read_frame().payload.size(), 1'000U);
        EXPECT_EQ(send(lanes, "within another message"), (Rest{{0, 0}}));
        sockets_[0]->send_text("text");
        EXPECT_EQ(send(lanes, "too early"), (Rest{{0, 0}}));
    });
    std::string last;
    while (last.empty() || last.front() == 'x') last = client->read_frame().payload;
    EXPECT_EQ(last, "text");
    there([&] { EXPECT_EQ(send({sockets_[0]->lane()}, "behind"), Rest{}); });
    EXPECT_EQ(client->read_frame().payload, "behind");
}

/// Texts of the socket itself stop a message, and the handler then declares that no byte of it is sent. The handler
/// must still get `on_writable` when there is room.
TEST_F(WebSocketLanes, a_handler_that_took_its_message_back_gets_on_writable_when_there_is_room) {
    Signal writable;
    script_.writable = [&](WebSocket&) { writable.raise(); };
    const auto client = open(start(), 4'096);
    const std::string text(1'000, 'x');
    std::size_t texts = 0;
    there([&] {
        std::string message;
        wire::websocket::append_frame(message, wire::websocket::Opcode::text, "message");
        const std::array buffers{base::view(message)};
        std::size_t taken = message.size();
        for (; taken > 0; ++texts) {  // until a text waits because the kernel takes no more
            sockets_[0]->send_text(text);
            taken = sockets_[0]->write(buffers, true);
        }
        EXPECT_EQ(sockets_[0]->write({}, true), 0U);
    });
    while (texts > 0) {
        if (client->read_frame().payload == text) --texts;
    }
    EXPECT_TRUE(writable.wait());
}

TEST_F(WebSocketLanes, nothing_is_sent_by_the_lane_after_a_close) {
    const auto client = open(start());
    there([&] {
        const std::vector lanes{sockets_[0]->lane()};
        sockets_[0]->use_lane(true);
        sockets_[0]->close(4001, "over");
        EXPECT_EQ(send(lanes, "late"), (Rest{{0, 0}}));
    });
    EXPECT_EQ(client->read_frame().reason(), "over");
    EXPECT_EQ(client->read_to_end(), "");
}

TEST_F(WebSocketLanes, a_lane_ends_with_its_connection_and_starts_closed_for_the_next_one) {
    const auto to = start();
    auto first = open(to);
    Lane lane = kNoLane;
    there([&] {
        lane = sockets_[0]->lane();
        sockets_[0]->use_lane(true);
    });
    first->reset();
    ASSERT_TRUE(script_.closed.wait());
    wait_until_alone();
    const auto second = open(to);  // most likely with the descriptor of the first
    there([&] {
        EXPECT_EQ(send({lane}, "to the first"), (Rest{{0, 0}}));
        EXPECT_EQ(sockets_[1]->lane(), lane);
        EXPECT_EQ(send({lane}, "to nobody"), (Rest{{0, 0}}));
        sockets_[1]->use_lane(true);
        EXPECT_EQ(send({lane}, "to the second"), Rest{});
    });
    EXPECT_EQ(second->read_frame().payload, "to the second");
}

}  // namespace
}  // namespace rues::net::test
