#include "client/session.hpp"

#include "base/encoding.hpp"
#include "unit/client/scripted_session.hpp"

namespace rues::client {
namespace {

using rues::test::server_frame;
using test::accept_upgrade;
using test::event;
using test::kId;
using test::Peer;
using test::ScriptedServer;

constexpr std::chrono::milliseconds kPatience{10'000};
/// A session whose server sends `bytes` after the upgrade.
struct Opened {
    explicit Opened(std::string bytes)
        : server({[bytes = std::move(bytes)](Peer& peer) {
              accept_upgrade(peer);
              peer.send(bytes);
              peer.read_until("never");
          }}),
          session(Session::open(server.url(), {kPatience})) {}
    ScriptedServer server;
    Result<Session> session;
};

TEST(ClientSession, begins_with_its_id_and_goes_on_with_events) {
    Opened opened(server_frame(0x81, kId) + event("accepted") + event("statechange"));

    ASSERT_TRUE(opened.session) << opened.session.error().text;
    EXPECT_EQ(opened.session->id(), kId);
    for (const auto* topic : {"accepted", "statechange"}) {
        const auto got = opened.session->next_event(Clock::now() + kPatience);
        ASSERT_TRUE(got && *got);
        EXPECT_EQ((*got)->header("content-location"), std::string("/on/blocks:00/") + topic);
    }
}

TEST(ClientSession, fragments_with_a_ping_between_make_whole_messages_and_the_ping_is_answered) {
    std::string pong;
    const std::string message = event("accepted").substr(2);
    {
        ScriptedServer server({[&](Peer& peer) {
            accept_upgrade(peer);
            peer.send(server_frame(0x01, kId.substr(0, 10)) + server_frame(0x80, kId.substr(10)));
            peer.send(server_frame(0x02, message.substr(0, 5)) + server_frame(0x89, "are you there") +
                      server_frame(0x80, message.substr(5)));
            pong = peer.read(2 + 4 + 13);
        }});
        auto session = Session::open(server.url(), {kPatience});
        ASSERT_TRUE(session) << session.error().text;
        const auto got = session->next_event(Clock::now() + kPatience);

        ASSERT_TRUE(got && *got);
        EXPECT_EQ((*got)->header("Content-Location"), "/on/blocks:00/accepted");
        EXPECT_FALSE(session->next_event(Clock::now() + kPatience)) << "the script is over";
    }
    ASSERT_EQ(pong.size(), 19U);
    EXPECT_EQ(static_cast<unsigned char>(pong[0]), 0x8a);
    EXPECT_EQ(static_cast<unsigned char>(pong[1]), 0x80 | 13) << "RFC 6455 5.3: a client masks";
}

TEST(ClientSession, an_end_by_the_server_names_code_and_reason) {
    Opened opened(server_frame(0x81, kId) + server_frame(0x88, "\x03\xf5Slow consumer"));
    ASSERT_TRUE(opened.session);
    const auto got = opened.session->next_event(Clock::now() + kPatience);

    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().kind, Error::Kind::unreachable);
    EXPECT_NE(got.error().text.find("1013 Slow consumer"), std::string::npos) << got.error().text;
}

TEST(ClientSession, no_event_in_time_is_no_error) {
    Opened opened(server_frame(0x81, kId));
    ASSERT_TRUE(opened.session);
    const auto got = opened.session->next_event(Clock::now() + std::chrono::milliseconds(20));

    ASSERT_TRUE(got);
    EXPECT_EQ(*got, std::nullopt);
}

TEST(ClientSession, a_silent_server_gets_a_ping_and_is_then_given_up) {
    std::string ping;
    {
        ScriptedServer server({[&](Peer& peer) {
            accept_upgrade(peer);
            peer.send(server_frame(0x81, kId));
            ping = peer.read(2 + 4);
            peer.send(server_frame(0x8a, ""));
            peer.read(2 + 4);
            peer.read_until("never");
        }});
        auto session = Session::open(server.url(), {.timeout = kPatience / 20, .silence = kPatience / 1'000});
        ASSERT_TRUE(session) << session.error().text;
        const auto got = session->next_event(Clock::now() + kPatience);

        ASSERT_FALSE(got);
        EXPECT_EQ(got.error().kind, Error::Kind::unreachable);
        EXPECT_NE(got.error().text.find("no longer answers"), std::string::npos) << got.error().text;
    }
    ASSERT_EQ(ping.size(), 6U);
    EXPECT_EQ(static_cast<unsigned char>(ping[0]), 0x89) << "RFC 6455 5.5.2";
}

TEST(ClientSession, a_pong_keeps_a_silent_session) {
    std::size_t signs = 0;
    {
        ScriptedServer server({[&](Peer& peer) {
            accept_upgrade(peer);
            peer.send(server_frame(0x81, kId));
            for (; signs < 3; ++signs) {
                if (peer.read(2 + 4).size() < 6) return;
                peer.send(server_frame(0x8a, ""));
            }
            peer.send(event("accepted"));
            peer.read_until("never");
        }});
        auto session = Session::open(server.url(), {.timeout = kPatience, .silence = kPatience / 1'000});
        ASSERT_TRUE(session) << session.error().text;
        const auto got = session->next_event(Clock::now() + kPatience);
        ASSERT_TRUE(got && *got);
    }
    EXPECT_EQ(signs, 3U);
}

TEST(ClientSession, what_is_not_of_the_protocol_is_malformed) {
    const std::string id = server_frame(0x81, kId);
    EXPECT_EQ(Opened(server_frame(0x82, kId)).session.error().kind, Error::Kind::malformed) << "the id is text";
    EXPECT_EQ(Opened(server_frame(0x81, "hello")).session.error().kind, Error::Kind::malformed);
    for (const auto& bad : {server_frame(0x82, "\xff\xff\xff\xff no frame"), std::string("\xc2\x00", 2),
                            std::string("\x82\x80....", 6), server_frame(0x83, "unknown opcode"),
                            server_frame(0x80, "nothing to continue"), server_frame(0x09, "a ping in parts")}) {
        Opened opened(id + bad);
        ASSERT_TRUE(opened.session);
        const auto got = opened.session->next_event(Clock::now() + kPatience);
        ASSERT_FALSE(got);
        EXPECT_EQ(got.error().kind, Error::Kind::malformed) << got.error().text;
    }
}

TEST(ClientSession, an_answer_without_an_upgrade_is_refused) {
    for (const auto* reply : {"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n",
                              "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: wrong\r\n\r\n"}) {
        const ScriptedServer server({[reply](Peer& peer) {
            peer.read_until("\r\n\r\n");
            peer.send(reply);
        }});
        const auto session = Session::open(server.url(), {kPatience});
        ASSERT_FALSE(session);
        EXPECT_EQ(session.error().kind, Error::Kind::refused);
    }
}

}  // namespace
}  // namespace rues::client
