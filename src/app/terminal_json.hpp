#pragma once

#include <string>

#include "base/json.hpp"

namespace rues::app {

/// JSON in one line for a terminal or a script: numbers as nodes print them, and escapes for the control characters
/// that JSON allows as they are (U+007F to U+009F), so that a text from a contract cannot move the cursor.
std::string terminal_json(const base::json::value& json);

}  // namespace rues::app
