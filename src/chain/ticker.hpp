#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace rues::chain {

/// Calls a function at a steady pace while somebody needs it. One thread, which sleeps when nobody has needed it for a
/// while, so that an idle program does not wake up. Any thread.
class Ticker {
public:
    Ticker(std::function<void()> tick, std::chrono::milliseconds pace);
    ~Ticker();

    /// While one of these lives, the function is called; not with null.
    class Need {
    public:
        explicit Need(Ticker* ticker) : ticker_(ticker) {
            if (ticker_ != nullptr) ticker_->add();
        }
        Need(const Need&) = delete;
        Need& operator=(const Need&) = delete;
        ~Need() {
            if (ticker_ != nullptr) ticker_->remove();
        }

    private:
        Ticker* const ticker_;
    };

private:
    void add();
    void remove();
    void run();

    static constexpr int kIdleTicks = 5;  ///< without need, before the thread sleeps
    const std::function<void()> tick_;
    const std::chrono::milliseconds pace_;
    std::atomic<std::size_t> needs_{0};
    std::mutex mutex_;
    std::condition_variable wake_;
    std::atomic<bool> sleeps_{false};
    bool stopping_ = false;
    std::jthread thread_;
};

}  // namespace rues::chain
