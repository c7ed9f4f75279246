#pragma once

#include <string>

#include "base/bytes.hpp"

namespace rues::api {

/// A stored event as one line of JSON, without a line break: `{"headers":{…},"json":…}`, or `"base64"` for a payload
/// that is no JSON. `message` is a whole message of the log. docs/delivery.md.
std::string event_json(base::ByteView message);
/// The same as a Server-Sent Event: `id` is its position, `event` its URI, `data` the line of JSON.
std::string event_of_stream(base::ByteView message);

}  // namespace rues::api
