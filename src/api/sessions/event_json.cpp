#include "api/sessions/event_json.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "wire/frame.hpp"

namespace rues::api {

// This program printed the headers and JSON payloads, so they are valid and, being compact, have no line break.
std::string event_json(base::ByteView message) {
    const auto [headers, payload] = wire::parts_of(message);
    if (wire::header_of(headers, "Content-Type") == "application/json")
        return fmt::format(R"({{"headers":{},"json":{}}})", headers, base::text(payload));
    return fmt::format(R"({{"headers":{},"base64":"{}"}})", headers, base::to_base64(payload));
}

std::string event_of_stream(base::ByteView message) {
    const auto headers = wire::parts_of(message).headers;
    // A topic can contain characters that JSON escapes, such as line breaks. `location` is the escaped form, so it
    // stays on one line.
    const auto location = wire::header_of(headers, "Content-Location");
    return fmt::format("id: {}\nevent: {}\ndata: {}\n\n", wire::header_of(headers, "Rues-Position"), location,
                       event_json(message));
}

}  // namespace rues::api
