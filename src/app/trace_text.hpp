#pragma once

#include <string>

#include "base/json.hpp"

namespace rues::app {

/// The trace of a simulation or a query as a tree for people, a line for each call and event. `trace`: the member
/// `trace` of the answer, as a node sent it. What is missing or of another type in it is left blank. No line has
/// control characters. `failed`: the answer has an error, and the call to look at first is marked.
std::string trace_text(const base::json::object& trace, bool failed);

}  // namespace rues::app
