// A client on a machine whose randomness fails.
#include "client/client.hpp"
#include "client/legacy.hpp"
#include "support/system_calls.hpp"
#include "unit/client/scripted_session.hpp"

namespace rues::client {
namespace {

using rues::test::ReplacedRandomness;
using test::accept_upgrade;
using test::Peer;
using test::ScriptedServer;

constexpr std::string_view kNone = "the system provides no randomness";

Deadline soon() {
    return Clock::now() + std::chrono::seconds(10);
}

TEST(Randomness, without_it_no_connection_is_opened) {
    const ScriptedServer server({});
    const ReplacedRandomness none(ReplacedRandomness::none);

    const auto session = Session::open(server.url(), {});
    const auto client = Client::connect(server.url());
    const auto legacy = LegacySession::open(server.url(), {}, {});

    ASSERT_FALSE(session || client || legacy);
    EXPECT_EQ(session.error().text, kNone);
    EXPECT_EQ(client.error().text, kNone);
    EXPECT_EQ(legacy.error().text, kNone);
    EXPECT_EQ(session.error().kind, Error::Kind::unreachable);
}

// RFC 6455 10.3: a mask that can be foreseen lets whoever chose the text choose the bytes on the wire.
TEST(Randomness, without_it_an_open_socket_sends_nothing) {
    std::string received = "not yet";
    {
        const ScriptedServer server({[&](Peer& peer) {
            accept_upgrade(peer);
            received = peer.read_until("never");  // until the client closes
        }});
        auto opened = Socket::open(server.url(), "/on", {}, soon());
        ASSERT_TRUE(opened);
        const ReplacedRandomness none(ReplacedRandomness::none);

        const auto sent = opened->socket.send(wire::websocket::Opcode::text, "chosen by somebody else", soon());

        ASSERT_FALSE(sent);
        EXPECT_EQ(sent.error().text, kNone);
        EXPECT_EQ(sent.error().kind, Error::Kind::unreachable);
    }
    EXPECT_EQ(received, "");
}

// The first bytes that a client draws only spread its attempts to connect.
TEST(Randomness, pauses_need_none) {
    static int calls = 0;
    calls = 0;
    const ScriptedServer server({[](Peer& peer) {
        accept_upgrade(peer);
        peer.send(rues::test::server_frame(0x81, test::kId));
    }});
    const ReplacedRandomness late([](void* out, std::size_t size, unsigned flags) {
        return calls++ == 0 ? ReplacedRandomness::none(out, size, flags) : ReplacedRandomness::real(out, size, flags);
    });

    EXPECT_TRUE(Client::connect(server.url()));

    EXPECT_GE(calls, 2) << "the seed, then the key of the upgrade";
}

}  // namespace
}  // namespace rues::client
