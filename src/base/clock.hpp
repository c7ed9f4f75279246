#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace rues::base {

/// The time source of the rooms that wait or measure time; the pure rooms get the time as an argument. Any thread may
/// call it.
class Clock {
public:
    virtual ~Clock() = default;
    /// Time since the Unix epoch.
    virtual std::chrono::milliseconds unix_time() const = 0;
    /// Monotonic time, for waits and ages.
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

/// A clock for tests. It stands still until `advance`.
class ManualClock final : public Clock {
public:
    explicit ManualClock(std::chrono::milliseconds unix_time)
        : unix_time_(unix_time.count()), steady_(unix_time.count()) {}
    /// Lets `by` pass on both clocks.
    void advance(std::chrono::milliseconds by) {
        unix_time_ += by.count();
        steady_ += by.count();
    }
    /// Sets the wall clock forward or back by `by`, as an operator can; no steady time passes.
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
