#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace rues::base {

/// Where the impure rooms get the time from; the pure ones get it as an argument. Any thread.
class Clock {
public:
    virtual ~Clock() = default;
    /// Time since the Unix epoch.
    virtual std::chrono::milliseconds unix_time() const = 0;
    /// Monotonic, for waits and ages.
    virtual std::chrono::steady_clock::time_point steady() const = 0;
};

class SystemClock final : public Clock {
public:
    std::chrono::milliseconds unix_time() const override {
        return std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::system_clock::now().time_since_epoch());
    }
    std::chrono::steady_clock::time_point steady() const override { return std::chrono::steady_clock::now(); }
};

/// Stands still until told otherwise; for tests.
class ManualClock final : public Clock {
public:
    explicit ManualClock(std::chrono::milliseconds unix_time)
        : unix_time_(unix_time.count()), steady_(unix_time.count()) {}
    /// Time passes.
    void advance(std::chrono::milliseconds by) {
        unix_time_ += by.count();
        steady_ += by.count();
    }
    /// Somebody sets the wall clock, forward or back; no time passes.
    void set_wall_clock(std::chrono::milliseconds by) { unix_time_ += by.count(); }
    std::chrono::milliseconds unix_time() const override { return std::chrono::milliseconds(unix_time_.load()); }
    std::chrono::steady_clock::time_point steady() const override {
        return std::chrono::steady_clock::time_point(std::chrono::milliseconds(steady_.load()));
    }

private:
    std::atomic<std::int64_t> unix_time_;
    std::atomic<std::int64_t> steady_;
};

}  // namespace rues::base
