#include "app/task_threads.hpp"

#include <gtest/gtest.h>

#include <latch>

namespace rues::app {
namespace {

constexpr std::chrono::milliseconds kWork{5};

void spend(std::chrono::nanoseconds time) {
    const auto until = base::thread_time() + time;
    while (base::thread_time() < until) {
    }
}

/// A task for each of three threads: it is done only when all three have one.
plonk::Task for_three_threads() {
    return [all = std::make_shared<std::latch>(3)](std::size_t) {
        all->arrive_and_wait();
        spend(kWork);
    };
}

TEST(TaskThreads, the_client_of_the_caller_is_charged_for_the_time_of_the_others) {
    base::Clients clients;
    const auto client = clients.of(base::ClientKey::of_v4({}), std::chrono::steady_clock::now());
    const auto executor = on_threads(3);

    executor(3, for_three_threads());
    EXPECT_EQ(client->spent().count(), 0) << "it works for nobody";
    {
        const base::ActingFor scope(client.get());
        executor(3, for_three_threads());
    }

    EXPECT_GE(client->spent(), 2 * kWork) << "two others";
}

TEST(TaskThreads, the_others_work_for_the_client_of_the_caller) {
    base::Clients clients;
    const auto client = clients.of(base::ClientKey::of_v4({}), std::chrono::steady_clock::now());
    const base::ActingFor scope(client.get());
    std::array<base::Client*, 3> seen{};
    std::latch all(3);

    on_threads(3)(3, [&](std::size_t i) {
        all.arrive_and_wait();
        seen[i] = base::ActingFor::client();
    });

    EXPECT_EQ(seen, (std::array{client.get(), client.get(), client.get()}));
}

TEST(TaskThreads, every_task_is_done_once) {
    for (const std::size_t threads : {1U, 2U, 5U}) {
        std::array<std::atomic<int>, 100> done{};
        on_threads(threads)(done.size(), [&](std::size_t i) { ++done[i]; });
        for (const auto& each : done) EXPECT_EQ(each, 1);
    }
}

}  // namespace
}  // namespace rues::app
