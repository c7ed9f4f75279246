#pragma once

#include <string>

#include "wire/frame.hpp"

/// The text forms in which `rues listen` prints events.
namespace rues::app {

/// One line for people: height, topic, entity, and as much of the payload as fits.
std::string event_line(const wire::Frame& frame, bool colours);
/// One line of JSON: `{"headers":{…},"json":…}`, or `"base64":"…"` for a payload that is not JSON.
std::string event_json(const wire::Frame& frame);

}  // namespace rues::app
