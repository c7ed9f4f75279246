#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

/// Counters and histograms for operators. A room owns its counters and histograms and only adds to them; whoever
/// exports them reads them at any time. Any thread.
namespace rues::base {

/// A number that only grows.
class Counter {
public:
    void add(std::uint64_t by = 1) noexcept { value_.fetch_add(by, std::memory_order_relaxed); }
    std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

/// How often values of each order of magnitude occurred, in whatever unit its owner says. Bucket `i` has the values of
/// at most 2^i - 1 that no smaller bucket has; the last one has all others. A reader that looks while others add may
/// see a value in one of the three numbers and not yet in another.
class Histogram {
public:
    static constexpr std::size_t kBuckets = 32;

    void add(std::uint64_t value) noexcept {
        const auto bucket = static_cast<std::size_t>(std::bit_width(value));
        buckets_[bucket < kBuckets ? bucket : kBuckets - 1].fetch_add(1, std::memory_order_relaxed);
        sum_.fetch_add(value, std::memory_order_relaxed);
    }
    /// The largest value of a bucket but the last.
    static constexpr std::uint64_t most_of(std::size_t bucket) noexcept { return (std::uint64_t{1} << bucket) - 1; }
    std::uint64_t count_of(std::size_t bucket) const noexcept {
        return buckets_[bucket].load(std::memory_order_relaxed);
    }
    std::uint64_t count() const noexcept {
        std::uint64_t out = 0;
        for (const auto& bucket : buckets_) out += bucket.load(std::memory_order_relaxed);
        return out;
    }
    std::uint64_t sum() const noexcept { return sum_.load(std::memory_order_relaxed); }

private:
    std::array<std::atomic<std::uint64_t>, kBuckets> buckets_{};
    std::atomic<std::uint64_t> sum_{0};
};

}  // namespace rues::base
