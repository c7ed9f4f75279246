#include "net/slice.hpp"

#include <set>

#include "base/client.hpp"
#include "websocket_fixture.hpp"
#include "wire/websocket.hpp"

namespace rues::net::test {
namespace {

/// The time of the tests of `Slice` alone.
Slice::Time set_time{};
int looks = 0;
Slice::Time told() noexcept {
    ++looks;
    return set_time;
}

TEST(SliceOfASocket, is_over_once_its_time_has_passed) {
    Slice slice(std::chrono::microseconds(200), &told);

    EXPECT_FALSE(slice.is_over());
    set_time += std::chrono::microseconds(199);
    EXPECT_FALSE(slice.is_over());
    set_time += std::chrono::microseconds(1);
    EXPECT_TRUE(slice.is_over());
}

TEST(SliceOfASocket, looks_at_the_clock_after_some_messages_or_bytes) {
    Slice slice(std::chrono::microseconds(1), &told);
    set_time += std::chrono::seconds(1);
    looks = 0;

    for (unsigned i = 1; i < Slice::kMessages; ++i) EXPECT_FALSE(slice.is_over_after(1));
    EXPECT_EQ(looks, 0);
    EXPECT_TRUE(slice.is_over_after(1));
    EXPECT_TRUE(slice.is_over_after(Slice::kBytes)) << "one large message is enough";
    EXPECT_FALSE(slice.is_over_after(Slice::kBytes - 1)) << "and a smaller one is not";
    EXPECT_EQ(looks, 2);
}

/// Every look at the clock finds that the slice is over.
class Slices : public WebSockets {
protected:
    Slices() { options_.limits.slice = std::chrono::microseconds(0); }
};
INSTANTIATE_TEST_SUITE_P(Over, Slices, kTransports, transport_name);

std::string numbered(int count) {
    std::string out;
    for (int i = 0; i < count; ++i) out += client_frame(0x81, std::to_string(i));
    return out;
}

TEST_P(Slices, a_socket_with_much_input_lets_others_have_their_turn_and_loses_no_message) {
    constexpr int kMany = 2'000;
    std::vector<std::string> taken;
    std::vector<std::size_t> seen;  // messages that were taken when the other task ran
    Signal done;
    std::function<void()> look = [&] {
        seen.push_back(taken.size());
        if (taken.size() < kMany) server_->post(0, look);
    };
    script_.text = [&](WebSocket&, std::string_view text) {
        if (taken.empty()) server_->post(0, look);
        taken.emplace_back(text);
        if (taken.size() == kMany) done.raise();
    };
    Client client(start());
    client.open_websocket();

    client.send(numbered(kMany));

    ASSERT_TRUE(done.wait());
    pass_turns(2);
    for (int i = 0; i < kMany; ++i) ASSERT_EQ(taken[static_cast<std::size_t>(i)], std::to_string(i));
    for (std::size_t i = 1; i < seen.size(); ++i)
        EXPECT_LE(seen[i] - seen[i - 1], Slice::kMessages) << "one slice between two turns of another task";
    EXPECT_GE(seen.size(), kMany / Slice::kMessages);
}

TEST_P(Slices, each_turn_is_work_for_the_client_and_paid_by_it) {
    constexpr int kMany = 400;
    int unnamed = 0;
    int taken = 0;
    std::set<std::chrono::nanoseconds> bills;
    Signal done;
    script_.text = [&](WebSocket&, std::string_view) {
        if (const auto* client = base::ActingFor::client())
            bills.insert(client->spent());
        else
            ++unnamed;
        if (++taken == kMany) done.raise();
    };
    Client client(start());
    client.open_websocket();

    client.send(numbered(kMany));

    ASSERT_TRUE(done.wait());
    EXPECT_EQ(unnamed, 0);
    EXPECT_GE(bills.size(), kMany / Slice::kMessages) << "the bill grows with every turn";
}

TEST_P(Slices, a_handler_that_pauses_in_the_middle_of_its_input_gets_the_rest_after_it_resumes) {
    std::vector<std::string> taken;
    Signal done;
    script_.text = [&](WebSocket& socket, std::string_view text) {
        taken.emplace_back(text);
        if (taken.size() == 100) return done.raise();
        socket.pause();
        server_->post(0, [&socket] { socket.resume(); });
    };
    Client client(start());
    client.open_websocket();

    client.send(numbered(100));

    ASSERT_TRUE(done.wait());
    for (int i = 0; i < 100; ++i) ASSERT_EQ(taken[static_cast<std::size_t>(i)], std::to_string(i));
}

TEST_P(Slices, a_message_of_many_fragments_is_whole_and_pings_between_them_are_answered) {
    script_.text = [](WebSocket& socket, std::string_view text) { socket.send_text(std::to_string(text.size())); };
    Client client(start());
    client.open_websocket();
    std::string bytes = client_frame(0x01, "x");
    for (int i = 0; i < 5'000; ++i) bytes += client_frame(0x00, "x");
    bytes += client_frame(0x89, "ping") + client_frame(0x80, "x");

    client.send(bytes);

    EXPECT_EQ(client.read_frame().payload, "ping");
    EXPECT_EQ(client.read_frame().payload, "5002");
}

TEST_P(Slices, a_close_behind_much_input_is_answered_after_it) {
    int taken = 0;
    script_.text = [&](WebSocket&, std::string_view) { ++taken; };
    Client client(start());
    client.open_websocket();

    client.send(numbered(300) + client_frame(0x88, "\x0f\xa0later"));  // 4000

    const auto close = client.read_frame();
    EXPECT_EQ(close.first, kClose);
    EXPECT_EQ(close.code(), 4000U);
    EXPECT_TRUE(script_.closed.wait());
    EXPECT_EQ(taken, 300);
    EXPECT_EQ(script_.closed_by_client, 1);
}

TEST_P(Slices, what_the_handler_writes_is_sent_in_order_while_input_waits) {
    script_.text = [&](WebSocket& socket, std::string_view text) {
        std::string message;
        wire::websocket::append_frame(message, wire::websocket::Opcode::text, text);
        const std::array buffers{base::view(message)};
        ASSERT_EQ(socket.write(buffers, true), message.size());
    };
    Client client(start());
    client.open_websocket();

    client.send(numbered(500));

    for (int i = 0; i < 500; ++i) ASSERT_EQ(client.read_frame().payload, std::to_string(i));
}

TEST_P(Slices, pipelined_requests_are_answered_in_order_and_others_have_their_turn) {
    constexpr int kMany = 200;
    handler_.on_websocket = {};
    int handled = 0;
    std::vector<int> seen;
    std::function<void()> look = [&] {
        seen.push_back(handled);
        if (handled < kMany) server_->post(0, look);
    };
    handler_.on_request = [&](Request request, Responder responder) {
        if (++handled == 1) server_->post(0, look);
        std::move(responder).send({200, {}, base::to_bytes(request.target)});
    };
    Client client(start());
    std::string pipeline;
    for (int i = 0; i < kMany; ++i) pipeline += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: localhost\r\n\r\n";

    client.send(pipeline);

    for (int i = 0; i < kMany; ++i) ASSERT_EQ(client.read_answer().body, "/" + std::to_string(i));
    pass_turns(2);
    for (std::size_t i = 1; i < seen.size(); ++i) EXPECT_LE(seen[i] - seen[i - 1], 1);
}

TEST_P(Slices, a_connection_that_ends_while_its_input_waits_leaves_nothing) {
    Signal first;
    script_.text = [&](WebSocket& socket, std::string_view) {
        socket.close(4'001, "enough");
        first.raise();
    };
    {
        Client client(start());
        client.open_websocket();
        client.send(numbered(1'000));
        ASSERT_TRUE(first.wait());
        EXPECT_EQ(client.read_frame().code(), 4'001U);
    }
    ASSERT_TRUE(script_.closed.wait());
    EXPECT_EQ(first.count(), 1) << "after a close no message is taken";
    wait_until_alone();
}

class TlsRecords : public ServerTest {
protected:
    TlsRecords() {
        use_tls();
        options_.loops = 1;
        options_.limits.slice = std::chrono::hours(1);
        handler_.on_websocket = [this] { return std::make_unique<Scripted>(script_); };
    }
    Script script_;
    const StopFirst stop_{server_};
};

TEST_F(TlsRecords, small_ones_are_read_some_at_a_time_and_in_order) {
    constexpr int kMany = 1'000;
    constexpr std::size_t kMaxRecords = 64;  // in src/net/tls_session.cpp
    std::vector<std::string> taken;
    std::vector<std::size_t> seen;
    Signal done;
    Signal all_sent;
    std::function<void()> look = [&] {
        seen.push_back(taken.size());
        if (taken.size() < kMany) server_->post(0, look);
    };
    script_.text = [&](WebSocket&, std::string_view text) {
        taken.emplace_back(text);
        if (taken.size() == kMany) done.raise();
    };
    Client client(start());
    client.open_websocket();
    server_->post(0, [&] {  // until then the loop reads nothing
        EXPECT_TRUE(all_sent.wait());
        look();
    });

    for (int i = 0; i < kMany; ++i) client.send(client_frame(0x81, std::to_string(i)));  // a record each
    all_sent.raise();

    ASSERT_TRUE(done.wait());
    pass_turns(2);
    for (int i = 0; i < kMany; ++i) ASSERT_EQ(taken[static_cast<std::size_t>(i)], std::to_string(i));
    for (std::size_t i = 1; i < seen.size(); ++i) EXPECT_LE(seen[i] - seen[i - 1], kMaxRecords);
}

}  // namespace
}  // namespace rues::net::test
