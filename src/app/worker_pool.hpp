#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/fair_queue.hpp"
#include "base/thread_rank.hpp"

namespace rues::app {

/// Threads of rank `work`, for tasks that may block. A thread is made when the others are busy, up to the most. Clients
/// have their turns by what their tasks have cost (`base::FairQueue`); a task belongs to the client for whom the caller
/// acts
/// (`base::ActingFor`), and so does what the task adds. The tasks of one client begin in the order in which they were
/// added. Any thread may add; tasks that still wait when it stops are dropped.
class WorkerPool {
public:
    /// Whether there is one more thread, for clients whose tasks are short (`kShort`) and that have none under way. So
    /// a short task does not wait until one of some long ones is done.
    enum class ShortLane : bool { no, yes };
    static constexpr std::chrono::milliseconds kShort{5};
    /// A client that owes more processor time gets nothing more done here while others wait.
    static constexpr std::chrono::milliseconds kMostDebt{1'000};
    /// From this size on, one client may fill only half of the queue.
    static constexpr std::size_t kShared = 256;

    WorkerPool(std::size_t threads, std::size_t queue, ShortLane lane = ShortLane::no)
        : most_(threads), lane_(lane == ShortLane::yes ? 1 : 0), capacity_(queue) {}
    ~WorkerPool() { stop(); }

    /// False when the queue is full, the client has its part of it or has spent its share, or the pool stopped.
    bool add(std::move_only_function<void()> task) {
        {
            auto client = base::ActingFor::kept();
            const std::lock_guard lock(mutex_);
            if (stopping_ || queue_.size() >= capacity_) return false;
            if (client && capacity_ >= kShared && queue_.size_of(client.get()) >= capacity_ / 2) return false;
            if (client && others_wait(client.get()) && client->debt(std::chrono::steady_clock::now()) > kMostDebt) {
                client->count_overdrawn();
                return false;
            }
            queue_.push(std::move(client), std::move(task));
            if (queue_.size() > idle_ && threads_.size() < most_ + lane_) threads_.emplace_back([this] { run(); });
        }
        wake_.notify_one();  // after the unlock, so that the woken thread finds the lock free
        return true;
    }
    void stop() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        wake_.notify_all();
        threads_.clear();
        (void)queue_.clear();
    }

private:
    using Queue = base::FairQueue<std::move_only_function<void()>>;

    /// REQUIRES: `mutex_` is locked.
    bool others_wait(const base::Client* client) const {
        return queue_.clients() > (queue_.size_of(client) > 0 ? 1U : 0U);
    }

    /// The client whose task a free thread takes; nullopt: none. REQUIRES: `mutex_` is locked.
    std::optional<base::Client*> next() const {
        if (busy_ < most_) return queue_.empty() ? std::nullopt : std::optional(queue_.next());
        if (busy_ >= most_ + lane_) return std::nullopt;
        return queue_.next_that([this](const base::Client* client) {
            return queue_.cost_of(client) <= kShort && queue_.under_way(client) == 0;
        });
    }

    void run() {
        base::use_rank(base::ThreadRank::work);
        std::unique_lock lock(mutex_);
        for (;;) {
            std::optional<base::Client*> client;
            ++idle_;
            wake_.wait(lock, [&] { return stopping_ || (client = next()); });
            --idle_;
            if (stopping_) return;
            Queue::Turn turn = queue_.take(*client);
            ++busy_;
            lock.unlock();
            const auto cost = work(turn);
            lock.lock();
            --busy_;
            queue_.done(turn.client.get(), turn.charged, cost);
        }
    }

    /// Runs the task and destroys it; returns what it cost.
    static std::chrono::nanoseconds work(Queue::Turn& turn) {
        const base::ActingFor scope(turn.client.get());
        const auto begun = base::thread_time();
        auto task = std::move(turn.item);
        task();
        task = {};
        const auto cost = base::thread_time() - begun;
        if (turn.client) turn.client->charge(cost, std::chrono::steady_clock::now());
        return cost;
    }

    const std::size_t most_;
    const std::size_t lane_;  ///< threads of the lane for short tasks
    const std::size_t capacity_;
    std::mutex mutex_;
    std::condition_variable wake_;
    Queue queue_;
    std::size_t idle_ = 0;  ///< threads that wait for a task
    std::size_t busy_ = 0;  ///< threads that run a task
    bool stopping_ = false;
    std::vector<std::jthread> threads_;
};

}  // namespace rues::app
