#pragma once

#include <cstdint>

namespace rues::bench {

/// How many bytes were published and how many arrived, in memory that the processes of one measurement share.
class Meter {
public:
    Meter();
    /// In a program that was started with `descriptor()` of the other one.
    explicit Meter(int descriptor);
    ~Meter();
    Meter(const Meter&) = delete;
    Meter& operator=(const Meter&) = delete;
    int descriptor() const noexcept { return descriptor_; }

    /// Before every run, when nobody publishes and nobody reads.
    void reset();

    // Who publishes:
    void publish(std::uint64_t bytes_a_session);
    void finish();
    /// Returns when this many bytes have arrived, of all sessions together. Costs its process nothing meanwhile.
    void wait_for_received(std::uint64_t bytes);

    // Who reads:
    void receive(std::uint64_t bytes);
    bool finished() const;
    std::uint64_t published() const;  ///< bytes a session

private:
    struct Shared;
    int descriptor_;
    Shared* shared_;
};

}  // namespace rues::bench
