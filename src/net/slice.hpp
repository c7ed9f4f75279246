#pragma once

#include <chrono>
#include <cstddef>

namespace rues::net {

/// The time that the input of one socket may take in one turn of the loop. A socket whose slice is over keeps the rest
/// of its input and goes behind the others (`Loop::put_behind`). One piece of input is never cut, so a slice can be
/// longer by that piece.
class Slice {
public:
    using Time = std::chrono::steady_clock::time_point;
    /// A look at the clock costs as much as a small message, so the slice looks after this many of them, or after this
    /// many bytes.
    static constexpr unsigned kMessages = 8;
    static constexpr std::size_t kBytes = 1'024;

    /// Begins now. `now`: the steady time.
    explicit Slice(std::chrono::microseconds length, Time (*now)() noexcept = &steady_now) noexcept
        : now_(now), end_(now() + length) {}

    /// Call it after each message, or each part of one, with its size. Returns whether the slice is over.
    bool is_over_after(std::size_t bytes) noexcept {
        bytes_ += bytes;
        if (++messages_ < kMessages && bytes_ < kBytes) return false;
        messages_ = 0;
        bytes_ = 0;
        return is_over();
    }
    /// Looks at the clock.
    bool is_over() const noexcept { return now_() >= end_; }

private:
    static Time steady_now() noexcept { return std::chrono::steady_clock::now(); }

    Time (*now_)() noexcept;
    Time end_;
    unsigned messages_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace rues::net
