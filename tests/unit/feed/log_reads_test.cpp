// Reads of the log that wait, because as many as the limit allows are under way. The hub does not show them, so these
// tests use the feed of one loop.
#include "feed/loop_feed.hpp"
#include "fixture.hpp"

namespace rues::feed::test {
namespace {

struct LogReadsTest : testing::Test {
    /// Opens a session that lags by two events of the log and asks for its read.
    wire::SessionId open_and_read(Socket& socket) {
        const auto id = feed.open(socket, {}).value();
        feed.subscribe(id, kAccepted, {});
        socket.room = 0;
        for (int i = 0; i < 2; ++i) tail.append(log.append({kAccepted}));
        feed.deliver();
        socket.room = Socket::kUnlimited;
        feed.writable(id);
        return id;
    }

    base::ClientPtr client(std::string_view address) {
        return clients.of(*base::ClientKey::parse(address), base::Client::Time());
    }
    wire::SessionId open_and_read_for(const base::ClientPtr& who, Socket& socket) {
        socket.account = who;
        return open_and_read(socket);
    }

    base::Clients clients;
    LogOnly log;
    Manual manual{1};
    base::ManualClock clock{std::chrono::milliseconds(1'700'000'000'000)};
    std::function<bool(std::move_only_function<void()>)> pool_wrapper;  ///< empty: the manual pool
    const Executors executors = [this] {
        Executors out = manual.executors();
        out.on_pool = [this, pool = out.on_pool](std::move_only_function<void()> task) {
            return (pool_wrapper ? pool_wrapper : pool)(std::move(task));
        };
        return out;
    }();
    const wire::SessionIdCipher cipher{base::ByteArray<16>{}};
    const base::Log no_log = base::no_log();
    Tail tail{1, 0};
    EndedSessions ended{1};
    DecodedEvents decoded{{}, 0, clock, executors.on_pool, [](std::size_t) {}};
    const Shared shared{log, executors, clock, cipher, no_log, tail, ended, decoded, {}, base::system_random};
    LoopFeed feed{0, shared, {.catch_up_reads = 1, .late_subscriptions = false}};
    Socket first, second, third;
};

TEST_F(LogReadsTest, a_session_that_closes_leaves_no_waiting_read) {
    open_and_read(first);
    const auto closing = open_and_read(second);
    open_and_read(third);
    ASSERT_EQ(feed.waiting_reads(), 2U);

    feed.closed(closing, true);

    EXPECT_EQ(feed.waiting_reads(), 1U);
    manual.run();
    EXPECT_EQ(feed.waiting_reads(), 0U);
    EXPECT_EQ(first.sequence(), (Sequence{1, 2, 3, 4, 5, 6}));
    EXPECT_TRUE(second.sequence().empty());
    EXPECT_EQ(third.sequence(), (Sequence{5, 6}));
}

TEST_F(LogReadsTest, a_session_that_closes_while_its_read_is_under_way_starts_the_next_read) {
    const auto closing = open_and_read(first);
    open_and_read(second);
    ASSERT_EQ(feed.waiting_reads(), 1U);

    feed.closed(closing, true);

    EXPECT_EQ(feed.waiting_reads(), 1U);
    manual.run();
    EXPECT_EQ(feed.waiting_reads(), 0U);
    EXPECT_EQ(second.sequence(), (Sequence{3, 4}));
}

TEST_F(LogReadsTest, a_read_of_one_client_overtakes_the_waiting_reads_of_another) {
    const auto many = client("192.0.2.1"), one = client("192.0.2.2");
    std::deque<Socket> sockets(4);
    for (Socket& each : sockets) open_and_read_for(many, each);
    open_and_read_for(one, first);
    ASSERT_EQ(feed.waiting_reads(), sockets.size());

    while (first.received.empty() && (Manual::one(manual.pool) || Manual::one(manual.loops[0]))) {
    }

    EXPECT_EQ(first.sequence(), (Sequence{9, 10}));
    EXPECT_EQ(std::ranges::count_if(sockets, [](const Socket& each) { return !each.received.empty(); }), 1);
    manual.run();
    for (Socket& each : sockets) EXPECT_FALSE(each.received.empty());
}

TEST_F(LogReadsTest, a_read_works_for_the_client_of_its_session) {
    const auto who = client("192.0.2.1");
    std::vector<const base::Client*> acting;
    pool_wrapper = [&](std::move_only_function<void()> task) {
        acting.push_back(base::ActingFor::client());
        return manual.executors().on_pool(std::move(task));
    };
    open_and_read_for(who, first);
    open_and_read_for(nullptr, second);
    manual.run();

    ASSERT_GE(acting.size(), 2U);
    EXPECT_EQ(acting[0], who.get());
    EXPECT_EQ(acting[1], nullptr);
}

TEST_F(LogReadsTest, a_pool_that_refuses_one_client_takes_the_reads_of_another) {
    const auto refused = client("192.0.2.1"), taken = client("192.0.2.2");
    pool_wrapper = [&](std::move_only_function<void()> task) {
        return base::ActingFor::client() != refused.get() && manual.executors().on_pool(std::move(task));
    };
    open_and_read_for(refused, first);
    open_and_read_for(taken, second);
    manual.run();

    EXPECT_TRUE(first.received.empty());
    EXPECT_EQ(second.sequence(), (Sequence{3, 4}));
    EXPECT_EQ(feed.waiting_reads(), 1U);
    pool_wrapper = {};
    feed.tick();
    manual.run();
    EXPECT_EQ(first.sequence(), (Sequence{1, 2, 3, 4}));
}

}  // namespace
}  // namespace rues::feed::test
