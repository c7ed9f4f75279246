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

    LogOnly log;
    Manual manual{1};
    base::ManualClock clock{std::chrono::milliseconds(1'700'000'000'000)};
    const Executors executors = manual.executors();
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

}  // namespace
}  // namespace rues::feed::test
