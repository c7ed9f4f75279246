#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace rues::base {

/// Time of the calendar, since the Unix epoch: for block timestamps and for what people read. It jumps when somebody
/// sets the clock.
using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;
/// Time that only passes: for every age, deadline and interval.
using SteadyTime = std::chrono::steady_clock::time_point;

inline std::uint64_t unix_ms(WallTime time) noexcept {
    return static_cast<std::uint64_t>(time.time_since_epoch().count());
}

/// The time source of the rooms that wait or measure time; the pure rooms get the time as an argument. Any thread may
/// call it.
class Clock {
public:
    virtual ~Clock() = default;
    virtual WallTime wall() const = 0;
    virtual SteadyTime steady() const = 0;
};

class SystemClock final : public Clock {
public:
    WallTime wall() const override {
        return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
    }
    SteadyTime steady() const override { return std::chrono::steady_clock::now(); }
};

/// A clock for tests. It stands still until `advance`.
class ManualClock final : public Clock {
public:
    /// Both times begin `since_epoch` after their beginning.
    explicit ManualClock(std::chrono::milliseconds since_epoch)
        : wall_(since_epoch.count()), steady_(since_epoch.count()) {}
    /// Lets `by` pass on both clocks.
    void advance(std::chrono::milliseconds by) {
        wall_ += by.count();
        steady_ += by.count();
    }
    /// Sets the wall clock forward or back by `by`, as an operator can; no steady time passes.
    void set_wall_clock(std::chrono::milliseconds by) { wall_ += by.count(); }
    WallTime wall() const override { return WallTime(std::chrono::milliseconds(wall_.load())); }
    SteadyTime steady() const override { return SteadyTime(std::chrono::milliseconds(steady_.load())); }

private:
    std::atomic<std::int64_t> wall_;
    std::atomic<std::int64_t> steady_;
};

}  // namespace rues::base
