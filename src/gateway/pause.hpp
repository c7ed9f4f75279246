#pragma once

#include <chrono>
#include <stop_token>

namespace rues::gateway {

/// Waits `time`, or until a stop is requested.
void pause(std::chrono::milliseconds time, const std::stop_token& stop);

}  // namespace rues::gateway
