#include "websocket_fixture.hpp"

namespace rues::net::test {
namespace {

/// Upgrades that are answered when a test says so.
class LateUpgrades : public WebSockets {
protected:
    LateUpgrades() {
        handler_.on_websocket = nullptr;
        handler_.on_request = [this](Request request, Responder responder) {
            ASSERT_EQ(websocket_problem(request), std::nullopt);
            kept_.keep(std::move(responder));
        };
    }
    void upgrade() { std::move(*kept_.responder).upgrade({}, std::make_unique<Scripted>(script_)); }

    Kept kept_;
    const StopFirst stop_{server_};
};

INSTANTIATE_TEST_SUITE_P(Over, LateUpgrades, kTransports, transport_name);

TEST_P(LateUpgrades, may_come_from_any_thread_and_messages_that_the_client_sent_meanwhile_are_received) {
    script_.text = [](WebSocket& socket, std::string_view text) { socket.send_text(text); };
    const auto port = start();
    for (const bool on_loop : {true, false}) {
        Client client(port);
        client.send(websocket_request() + client_frame(0x81, "with it"));
        ASSERT_TRUE(kept_.asked.wait(on_loop ? 1 : 2));
        client.send(client_frame(0x81, "behind it"));

        if (on_loop) {
            server_->post(0, [this] { upgrade(); });
        } else {
            upgrade();
        }

        EXPECT_EQ(client.read_answer().status, 101U);
        EXPECT_EQ(client.read_frame().payload, "with it");
        EXPECT_EQ(client.read_frame().payload, "behind it");
    }
}

TEST_P(LateUpgrades, are_500_if_the_responder_is_dropped) {
    Client client(start());
    client.send(websocket_request());
    ASSERT_TRUE(kept_.asked.wait());
    kept_.responder.reset();
    EXPECT_EQ(client.read_answer().status, 500U);
}

TEST_P(LateUpgrades, open_and_close_the_socket_of_a_client_that_has_gone_or_do_neither) {
    Client client(start());
    client.send(websocket_request());
    ASSERT_TRUE(kept_.asked.wait());
    client.reset();

    upgrade();

    wait_until_alone();
    EXPECT_EQ(script_.opened.count(), script_.closed.count());
    EXPECT_EQ(script_.closed_by_client, 0);
}

TEST_P(LateUpgrades, during_a_drain_let_the_handler_close_with_1012_and_its_own_reason) {
    script_.drain = [](WebSocket& socket) { socket.close(1012, "last position 7"); };
    const auto port = start();
    Client idle(port);
    Client client(port);
    client.send(websocket_request());
    ASSERT_TRUE(kept_.asked.wait());

    std::thread stopping([&] { server_->stop(kPatience); });
    EXPECT_EQ(idle.read_to_end(), "");  // this shows that the loop drains
    upgrade();
    const auto answer = client.read_answer();
    const auto close = client.read_frame();
    client.close();
    stopping.join();

    EXPECT_EQ(answer.status, 101U);
    EXPECT_EQ(close.reason(), "last position 7");
    EXPECT_TRUE(script_.closed.wait());
}

TEST_P(LateUpgrades, open_nothing_after_the_server_has_gone) {
    Client client(start());
    client.send(websocket_request());
    ASSERT_TRUE(kept_.asked.wait());

    server_->stop(milliseconds(0));
    server_.reset();
    upgrade();

    EXPECT_EQ(client.read_to_end(), "");
    EXPECT_EQ(script_.opened.count(), 0);
}

}  // namespace
}  // namespace rues::net::test
