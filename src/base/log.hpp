#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace rues::base {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

/// A function that takes a message for the operator. `app` passes one that writes to the program's log. Any thread may
/// call it.
using Log = std::function<void(LogLevel, std::string_view)>;

inline Log no_log() {
    return [](LogLevel, std::string_view) {};
}

}  // namespace rues::base
