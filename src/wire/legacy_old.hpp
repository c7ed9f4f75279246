#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "wire/headers.hpp"

/// Requests and replies of the event system that Rusk 0.7 to 1.0 shipped, whose target is in the URL
/// (docs/reference/protocol.md 9.2; docs/legacy.md).
namespace rues::wire::legacy::old {

struct Request {
    /// Headers of a request on a WebSocket. A JSON string is its text, any other value its JSON; the value of a GraphQL
    /// variable is always its JSON, because that is how the header is read.
    HeaderList headers;
    HeaderList echo;  ///< the keys that begin with `X-`, with the JSON of their values
    std::string topic;
    base::Bytes data;

    /// The body of an HTTP request: `u32 length, topic, data` for an octet-stream, else JSON `{"topic","data"}` whose
    /// data is hex or text. The error says what is wrong.
    static std::expected<Request, std::string> of_body(base::ByteView body, bool is_binary);
    /// A text message: `{"headers":{…},"event":{"topic","data"}}`.
    static std::expected<Request, std::string> of_text(std::string_view text);
    /// A binary message: `u32 length, headers JSON, u32 length, topic, data`.
    static std::expected<Request, std::string> of_binary(base::ByteView message);
};

/// The reply to a request on a WebSocket: `{"headers":{…},"data":…,"error":null|"…"}`. `data`: JSON. `error`: text;
/// empty: none.
std::string reply(const HeaderList& echo, std::string_view data, std::string_view error);

}  // namespace rues::wire::legacy::old
