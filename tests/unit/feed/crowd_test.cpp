// Delivery to the sessions of a client that has very many.
#include "feed/loop_feed.hpp"
#include "fixture.hpp"

namespace rues::feed::test {
namespace {

struct CrowdTest : testing::Test {
    static constexpr std::size_t kMore = 40;
    static constexpr std::size_t kInTurn = 16;  // in src/feed/catch_up.cpp

    CrowdTest() {
        for (Socket& each : many) ids.push_back(open(crowd, each));
        open(one, other);
        manual.run();
    }
    wire::SessionId open(const base::ClientPtr& who, Socket& socket) {
        socket.account = who;
        const auto id = feed.open(socket, {}).value();
        feed.subscribe(id, kAccepted, {});
        return id;
    }
    base::ClientPtr client(std::string_view address) {
        return clients.of(*base::ClientKey::parse(address), base::Client::Time());
    }
    void publish() {
        tail.append(log.append({kAccepted}));
        feed.deliver();
    }
    std::size_t served() const {
        return static_cast<std::size_t>(
            std::ranges::count_if(many, [](const Socket& each) { return !each.received.empty(); }));
    }

    base::Clients clients;
    const base::ClientPtr crowd = client("192.0.2.1"), one = client("192.0.2.2");
    LogOnly log;
    Manual manual{1};
    base::ManualClock clock{std::chrono::milliseconds(1'700'000'000'000)};
    const Executors executors = manual.executors();
    const wire::SessionIdCipher cipher{base::ByteArray<16>{}};
    const base::Log no_log = base::no_log();
    Tail tail{1 << 20, 0};
    EndedSessions ended{1};
    DecodedEvents decoded{{}, 0, clock, executors.on_pool, [](std::size_t) {}};
    const Shared shared{log, executors, clock, cipher, no_log, tail, ended, decoded, {}, base::system_random};
    LoopFeed feed{0, shared, {.late_subscriptions = false}};
    std::deque<Socket> many{kCrowd + kMore};
    std::vector<wire::SessionId> ids;
    Socket other;
};

TEST_F(CrowdTest, the_sessions_of_a_crowd_get_an_event_in_turns_and_others_at_once) {
    publish();

    EXPECT_EQ(other.sequence(), (Sequence{1}));
    EXPECT_EQ(served(), kCrowd) << "the first sessions of a client are no crowd";
    for (std::size_t before = served(); Manual::one(manual.loops[0]); before = served())
        EXPECT_LE(served() - before, kInTurn);
    for (Socket& each : many) EXPECT_EQ(each.sequence(), (Sequence{1}));
}

TEST_F(CrowdTest, events_that_come_meanwhile_arrive_once_and_in_order) {
    publish();
    Manual::one(manual.loops[0]);
    publish();
    Manual::one(manual.loops[0]);
    publish();
    manual.run();

    for (Socket& each : many) EXPECT_EQ(each.sequence(), (Sequence{1, 2, 3}));
    EXPECT_EQ(other.sequence(), (Sequence{1, 2, 3}));
}

TEST_F(CrowdTest, a_session_that_closes_before_its_turn_leaves_the_others_theirs) {
    publish();
    feed.closed(ids[kCrowd], true);
    manual.run();

    EXPECT_TRUE(many[kCrowd].received.empty());
    EXPECT_EQ(served(), kCrowd + kMore - 1);
}

TEST_F(CrowdTest, a_slow_session_of_a_crowd_continues_when_its_socket_drains) {
    Socket& slow = many.back();
    slow.room = 10;
    publish();
    manual.run();
    publish();
    manual.run();

    slow.room = Socket::kUnlimited;
    feed.writable(ids.back());
    manual.run();

    EXPECT_EQ(slow.sequence(), (Sequence{1, 2}));
}

}  // namespace
}  // namespace rues::feed::test
