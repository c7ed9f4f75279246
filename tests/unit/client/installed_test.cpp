#include "rues/client.hpp"
#include "unit/client/scripted_session.hpp"

namespace rues {
namespace {

using client::test::accept_upgrade;
using client::test::event;
using client::test::kId;
using client::test::Peer;
using client::test::ScriptedServer;
using rues::test::server_frame;

constexpr std::chrono::seconds kPatience{10};
constexpr std::string_view kAccepted = "/on/blocks/accepted";
constexpr std::string_view kChanged = "/on/blocks/statechange";

std::string place(unsigned seq) {
    return "0000000000000001-" + std::to_string(seq);
}

/// A server with one session that sends `bytes`, and answers `requests` with 200 and a position.
std::vector<ScriptedServer::Script> scripts(std::string bytes, std::size_t requests) {
    std::vector<ScriptedServer::Script> out{[=](Peer& peer) {
        accept_upgrade(peer);
        peer.send(server_frame(0x81, kId) + bytes);
    }};
    for (std::size_t i = 0; i < requests; ++i) {
        out.push_back([](Peer& peer) {
            peer.read_until("\r\n\r\n");
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nRues-Position: " + place(1) + "\r\n\r\nok");
        });
    }
    return out;
}

std::string url_of(const ScriptedServer& server) {
    return "http://" + server.url().authority();
}

TEST(InstalledClient, events_with_a_callback_go_to_it_and_others_come_from_next) {
    ScriptedServer server(
        scripts(event("accepted", place(2)) + event("statechange", place(3)) + event("accepted", place(4)), 2));
    auto client = Client::connect(url_of(server));
    ASSERT_TRUE(client) << client.error().text;
    std::vector<std::string> called;
    ASSERT_TRUE(client->subscribe(kAccepted, [&](const Event& one) { called.emplace_back(*one.position()); }));
    ASSERT_TRUE(client->subscribe(kChanged));

    const auto first = client->next(kPatience);
    ASSERT_TRUE(first);
    EXPECT_EQ(std::get<Event>(*first).position(), place(3));
    EXPECT_EQ(std::get<Event>(*first).payload_text(), "{}");
    EXPECT_EQ(called, (std::vector{place(2)}));
    EXPECT_EQ(client->position(), place(3));
    const auto second = client->next(kPatience);
    ASSERT_TRUE(second);
    EXPECT_TRUE(std::holds_alternative<Lost>(*second));
    EXPECT_EQ(called, (std::vector{place(2), place(4)}));
    EXPECT_EQ(client->position(), "");
}

TEST(InstalledClient, a_callback_may_end_its_own_subscription_and_begin_others) {
    ScriptedServer server(scripts(event("accepted", place(2)) + event("accepted", place(3)), 3));
    auto client = Client::connect(url_of(server));
    ASSERT_TRUE(client);
    int calls = 0;
    ASSERT_TRUE(client->subscribe(kAccepted, [&](const Event&) {
        ++calls;
        EXPECT_TRUE(client->unsubscribe(kAccepted));
        EXPECT_TRUE(client->subscribe(kChanged));
    }));
    std::vector<Happening> others;
    client->run(Client::Clock::now() + std::chrono::milliseconds(50),
                [&](const Happening& one) { others.push_back(one); });

    EXPECT_EQ(calls, 1);
    ASSERT_EQ(others.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<Lost>(others[0]));
}

TEST(InstalledClient, urls_paths_and_positions_that_are_invalid_are_errors) {
    EXPECT_EQ(Client::connect("nonsense").error().kind, Error::Kind::invalid);
    ScriptedServer server(scripts("", 1));
    auto client = Client::connect(url_of(server));
    ASSERT_TRUE(client);

    EXPECT_EQ(client->subscribe("/on/blocks").error().kind, Error::Kind::invalid);
    EXPECT_EQ(client->subscribe(kAccepted, "yesterday").error().kind, Error::Kind::invalid);
    EXPECT_FALSE(client->unsubscribe(kAccepted));
    const auto answer = client->request("POST", "/on/node/info");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200U);
    EXPECT_EQ(answer->body.size(), 2U);
}

TEST(InstalledClient, an_event_has_its_height_its_json_and_a_mark_when_it_is_a_replay) {
    Event event;
    event.headers = {{"Content-Location", "/on/blocks:aa/accepted"}, {"Rues-Height", "7"}, {"Rues-Replay", "true"}};
    const std::string_view payload = R"({"header":{"height":18446744073709551615}})";
    const auto bytes = std::as_bytes(std::span(payload));
    event.payload.assign(bytes.begin(), bytes.end());

    EXPECT_EQ(event.height(), 7U);
    EXPECT_TRUE(event.is_replay());
    EXPECT_EQ(event.json()["header"]["height"].as_u64(), 18446744073709551615U);
    EXPECT_EQ(Event().height(), std::nullopt);
    EXPECT_FALSE(Event().is_replay());
    EXPECT_TRUE(Event().json().is_null()) << "an empty payload is not JSON";
}

TEST(InstalledClient, an_event_that_is_not_decoded_says_why) {
    const auto undecoded = [](std::string value) {
        Event event;
        event.headers = {{"Rues-Decoded", std::move(value)}};
        const auto why = event.undecoded();
        return why ? std::optional(std::string(*why)) : std::nullopt;
    };

    EXPECT_EQ(undecoded("no; no driver"), "no driver");
    EXPECT_EQ(undecoded("json"), std::nullopt);
    EXPECT_EQ(Event().undecoded(), std::nullopt);
}

TEST(InstalledClient, options_can_ask_for_decoded_events) {
    std::string asked;
    {
        ScriptedServer server({[&](Peer& peer) {
            asked = accept_upgrade(peer);
            peer.send(server_frame(0x81, kId));
        }});
        ASSERT_TRUE(Client::connect(url_of(server), {.decode = true}));
    }

    EXPECT_TRUE(asked.starts_with("GET /on?decode=json HTTP/1.1\r\n")) << asked;
}

TEST(InstalledClient, a_subscription_that_no_event_can_match_gives_a_warning) {
    ScriptedServer server(scripts("", 1));
    auto client = Client::connect(url_of(server));
    ASSERT_TRUE(client) << client.error().text;
    ASSERT_TRUE(client->subscribe("/on/blocks/acceptd"));

    const auto first = client->next(kPatience);

    ASSERT_TRUE(first);
    const auto* warning = std::get_if<Warning>(&*first);
    ASSERT_NE(warning, nullptr) << first->index();
    EXPECT_EQ(warning->path, "/on/blocks/acceptd");
    EXPECT_EQ(warning->why, "blocks publishes no topic `acceptd` (known: accepted, statechange, reverted)");
    EXPECT_EQ(client->subscribe("/on/blocks/acceptd").error().text, "/on/blocks/acceptd: already subscribed");
    EXPECT_TRUE(client->subscribe("/on/blok/accepted").error().text.contains("not an event path"));
}

}  // namespace
}  // namespace rues
