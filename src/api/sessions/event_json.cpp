#include "api/sessions/event_json.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "wire/frame.hpp"

namespace rues::api {

/// Headers and JSON payloads were printed by this program: compact, so they have no line break, and valid.
std::string event_json(base::ByteView message) {
    const auto [headers, payload] = wire::parts_of(message);
    if (wire::header_of(headers, "Content-Type") == "application/json")
        return fmt::format(R"({{"headers":{},"json":{}}})", headers, base::text(payload));
    return fmt::format(R"({{"headers":{},"base64":"{}"}})", headers, base::to_base64(payload));
}

std::string event_of_stream(base::ByteView message) {
    const auto headers = wire::parts_of(message).headers;
    // A topic can hold what JSON escapes, line breaks too: then its escaped form is shown.
    const auto location = wire::header_of(headers, "Content-Location");
    return fmt::format("id: {}\nevent: {}\ndata: {}\n\n", wire::header_of(headers, "Rues-Position"), location,
                       event_json(message));
}

}  // namespace rues::api
