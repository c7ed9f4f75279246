#include "client/client.hpp"

#include "unit/client/scripted_session.hpp"

namespace rues::client {
namespace {

using rues::test::server_frame;
using test::accept_upgrade;
using test::event;
using test::kId;
using test::Peer;
using test::ScriptedServer;

constexpr std::chrono::seconds kPatience{10};
constexpr std::string_view kPath = "/on/blocks/accepted";

std::string place(unsigned seq) {
    return wire::Position{1, seq}.to_string();
}

/// The socket of a session: sends the id and `bytes`, and closes.
ScriptedServer::Script session(std::string bytes, std::vector<std::string>* asked, std::string headers = {}) {
    return [=](Peer& peer) {
        const std::string head = accept_upgrade(peer, headers);
        if (asked != nullptr) asked->push_back(head.substr(0, head.find("\r\n")));
        peer.send(server_frame(0x81, kId) + bytes);
    };
}

/// Answers one request on a connection of its own.
ScriptedServer::Script answer(std::string head, std::vector<std::string>* asked) {
    return [=](Peer& peer) {
        const std::string request = peer.read_until("\r\n\r\n");
        if (asked != nullptr) asked->push_back(request.substr(0, request.find("\r\n")));
        peer.send("HTTP/1.1 " + head + "\r\nContent-Length: 0\r\n\r\n");
    };
}

std::string recovered(bool whether, unsigned from) {
    return std::string("Rues-Recovered: ") + (whether ? "true" : "false") + "\r\nRues-Position: " + place(from) +
           "\r\n";
}

/// The next `count` happenings of a client, one line each.
std::vector<std::string> happenings(Client& client, std::size_t count) {
    struct {
        std::string operator()(const Lost&) const { return "lost"; }
        std::string operator()(const Resumed&) const { return "resumed"; }
        std::string operator()(const Gap& gap) const {
            return "gap " + (gap.after ? std::to_string(gap.after->seq) : "?") + " " +
                   (gap.from ? std::to_string(gap.from->seq) : "?");
        }
        std::string operator()(const Ended&) const { return "ended"; }
        std::string operator()(const Warning&) const { return "warning"; }
    } text;
    std::vector<std::string> out;
    while (out.size() < count) {
        const auto happening = client.next(Clock::now() + kPatience);
        if (!happening) break;
        const auto* delivery = std::get_if<Client::Delivery>(&*happening);
        out.push_back(delivery != nullptr ? std::string(delivery->frame.header("Rues-Position").value_or("no position"))
                                          : std::visit(text, std::get<Notice>(*happening)));
    }
    return out;
}

TEST(Client, a_lost_session_is_resumed_and_an_event_that_comes_twice_is_delivered_once) {
    std::vector<std::string> asked;
    std::vector<std::string> seen;
    {
        ScriptedServer server(
            {session(event("accepted", place(4)) + event("accepted", place(5)), &asked),
             answer("200 OK\r\nRues-Position: " + place(3), &asked),
             session(event("accepted", place(5)) + event("accepted", place(6)), &asked, recovered(true, 5))});
        auto client = Client::connect(server.url());
        ASSERT_TRUE(client) << client.error().text;
        ASSERT_TRUE(client->subscribe(kPath));
        seen = happenings(*client, 5);
    }

    EXPECT_EQ(seen, (std::vector<std::string>{place(4), place(5), "lost", "resumed", place(6)}));
    EXPECT_EQ(asked,
              (std::vector<std::string>{"GET /on HTTP/1.1", "GET /on/blocks/accepted HTTP/1.1",
                                        "GET /on?resume=" + std::string(kId) + "&after=" + place(5) + " HTTP/1.1"}));
}

TEST(Client, a_client_that_wants_decoded_events_says_so_on_every_connection) {
    std::vector<std::string> asked;
    {
        ScriptedServer server({session(event("accepted", place(4)), &asked),
                               answer("200 OK\r\nRues-Position: " + place(3), &asked),
                               session(event("accepted", place(5)), &asked, recovered(true, 4))});
        auto client = Client::connect(server.url(), {}, true);
        ASSERT_TRUE(client) << client.error().text;
        ASSERT_TRUE(client->subscribe(kPath));
        happenings(*client, 4);
    }

    EXPECT_EQ(asked, (std::vector<std::string>{
                         "GET /on?decode=json HTTP/1.1", "GET /on/blocks/accepted HTTP/1.1",
                         "GET /on?resume=" + std::string(kId) + "&after=" + place(4) + "&decode=json HTTP/1.1"}));
}

TEST(Client, after_a_loss_a_plain_node_is_subscribed_again_and_a_gap_is_reported) {
    std::vector<std::string> asked;
    std::vector<std::string> seen;
    {
        ScriptedServer server({session(event("accepted"), &asked), answer("200 OK", &asked),
                               session(event("accepted"), &asked), answer("200 OK", &asked)});
        auto client = Client::connect(server.url());
        ASSERT_TRUE(client);
        ASSERT_TRUE(client->subscribe(kPath));
        seen = happenings(*client, 5);
    }

    EXPECT_EQ(seen, (std::vector<std::string>{"no position", "lost", "gap ? ?", "resumed", "no position"}));
    EXPECT_EQ(asked[2], "GET /on HTTP/1.1");
    EXPECT_EQ(asked[3], "GET /on/blocks/accepted HTTP/1.1");
}

TEST(Client, a_refused_subscription_is_an_error_and_does_not_exist) {
    const ScriptedServer server({session(std::string(100, '\0'), nullptr), answer("404 Not Found", nullptr)});
    auto client = Client::connect(server.url());
    ASSERT_TRUE(client);
    const auto done = client->subscribe(kPath);

    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, Error::Kind::refused);
    EXPECT_NE(done.error().text.find("404"), std::string::npos);
    EXPECT_FALSE(client->unsubscribe(kPath));
    EXPECT_EQ(client->subscribe("/on/node/info").error().kind, Error::Kind::invalid);
}

TEST(Client, without_a_server_next_returns_by_its_deadline) {
    std::optional<Client> client;
    {
        ScriptedServer server({session("", nullptr)});
        auto opened = Client::connect(server.url());
        ASSERT_TRUE(opened);
        client = std::move(*opened);
        EXPECT_EQ(happenings(*client, 1), (std::vector<std::string>{"lost"}));
    }

    for (int look = 0; look < 5; ++look) EXPECT_FALSE(client->next(Clock::now() + std::chrono::milliseconds(30)));
}

}  // namespace
}  // namespace rues::client
