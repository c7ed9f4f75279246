#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace rues::base {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

/// Where rooms that have something to say to the operator say it; `app` gives one that writes to the log. Callable from
/// any thread.
using Log = std::function<void(LogLevel, std::string_view)>;

inline Log no_log() {
    return [](LogLevel, std::string_view) {};
}

}  // namespace rues::base
