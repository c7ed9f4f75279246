#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/log.hpp"

namespace rues::app {

/// The node's log, on the error stream. Nobody waits for that stream: event loops and the chain write lines, and a
/// terminal that is stopped or a pipe that nobody reads takes none.
struct NodeLog {
    /// Lines of the node, by a LineWriter of their own. It ends with the last copy of this function.
    base::Log log;
    /// Writes to the stream at once and waits for it. For other LineWriters.
    base::Log stream;
    std::function<void(base::LogLevel)> use_level;
};

/// Makes the log. `json`: each line is one object, `{"time":"...","level":"info","message":"..."}`. Call it once in a
/// process.
NodeLog make_node_log(base::LogLevel level, bool json);

/// One line of the JSON form, without its line end. `unix_ms`: milliseconds since 1970.
std::string json_line(base::LogLevel level, std::string_view text, std::int64_t unix_ms);

}  // namespace rues::app
