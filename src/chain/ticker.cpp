#include "chain/ticker.hpp"

namespace rues::chain {

Ticker::Ticker(std::function<void()> tick, std::chrono::milliseconds pace)
    : tick_(std::move(tick)), pace_(pace), thread_([this] { run(); }) {}

Ticker::~Ticker() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
}

// A need is counted before it looks whether the thread sleeps, and the thread says that it sleeps before it looks
// whether there is a need. So one of the two always sees the other.
void Ticker::add() {
    needs_.fetch_add(1);
    if (!sleeps_.load()) return;
    {
        const std::lock_guard lock(mutex_);
    }  // the thread is between its look and its wait, or waits
    wake_.notify_all();
}

void Ticker::remove() {
    needs_.fetch_sub(1);
}

void Ticker::run() {
    std::unique_lock lock(mutex_);
    int idle = 0;
    while (!stopping_) {
        if (needs_.load() > 0) {
            idle = 0;
        } else if (++idle > kIdleTicks) {
            sleeps_ = true;
            wake_.wait(lock, [this] { return stopping_ || needs_.load() > 0; });
            sleeps_ = false;
            idle = 0;
            continue;
        }
        wake_.wait_for(lock, pace_, [this] { return stopping_; });
        lock.unlock();
        tick_();
        lock.lock();
    }
}

}  // namespace rues::chain
