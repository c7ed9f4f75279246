// More loops than one byte can number: every session id contains the number of its loop.
#include <fmt/format.h>

#include "fixture.hpp"

namespace rues::feed::test {
namespace {

struct ManyLoops : testing::Test {
    base::Result<std::unique_ptr<Hub>> make(std::size_t loops) {
        return Hub::create(log, {.loops = loops}, manual.executors(), clock, base::no_log());
    }

    LogOnly log;
    Manual manual{300};
    base::ManualClock clock{std::chrono::milliseconds(1'700'000'000'000)};
};

TEST_F(ManyLoops, a_session_of_any_loop_is_found_by_its_id) {
    const auto hub = std::move(*make(300));
    for (const std::size_t loop : {0U, 43U, 255U, 256U, 299U}) {
        Socket socket;
        const auto id = hub->open(loop, socket, {});
        ASSERT_TRUE(id);
        std::optional<SubscribeResult> result;
        hub->subscribe(*id, kAny, {}, [&](const Subscribed& subscribed) { result = subscribed.result; });
        manual.run();
        EXPECT_EQ(result, SubscribeResult::ok) << "loop " << loop;

        hub->appended(log.append({kAccepted}));
        manual.run();
        EXPECT_EQ(socket.sequence().size(), 1U) << "loop " << loop;
        hub->closed(loop, *id, true);
    }
}

TEST_F(ManyLoops, more_loops_than_a_session_id_can_name_are_refused_at_start) {
    for (const std::size_t loops : {std::size_t{0}, wire::SessionAddress::kMaxLoops + 1}) {
        const auto hub = make(loops);
        ASSERT_FALSE(hub);
        EXPECT_EQ(hub.error().text, fmt::format("{} loops: expected 1 to 65536", loops));
    }
}

}  // namespace
}  // namespace rues::feed::test
