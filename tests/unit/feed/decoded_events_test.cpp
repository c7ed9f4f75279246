// The queue and the memory of decoded events, without a hub.
#include "feed/decoded_events.hpp"

#include "decoding_fixture.hpp"

namespace rues::feed::test {
namespace {

struct DecodedEventsTest : testing::Test {
    DecodedEvents::Look ask(std::uint64_t seq, const wire::Uri& at = kCalled, std::size_t payload = 3) {
        const auto bytes = message(seq, at, payload);
        return events.ask(record(seq, at, bytes), 0);
    }
    static store::LogRecord record(std::uint64_t seq, const wire::Uri& at, ByteView bytes) {
        return {seq, {at.component, wire::text_hash(at.topic), wire::text_hash(*at.entity), 0}, bytes};
    }
    void run_all() {
        for (std::size_t i = 0; i < tasks.size(); ++i) tasks[i]();
        tasks.clear();
    }

    std::deque<std::move_only_function<void()>> tasks;
    std::size_t room = SIZE_MAX;
    std::vector<std::string> decoded;  ///< first digit of the contract
    std::vector<std::size_t> told;
    std::function<void()> during;
    base::ManualClock clock{std::chrono::milliseconds(1'700'000'000'000)};
    DecodedEvents events{[this](const auto& contract, auto, auto) -> std::expected<base::json::value, std::string> {
                             decoded.push_back(base::to_hex(contract).substr(0, 1));
                             if (during) during();
                             return base::json::value(1);
                         },
                         64 << 10, clock,
                         [this](std::move_only_function<void()> task) {
                             if (tasks.size() >= room) return false;
                             tasks.push_back(std::move(task));
                             return true;
                         },
                         [this](std::size_t loop) { told.push_back(loop); }};
};

TEST_F(DecodedEventsTest, a_full_queue_takes_no_further_event_until_one_is_taken) {
    for (std::uint64_t seq = 1; seq <= DecodedEvents::kMaxWaiting; ++seq) ASSERT_TRUE(ask(seq).is_under_way);
    const auto refused = ask(DecodedEvents::kMaxWaiting + 1);
    EXPECT_FALSE(refused.is_under_way || refused.message);

    tasks.front()();
    tasks.pop_front();

    EXPECT_TRUE(ask(DecodedEvents::kMaxWaiting + 1).is_under_way);
}

TEST_F(DecodedEventsTest, the_bytes_that_wait_are_bounded) {
    constexpr std::size_t kLarge = DecodedEvents::kMaxWaitingBytes / 2;
    EXPECT_TRUE(ask(1, kCalled, kLarge).is_under_way);
    EXPECT_FALSE(ask(2, kCalled, kLarge).is_under_way);
    EXPECT_TRUE(ask(3, kCalled, 10).is_under_way);
    run_all();
    EXPECT_EQ(events.waiting(), 0U);
    EXPECT_TRUE(ask(2, kCalled, kLarge).is_under_way);
}

TEST_F(DecodedEventsTest, contracts_have_their_turns) {
    for (std::uint64_t seq = 1; seq <= 4; ++seq) ask(seq, kCalled);
    ask(5, kForeign);

    run_all();

    EXPECT_EQ(decoded, (std::vector<std::string>{"a", "b", "a", "a", "a"}));
}

TEST_F(DecodedEventsTest, a_contract_has_only_a_part_of_the_threads) {
    for (std::uint64_t seq = 1; seq <= 6; ++seq) ask(seq, kCalled);
    std::size_t depth = 0;
    std::size_t most = 0;
    bool foreign_came = false;
    during = [&] {
        most = std::max(most, ++depth);
        if (depth == DecodedEvents::kMostOfOne && !foreign_came) {
            foreign_came = true;
            --depth;
            ask(7, kForeign);
            ++depth;
        }
        // What other threads would do meanwhile.
        while (decoded.back() == "a" && !tasks.empty()) {
            auto task = std::move(tasks.front());
            tasks.pop_front();
            task();
        }
        --depth;
    };

    while (!tasks.empty()) {
        auto task = std::move(tasks.front());
        tasks.pop_front();
        task();
    }

    EXPECT_EQ(std::ranges::count(decoded, "a"), 6);
    EXPECT_EQ(std::ranges::count(decoded, "b"), 1);
    EXPECT_EQ(std::ranges::find(decoded, "b") - decoded.begin(), 2) << "it did not wait for the other contract";
    EXPECT_EQ(most, DecodedEvents::kMostOfOne + 1);
    EXPECT_EQ(events.waiting(), 0U);
}

TEST_F(DecodedEventsTest, slow_contracts_together_have_only_a_part_of_the_threads) {
    const std::array slow{kCalled, uri(contracts, std::string(64, 'c'), "called"),
                          uri(contracts, std::string(64, 'd'), "called")};
    during = [&] { clock.advance(DecodedEvents::kSlowDecoding); };
    std::uint64_t seq = 0;
    for (const auto& at : slow) ask(++seq, at);
    run_all();
    for (const auto& at : slow) {
        for (int i = 0; i < 3; ++i) ask(++seq, at);
    }
    EXPECT_EQ(tasks.size(), DecodedEvents::kMostOfSlow);
    ask(++seq, kForeign);
    EXPECT_EQ(tasks.size(), DecodedEvents::kMostOfSlow + 1) << "another contract need not wait for them";

    for (; !tasks.empty(); tasks.pop_front()) tasks.front()();

    EXPECT_EQ(decoded.size(), seq);
    EXPECT_EQ(events.waiting(), 0U);
}

TEST_F(DecodedEventsTest, a_read_leaves_the_events_of_a_slow_contract_to_the_pool) {
    during = [&] { clock.advance(DecodedEvents::kSlowDecoding); };
    const auto bytes = message(1, kCalled);
    EXPECT_TRUE(events.decode(record(1, kCalled, bytes), 0).message) << "it is not known to be slow";
    during = {};
    const auto later = message(2, kCalled);
    EXPECT_TRUE(events.decode(record(2, kCalled, later), 0).is_under_way);
    EXPECT_TRUE(events.decode(record(5, kCalled, message(5, kCalled)), 0, true).message) << "its caller has waited";
    const auto other = message(3, kForeign);
    EXPECT_TRUE(events.decode(record(3, kForeign, other), 0).message);
    run_all();
    EXPECT_TRUE(events.find(record(2, kCalled, later), 0).message);

    clock.advance(DecodedEvents::kSlowFor);

    const auto last = message(4, kCalled);
    EXPECT_TRUE(events.decode(record(4, kCalled, last), 0).message) << "it has another chance";
}

TEST_F(DecodedEventsTest, an_event_that_waits_for_others_of_its_contract_is_no_task_of_the_pool) {
    std::size_t most = 0;
    during = [&] {
        // What other threads would do meanwhile: this contract has all threads that it may have.
        if (decoded.size() == 1) {
            auto task = std::move(tasks.at(1));
            tasks.erase(tasks.begin() + 1);
            task();
        } else if (decoded.size() == 2) {
            for (std::uint64_t seq = 3; seq <= 100; ++seq) ask(seq);
        }
        most = std::max(most, tasks.size());
    };
    ask(1);
    ask(2);

    for (; !tasks.empty(); tasks.pop_front()) tasks.front()();

    EXPECT_LE(most, 3U);
    EXPECT_EQ(decoded.size(), 100U);
    EXPECT_EQ(events.waiting(), 0U);
}

TEST_F(DecodedEventsTest, an_event_that_the_pool_refused_begins_at_the_next_tick) {
    room = 0;
    EXPECT_TRUE(ask(1).is_under_way);
    EXPECT_TRUE(tasks.empty());
    room = 1;

    events.tick();

    EXPECT_EQ(tasks.size(), 1U);
    run_all();
    EXPECT_TRUE(ask(1).message);
}

TEST_F(DecodedEventsTest, each_loop_that_asked_is_told_once) {
    const auto bytes = message(1, kCalled);
    for (const std::size_t loop : {3U, 1U, 3U}) events.ask(record(1, kCalled, bytes), loop);

    run_all();

    EXPECT_EQ(told, (std::vector<std::size_t>{3, 1}));
    EXPECT_EQ(decoded.size(), 1U);
}

TEST_F(DecodedEventsTest, a_read_does_not_decode_what_another_thread_decodes) {
    ask(1);
    const auto bytes = message(1, kCalled);
    DecodedEvents::Look look;
    during = [&] { look = events.decode(record(1, kCalled, bytes), 5); };

    run_all();

    EXPECT_TRUE(look.is_under_way);
    EXPECT_FALSE(look.message);
    EXPECT_EQ(told, (std::vector<std::size_t>{0, 5}));
    EXPECT_EQ(decoded.size(), 1U);
}

TEST_F(DecodedEventsTest, what_is_kept_is_bounded_in_bytes_and_number) {
    for (std::uint64_t seq = 1; seq <= 1'000; ++seq) {
        ask(seq);
        run_all();
    }

    EXPECT_LE(events.kept_bytes(), 64U << 10);
    EXPECT_GT(events.kept_bytes(), 60U << 10);
    const auto bytes = message(1, kCalled);
    EXPECT_FALSE(events.find(record(1, kCalled, bytes), 0).message) << "the oldest one went";
    const auto newest = message(1'000, kCalled);
    EXPECT_TRUE(events.find(record(1'000, kCalled, newest), 0).message);
}

TEST_F(DecodedEventsTest, giving_up_does_not_replace_a_decoded_event) {
    ask(1);
    run_all();

    events.give_up(1, "late");

    EXPECT_EQ(ask(1).message->size(), wire::as_decoded(message(1, kCalled), "1").size());
}

}  // namespace
}  // namespace rues::feed::test
