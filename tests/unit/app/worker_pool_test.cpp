#include "app/worker_pool.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <future>
#include <latch>

namespace rues::app {
namespace {

class WorkerPoolTest : public ::testing::Test {
protected:
    base::ClientPtr client(std::string_view address) {
        return clients_.of(*base::ClientKey::parse(address), base::Client::Time());
    }
    static bool add(WorkerPool& pool, const base::ClientPtr& who, std::move_only_function<void()> task) {
        const base::ActingFor scope(who.get());
        return pool.add(std::move(task));
    }
    /// Burns more processor time than a short task may.
    static void work_long() {
        const auto end = base::thread_time() + 4 * std::chrono::nanoseconds(WorkerPool::kShort);
        while (base::thread_time() < end) {
        }
    }

    base::Clients clients_;
    const base::ClientPtr a_ = client("192.0.2.1");
    const base::ClientPtr b_ = client("192.0.2.2");
};

TEST_F(WorkerPoolTest, a_task_overtakes_those_of_a_client_that_has_many) {
    std::string order;
    std::promise<void> go, all_done;
    std::latch busy(1);
    WorkerPool pool(1, 1'000);
    ASSERT_TRUE(pool.add([&] {
        busy.count_down();
        go.get_future().wait();
    }));
    busy.wait();
    for (int i = 0; i < 50; ++i) ASSERT_TRUE(add(pool, a_, [&] { order += 'a'; }));
    ASSERT_TRUE(add(pool, b_, [&] { order += 'b'; }));
    for (int i = 0; i < 50; ++i) {
        ASSERT_TRUE(add(pool, a_, [&] {
            order += 'a';
            if (order.size() == 101) all_done.set_value();
        }));
    }
    go.set_value();
    all_done.get_future().wait();

    EXPECT_LE(order.find('b'), 2U) << order;
}

TEST_F(WorkerPoolTest, a_task_works_for_the_client_of_who_added_it_and_the_client_pays) {
    std::promise<base::ClientPtr> seen;
    {
        WorkerPool pool(1, 10);
        ASSERT_TRUE(add(pool, a_, [&] {
            work_long();
            seen.set_value(base::ActingFor::kept());
        }));
        EXPECT_EQ(seen.get_future().get(), a_);
    }
    EXPECT_GE(a_->spent(), std::chrono::nanoseconds(WorkerPool::kShort));
    EXPECT_EQ(b_->spent().count(), 0);
}

TEST_F(WorkerPoolTest, its_threads_are_nicer_than_the_loops) {
    std::promise<int> seen;
    WorkerPool pool(1, 10);
    ASSERT_TRUE(pool.add([&] { seen.set_value(::getpriority(PRIO_PROCESS, 0)); }));
    EXPECT_EQ(seen.get_future().get(), std::min(::getpriority(PRIO_PROCESS, 0) + base::kWorkNice, 19));
}

TEST_F(WorkerPoolTest, a_short_task_has_a_thread_while_long_ones_have_all_others) {
    std::promise<void> go;
    const auto gone = go.get_future().share();
    std::latch busy(2);
    std::promise<void> done;
    WorkerPool pool(2, 100, WorkerPool::ShortLane::yes);
    for (int i = 0; i < 2; ++i) {
        ASSERT_TRUE(add(pool, a_, [&busy, gone] {
            busy.count_down();
            gone.wait();
        }));
    }
    busy.wait();

    ASSERT_TRUE(add(pool, b_, [&] { done.set_value(); }));

    EXPECT_EQ(done.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
    go.set_value();
}

TEST_F(WorkerPoolTest, a_client_that_owes_much_is_refused_only_while_others_wait) {
    base::ClientLimits limits;
    limits.share_us = 1'000;
    clients_.use_limits(limits);
    a_->charge(std::chrono::seconds(10), std::chrono::steady_clock::now());
    std::promise<void> go;
    std::latch busy(1);
    WorkerPool pool(1, 10);
    ASSERT_TRUE(pool.add([&] {
        busy.count_down();
        go.get_future().wait();
    }));
    busy.wait();

    EXPECT_TRUE(add(pool, a_, [] {}));
    EXPECT_TRUE(add(pool, a_, [] {}));
    EXPECT_TRUE(add(pool, b_, [] {}));
    EXPECT_FALSE(add(pool, a_, [] {}));
    EXPECT_TRUE(add(pool, b_, [] {}));
    EXPECT_EQ(clients_.common().overdrawn.value(), 1U);
    go.set_value();
}

TEST_F(WorkerPoolTest, one_client_fills_half_of_a_large_queue_and_others_the_rest) {
    std::promise<void> go;
    std::latch busy(1);
    WorkerPool pool(1, WorkerPool::kShared);
    ASSERT_TRUE(pool.add([&] {
        busy.count_down();
        go.get_future().wait();
    }));
    busy.wait();
    std::size_t taken = 0;
    while (add(pool, a_, [] {})) ++taken;

    EXPECT_EQ(taken, WorkerPool::kShared / 2);
    EXPECT_TRUE(add(pool, b_, [] {}));
    go.set_value();
}

}  // namespace
}  // namespace rues::app
