#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace rues::app {

/// Threads for work that may block. Any thread may add; tasks that still wait when it stops are dropped.
class WorkerPool {
public:
    WorkerPool(unsigned threads, std::size_t queue) : capacity_(queue) {
        for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
    }
    ~WorkerPool() { stop(); }

    /// False when the queue is full or the pool stopped.
    bool add(std::move_only_function<void()> task) {
        {
            const std::lock_guard lock(mutex_);
            if (stopping_ || queue_.size() >= capacity_) return false;
            queue_.push_back(std::move(task));
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
                wake_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
                if (stopping_) return;
                task = std::move(queue_.front());
                queue_.pop_front();
            }
            task();
        }
    }

    const std::size_t capacity_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::move_only_function<void()>> queue_;
    bool stopping_ = false;
    std::vector<std::jthread> threads_;
};

}  // namespace rues::app
