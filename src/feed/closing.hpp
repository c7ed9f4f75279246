#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/metrics.hpp"

/// Why the server closes sessions, and how often it did.
namespace rues::feed {

enum class Closing : std::uint8_t {
    slow_consumer,      ///< behind for too long, or by too many events, or its next events are not kept any more
    taken_over,         ///< another connection has resumed the session
    restart,            ///< the server stops
    decoded_otherwise,  ///< the rest of a half-sent decoded event is not there any more
    unreadable,         ///< the log could not be read
};
inline constexpr std::size_t kClosings = 5;

struct ClosingRow {
    Closing why;
    std::string_view name;  ///< in /debug/clients
    std::uint16_t code;     ///< close code
    std::string_view text;  ///< the reason that the client gets
};
inline constexpr std::array<ClosingRow, kClosings> kClosingRows{{
    {Closing::slow_consumer, "slow_consumer", 1013, "Slow consumer"},
    {Closing::taken_over, "taken_over", 4001, "Session taken over"},
    {Closing::restart, "restart", 1012, "Service restart"},
    {Closing::decoded_otherwise, "decoded_otherwise", 1013, "An event is decoded in another way now"},
    {Closing::unreadable, "unreadable", 1011, "Internal error"},
}};
constexpr const ClosingRow& row_of(Closing why) noexcept {
    return kClosingRows[static_cast<std::size_t>(why)];
}

/// The number of closes so far, by `Closing`. Any thread.
using ClosingCounts = std::array<base::Counter, kClosings>;

}  // namespace rues::feed
