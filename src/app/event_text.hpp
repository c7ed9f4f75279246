#pragma once

#include <string>

#include "wire/frame.hpp"

/// Events as the listener prints them.
namespace rues::app {

/// One line for people: height, what happened to whom, and the payload as far as it fits.
std::string event_line(const wire::Frame& frame, bool colours);
/// One line of JSON: `{"headers":{…},"json":…}`, or `"base64":"…"` for a payload that is not JSON.
std::string event_json(const wire::Frame& frame);

}  // namespace rues::app
