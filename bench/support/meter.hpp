#pragma once

#include <cstdint>

namespace rues::bench {

/// Counts published and received bytes, in memory that the processes of one measurement share.
class Meter {
public:
    Meter();
    /// Opens the Meter of another process; `descriptor` is that Meter's `descriptor()`, which this process inherited.
    explicit Meter(int descriptor);
    ~Meter();
    Meter(const Meter&) = delete;
    Meter& operator=(const Meter&) = delete;
    int descriptor() const noexcept { return descriptor_; }

    /// Call it before every run, while nobody publishes and nobody reads.
    void reset();

    // The publisher calls these:
    void publish(std::uint64_t bytes_a_session);
    void finish();
    /// Returns when all sessions together have received this many bytes. Uses no CPU while it waits.
    void wait_for_received(std::uint64_t bytes);

    // The readers call these:
    void receive(std::uint64_t bytes);
    bool finished() const;
    std::uint64_t published() const;  ///< bytes for each session

private:
    struct Shared;
    int descriptor_;
    Shared* shared_;
};

}  // namespace rues::bench
