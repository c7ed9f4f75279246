// What one client may hold, and that others still get theirs. Clients of 127.0.0.2 and 127.0.0.3 are two clients.
#include "websocket_fixture.hpp"

namespace rues::net::test {
namespace {

class ClientLimitsTest : public ServerTest {
protected:
    ClientLimitsTest() {
        options_.loops = 1;
        options_.clients = clients_;
        handler_.limit = 1'000'000;
    }
    static std::string upload(std::size_t size, std::string_view more = {}) {
        return "POST / HTTP/1.1\r\nHost: x\r\n" + std::string(more) + "Content-Length: " + std::to_string(size) +
               "\r\n\r\n";
    }
    std::uint64_t held(std::string_view address, base::Holding holding) {
        return clients_->of(*base::ClientKey::parse(address), std::chrono::steady_clock::now())->held(holding);
    }

    const std::shared_ptr<base::Clients> clients_ = std::make_shared<base::Clients>();
    Script script_;
    const StopFirst stop_{server_};
};

TEST_F(ClientLimitsTest, a_connection_over_the_limit_of_its_client_is_429_with_the_setting_and_others_are_served) {
    options_.limits.client_connections = 2;
    const Endpoint at = start();
    Client first(at.from(2)), second(at.from(2));
    EXPECT_EQ(first.ask(kGet).status, 200U);
    EXPECT_EQ(second.ask(kGet).status, 200U);

    Client third(at.from(2));
    const auto refused = third.read_answer();
    EXPECT_EQ(refused.status, 429U);
    EXPECT_EQ(refused.body, "your address has too many connections (setting client-connections)");
    EXPECT_EQ(third.read_to_end(), "");
    EXPECT_FALSE(third.broken());
    EXPECT_EQ(Client(at.from(3)).ask(kGet).status, 200U);

    first.close();
    while (held("127.0.0.2", base::Holding::connections) == 2) std::this_thread::yield();
    EXPECT_EQ(Client(at.from(2)).ask(kGet).status, 200U);
}

TEST_F(ClientLimitsTest, by_default_a_client_has_a_quarter_of_the_connections) {
    options_.limits.max_connections = 100;
    const Endpoint at = start();
    std::vector<std::unique_ptr<Client>> held;
    for (int i = 0; i < 25; ++i) {
        held.push_back(std::make_unique<Client>(at.from(2)));
        ASSERT_EQ(held.back()->ask(kGet).status, 200U) << i;
    }
    EXPECT_EQ(Client(at.from(2)).read_answer().status, 429U);
}

TEST_F(ClientLimitsTest, a_quarter_is_one_of_the_connections_that_the_process_can_open) {
    options_.reserved_descriptors = raise_descriptor_limit() - 80;
    const Endpoint at = start();
    std::vector<std::unique_ptr<Client>> held;
    for (int i = 0; i < 20; ++i) {
        held.push_back(std::make_unique<Client>(at.from(2)));
        ASSERT_EQ(held.back()->ask(kGet).status, 200U) << i;
    }

    EXPECT_EQ(Client(at.from(2)).read_answer().status, 429U);
    EXPECT_EQ(Client(at.from(3)).ask(kGet).status, 200U);
}

TEST_F(ClientLimitsTest, many_refused_connections_leave_nothing_behind) {
    options_.limits.client_connections = 1;
    const Endpoint at = start();
    Client first(at.from(2));
    EXPECT_EQ(first.ask(kGet).status, 200U);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(Client(at.from(2)).read_answer().status, 429U);
    EXPECT_EQ(server_->connections(), 1U);
    EXPECT_EQ(first.ask(kGet).status, 200U);
}

TEST_F(ClientLimitsTest, over_tls_a_connection_over_the_limit_is_closed_before_the_handshake) {
    use_tls();
    options_.limits.client_connections = 1;
    const Endpoint at = start();
    Client first(at.from(2));
    EXPECT_EQ(first.ask(kGet).status, 200U);
    EXPECT_FALSE(Client(at.from(2)).secure());
    EXPECT_TRUE(Client(at.from(3)).secure());
}

TEST_F(ClientLimitsTest, uploads_over_the_limit_of_their_client_are_429_and_others_are_taken) {
    options_.limits.client_upload_bytes = 100'000;
    const Endpoint at = start();
    Client first(at.from(2));
    first.send(upload(90'000) + std::string(80'000, 'x'));
    while (held("127.0.0.2", base::Holding::uploads) < 80'000) std::this_thread::yield();

    Client second(at.from(2));
    second.send(upload(90'000) + std::string(80'000, 'x'));
    const auto refused = second.read_answer();
    EXPECT_EQ(refused.status, 429U);
    EXPECT_EQ(refused.body,
              "your address has too many bytes of request bodies that are not whole (setting client-upload-bytes)");

    Client other(at.from(3));
    other.send(upload(90'000) + std::string(80'000, 'x'));
    EXPECT_EQ(other.ask(std::string(10'000, 'x')).status, 200U);
    EXPECT_EQ(first.ask(std::string(10'000, 'x')).status, 200U);
    pass_turns();
    EXPECT_EQ(held("127.0.0.2", base::Holding::uploads), 0U);
}

TEST_F(ClientLimitsTest, a_small_body_needs_no_part) {
    options_.limits.client_upload_bytes = 1;
    const Endpoint at = start();
    Client client(at);
    client.send(upload(600) + std::string(300, 'x'));
    pass_turns(3);
    EXPECT_EQ(client.ask(std::string(300, 'x')).status, 200U);
}

TEST_F(ClientLimitsTest, unfinished_messages_over_the_limit_of_their_client_are_1008_with_the_setting) {
    options_.limits.client_message_bytes = 100'000;
    handler_.upgrade = {.max_message_bytes = 1'000'000, .binary = true};
    script_.binary = [](WebSocket& socket, ByteView bytes) { socket.send_text(std::to_string(bytes.size())); };
    handler_.on_websocket = [this] { return std::make_unique<Scripted>(script_); };
    const Endpoint at = start();
    const std::string message = client_frame(0x82, std::string(90'000, 'x'));
    Client first(at.from(2)), second(at.from(2)), other(at.from(3));
    for (Client* each : {&first, &second, &other}) each->open_websocket();
    first.send(message.substr(0, 60'000));
    while (held("127.0.0.2", base::Holding::messages) == 0) std::this_thread::yield();

    second.send(message.substr(0, 60'000));
    const auto frame = second.read_frame();
    EXPECT_EQ(frame.code(), 1008U);
    EXPECT_EQ(frame.reason(),
              "your address has too many bytes of messages that are not whole (setting client-message-bytes)");

    other.send(message);
    EXPECT_EQ(other.read_frame().payload, "90000");
    first.send(message.substr(60'000));
    EXPECT_EQ(first.read_frame().payload, "90000");
    EXPECT_EQ(held("127.0.0.2", base::Holding::messages), 0U);
}

TEST_F(ClientLimitsTest, large_answers_that_are_not_read_are_429_beyond_the_limit_and_others_are_answered) {
    options_.limits.client_unread_bytes = 50'000'000;
    handler_.on_request = [](Request, Responder responder) { std::move(responder).send({200, {}, Bytes(30'000'000)}); };
    const Endpoint at = start();
    Client first(at.from(2), 4'096);
    first.send(kGet);
    first.read(1);

    Client second(at.from(2));
    const auto refused = second.ask(kGet);
    EXPECT_EQ(refused.status, 429U);
    EXPECT_EQ(refused.body,
              "your address has too many bytes of answers that it has not read (setting client-unread-bytes)");
    EXPECT_EQ(Client(at.from(3)).ask(kGet).body.size(), 30'000'000U);
    first.close();
    while (held("127.0.0.2", base::Holding::unread) != 0) std::this_thread::yield();
    EXPECT_EQ(second.ask(kGet).status, 200U);
}

TEST_F(ClientLimitsTest, all_answers_that_are_not_read_together_have_a_limit) {
    options_.limits.max_unread_bytes = 50'000'000;
    handler_.on_request = [](Request, Responder responder) { std::move(responder).send({200, {}, Bytes(30'000'000)}); };
    const Endpoint at = start();
    Client first(at.from(2), 4'096);
    first.send(kGet);
    first.read(1);
    EXPECT_EQ(Client(at.from(3)).ask(kGet).status, 503U);
}

TEST_F(ClientLimitsTest, bytes_that_answers_share_are_nobodys) {
    options_.limits.client_unread_bytes = 1'000;
    const auto shared = std::make_shared<Bytes>(20'000'000);
    handler_.on_request = [shared](Request, Responder responder) {
        Response out;
        out.shared_body = {*shared, shared};
        std::move(responder).send(std::move(out));
    };
    const Endpoint at = start();
    Client first(at.from(2), 4'096);
    first.send(kGet);
    first.read(1);
    EXPECT_EQ(Client(at.from(2)).ask(kGet).status, 200U);
}

class ForwardedTest : public ClientLimitsTest {
protected:
    ForwardedTest() {
        handler_.on_request = [](Request request, Responder responder) {
            std::move(responder).send({200, {}, base::to_bytes(request.client->key().text())});
        };
    }
    static std::string asked_by(Client& client, std::string_view headers) {
        return client.ask("GET / HTTP/1.1\r\nHost: x\r\n" + std::string(headers) + "\r\n").body;
    }
};

TEST_F(ForwardedTest, a_trusted_proxy_names_the_client_and_nobody_else_does) {
    options_.trusted_proxies = {*base::ClientKey::parse("127.0.0.2")};
    options_.limits.client_connections = 1;
    const Endpoint at = start();
    Client proxy(at.from(2)), second(at.from(2)), other(at.from(3));

    EXPECT_EQ(asked_by(proxy, "X-Forwarded-For: 192.0.2.1\r\n"), "192.0.2.1");
    EXPECT_EQ(asked_by(proxy, ""), "127.0.0.2");  // not the one of the request before
    EXPECT_EQ(asked_by(proxy, "X-Forwarded-For: 198.51.100.7, 192.0.2.1\r\n"), "192.0.2.1");
    EXPECT_EQ(asked_by(proxy, "X-Forwarded-For: 192.0.2.1, 127.0.0.2\r\n"), "192.0.2.1");
    EXPECT_EQ(asked_by(proxy, "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: 2001:db8::5\r\n"), "2001:db8::/64");
    EXPECT_EQ(asked_by(proxy, "X-Forwarded-For: 192.0.2.1, nobody\r\n"), "127.0.0.2");
    EXPECT_EQ(asked_by(second, ""), "127.0.0.2");  // a proxy has no limit of its own
    EXPECT_EQ(asked_by(other, "X-Forwarded-For: 192.0.2.1\r\n"), "127.0.0.3");
}

TEST_F(ClientLimitsTest, a_client_that_has_spent_its_share_is_read_later_while_others_are_served) {
    options_.limits.client_share = 1;
    handler_.on_request = [](Request request, Responder responder) {
        if (request.target == "/dear") {
            // The account is charged as if the answer had taken a second.
            request.client->charge(std::chrono::seconds(1), std::chrono::steady_clock::now());
        }
        std::move(responder).send({200, {}, {}});
    };
    const Endpoint at = start();
    Client dear(at.from(2)), other(at.from(3));
    EXPECT_EQ(dear.ask(get("/dear")).status, 200U);
    EXPECT_EQ(other.ask(kGet).status, 200U);

    dear.send(kGet);
    for (int i = 0; i < 20; ++i) EXPECT_EQ(other.ask(kGet).status, 200U);

    EXPECT_FALSE(dear.readable());
    EXPECT_GE(clients_->common().overdrawn.value(), 1U);
}

TEST_F(ClientLimitsTest, requests_that_are_here_already_wait_too_when_their_client_has_spent_its_share) {
    options_.limits.client_share = 1;
    options_.limits.slice = std::chrono::microseconds(0);
    handler_.on_request = [](Request request, Responder responder) {
        if (request.target == "/dear")
            request.client->charge(std::chrono::seconds(1), std::chrono::steady_clock::now());
        std::move(responder).send({200, {}, {}});
    };
    const Endpoint at = start();
    Client dear(at.from(2)), other(at.from(3));
    EXPECT_EQ(other.ask(kGet).status, 200U);

    dear.send(get("/dear") + get("/"));
    EXPECT_EQ(dear.read_answer().status, 200U);
    for (int i = 0; i < 20; ++i) EXPECT_EQ(other.ask(kGet).status, 200U);

    EXPECT_FALSE(dear.readable());
    EXPECT_GE(clients_->common().overdrawn.value(), 1U);
    EXPECT_EQ(dear.read_answer().status, 200U) << "its turn comes when it has paid";
}

TEST_F(ClientLimitsTest, a_client_that_is_alone_is_read_whatever_it_has_spent) {
    options_.limits.client_share = 1;
    handler_.on_request = [](Request request, Responder responder) {
        request.client->charge(std::chrono::seconds(1), std::chrono::steady_clock::now());
        std::move(responder).send({200, {}, {}});
    };
    const Endpoint at = start();
    Client client(at.from(2));
    EXPECT_EQ(client.ask(kGet).status, 200U);
    // A loop that has just begun to work for this client cannot know yet that there are no others.
    for (int i = 0; i < 3; ++i) EXPECT_EQ(client.ask(kGet).status, 200U);
}

}  // namespace
}  // namespace rues::net::test
