#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace rues::app {

/// Threads for work that may block. A thread is made when the others are busy, up to the most. Any thread may add;
/// tasks that still wait when it stops are dropped.
class WorkerPool {
public:
    WorkerPool(std::size_t threads, std::size_t queue) : most_(threads), capacity_(queue) {}
    ~WorkerPool() { stop(); }

    /// False when the queue is full or the pool stopped.
    bool add(std::move_only_function<void()> task) {
        {
            const std::lock_guard lock(mutex_);
            if (stopping_ || queue_.size() >= capacity_) return false;
            queue_.push_back(std::move(task));
            if (queue_.size() > idle_ && threads_.size() < most_) threads_.emplace_back([this] { run(); });
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
        queue_.clear();
    }

private:
    void run() {
        for (;;) {
            std::move_only_function<void()> task;
            {
                std::unique_lock lock(mutex_);
                ++idle_;
                wake_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
                --idle_;
                if (stopping_) return;
                task = std::move(queue_.front());
                queue_.pop_front();
            }
            task();
        }
    }

    const std::size_t most_;
    const std::size_t capacity_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::move_only_function<void()>> queue_;
    std::size_t idle_ = 0;  ///< threads that wait for a task
    bool stopping_ = false;
    std::vector<std::jthread> threads_;
};

}  // namespace rues::app
