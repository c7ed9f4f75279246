#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace rues::client {

/// The pause before the next attempt to connect. It doubles from `kFirst` to `kLongest`, and its upper half is random,
/// so that the clients of a restarted server do not all come at once. Pure.
class Backoff {
public:
    static constexpr std::chrono::milliseconds kFirst{100};
    static constexpr std::chrono::milliseconds kLongest{5'000};

    /// The next pause. `chance` is a random number from [0, 1). Each call counts as an attempt.
    std::chrono::milliseconds next(double chance) {
        const auto whole = pause_;
        pause_ = std::min(2 * pause_, kLongest);
        return whole / 2 + std::chrono::milliseconds(static_cast<std::int64_t>(
                               static_cast<double>((whole / 2).count()) * std::clamp(chance, 0.0, 1.0)));
    }
    /// Call it after a connection that worked.
    void reset() { pause_ = kFirst; }

private:
    std::chrono::milliseconds pause_ = kFirst;
};

/// A seed for the random part of pauses. It only spreads the attempts of many clients, so it is made of the time when
/// the system has no randomness.
std::uint32_t jitter_seed();

}  // namespace rues::client
