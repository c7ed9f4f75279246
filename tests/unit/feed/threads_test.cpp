#include <condition_variable>
#include <latch>
#include <numeric>
#include <thread>

#include "fakes.hpp"

namespace rues::feed::test {
namespace {

/// A thread that runs tasks in order until it is told to stop and has none left.
class Worker {
public:
    void post(std::move_only_function<void()> task) {
        const std::lock_guard lock(mutex_);
        tasks_.push_back(std::move(task));
        changed_.notify_one();
    }
    /// Returns when every task that was posted so far has run.
    void flush() {
        std::latch done(1);
        post([&] { done.count_down(); });
        done.wait();
    }

private:
    void run(const std::stop_token& stop) {
        std::unique_lock lock(mutex_);
        while (changed_.wait(lock, stop, [&] { return !tasks_.empty(); })) {
            auto task = std::move(tasks_.front());
            tasks_.pop_front();
            lock.unlock();
            task();
            lock.lock();
        }
    }
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::deque<std::move_only_function<void()>> tasks_;
    std::jthread thread_{[this](const std::stop_token& stop) { run(stop); }};
};

TEST(FeedThreads, loops_pool_and_chain_that_run_together_lose_no_event) {
    constexpr std::uint64_t kEvents = 2'000;
    const auto at = uri(wire::Component::blocks, std::string(64, 'a'), "accepted");
    LogOnly log;
    std::array<Socket, 4> sockets;
    std::array<wire::SessionId, 4> ids{};
    std::unique_ptr<Hub> hub;  // outlives the threads
    std::array<Worker, 2> loops;
    Worker pool;
    // The tail holds only a few records, so it overtakes the loops again and again.
    const base::SystemClock clock;
    const Executors executors{[&](std::size_t loop, auto task) { loops[loop].post(std::move(task)); },
                              [&](auto task) {
                                  pool.post(std::move(task));
                                  return true;
                              },
                              {},
                              Socket::send_to_all};
    Limits limits;
    limits.tail_bytes = 2'000;
    limits.catch_up_bytes = 4'000;
    hub = std::move(*Hub::create(log, {2, limits, {}, {}}, executors, clock, base::no_log()));
    // Two sessions per loop, so that events are sent by lanes.
    for (std::size_t i = 0; i < sockets.size(); ++i) {
        std::latch subscribed(1);
        loops[i % 2].post([&, i] { ids[i] = *hub->open(i % 2, sockets[i], {}); });
        loops[i % 2].flush();
        hub->subscribe(ids[i], at, {}, [&](const Subscribed&) { subscribed.count_down(); });
        subscribed.wait();
    }
    for (std::uint64_t i = 0; i < kEvents; ++i) {
        hub->appended(log.append({at}));
        if (i % 50 != 0) continue;
        loops[0].post([&] { sockets[0].room = 100; });
        loops[0].post([&] {
            sockets[0].room = Socket::kUnlimited;
            if (std::exchange(sockets[0].blocked, false)) hub->writable(0, ids[0]);
        });
    }
    std::vector<std::uint64_t> all(kEvents);
    std::iota(all.begin(), all.end(), 1);
    for (std::size_t i = 0; i < sockets.size(); ++i) {
        // A read of the log runs on the loop, the pool and the loop again; each round runs at least one of these steps.
        for (std::size_t got = 0; got < kEvents;) {
            loops[i % 2].flush();
            pool.flush();
            loops[i % 2].post([&, i] { got = sockets[i].sequence().size(); });
            loops[i % 2].flush();
        }
        EXPECT_EQ(sockets[i].sequence(), all);
    }
    // When the loops keep up, events are sent by the lanes.
    Socket::by_lane = 0;
    for (int i = 0; i < 3; ++i) {
        hub->appended(log.append({at}));
        for (auto& loop : loops) loop.flush();
    }
    EXPECT_GE(Socket::by_lane, 4U);
    for (auto& socket : sockets) EXPECT_EQ(socket.sequence().size(), kEvents + 3);
}

// The live end of decoding sessions, decoders and reads race; two sessions begin to decode in the middle.
TEST(FeedThreads, sessions_that_decode_or_begin_to_lose_no_event) {
    constexpr std::uint64_t kEvents = 1'000;
    const auto at = uri(wire::Component::contracts, std::string(64, 'a'), "called");
    const auto other = uri(wire::Component::contracts, std::string(64, 'b'), "called");
    LogOnly log;
    std::array<Socket, 4> sockets;
    std::array<wire::SessionId, 4> ids{};
    std::unique_ptr<Hub> hub;  // outlives the threads
    std::array<Worker, 2> loops;
    std::array<Worker, 2> decoders;
    Worker pool;
    Worker reads;
    std::atomic<std::size_t> turn = 0;
    const base::SystemClock clock;
    // The grace of the live end is over at once, so that sessions fall behind and catch up again and again.
    const Executors executors{
        [&](std::size_t loop, auto task) { loops[loop].post(std::move(task)); },
        [&](auto task) {
            pool.post(std::move(task));
            return true;
        },
        [&](std::size_t loop, std::chrono::milliseconds, auto task) { loops[loop].post(std::move(task)); },
        Socket::send_to_all,
        [&](auto task) {
            decoders[turn++ % 2].post(std::move(task));
            return true;
        },
        [&](auto task) {
            reads.post(std::move(task));
            return true;
        }};
    Hub::Options options;
    options.loops = 2;
    options.limits.tail_bytes = 2'000;
    options.limits.catch_up_bytes = 4'000;
    options.decoder = [](const auto&, auto, auto) -> std::expected<base::json::value, std::string> {
        return base::json::value(1);
    };
    hub = std::move(*Hub::create(log, options, executors, clock, base::no_log()));
    const auto subscribe = [&](std::size_t i, const wire::Uri& to, bool decodes) {
        std::latch subscribed(1);
        hub->subscribe(ids[i], to, {.decodes = decodes}, [&](const Subscribed&) { subscribed.count_down(); });
        subscribed.wait();
    };
    for (std::size_t i = 0; i < sockets.size(); ++i) {
        loops[i % 2].post([&, i] { ids[i] = *hub->open(i % 2, sockets[i], {}); });
        loops[i % 2].flush();
        subscribe(i, at, i < 2);
    }

    for (std::uint64_t i = 0; i < kEvents; ++i) {
        hub->appended(log.append({at}));
        if (i % 100 == 99) hub->driver_changed();
        if (i == kEvents / 2) {
            subscribe(2, other, true);
            subscribe(3, other, true);
        }
    }

    std::vector<std::uint64_t> all(kEvents);
    std::iota(all.begin(), all.end(), 1);
    for (std::size_t i = 0; i < sockets.size(); ++i) {
        for (std::size_t got = 0; got < kEvents;) {
            for (auto* worker : {&pool, &reads, &decoders[0], &decoders[1], &loops[i % 2]}) worker->flush();
            loops[i % 2].post([&, i] { got = sockets[i].sequence().size(); });
            loops[i % 2].flush();
        }
        EXPECT_EQ(sockets[i].sequence(), all);
        EXPECT_TRUE(sockets[i].closes.empty());
        for (const auto& frame : sockets[i].frames())
            EXPECT_EQ(frame.header("Rues-Decoded").value_or(""), i < 2 ? "json" : "");
    }
}

}  // namespace
}  // namespace rues::feed::test
