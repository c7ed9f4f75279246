#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "api/errors.hpp"
#include "base/json.hpp"
#include "net/body_source.hpp"

/// The answers that a handler can return. `Exchange::answer` sends them.
namespace rues::api {

/// JSON that is printed already, where a value would cost more than its text.
struct JsonText {
    std::string text;
};
/// The same, in memory that lives as long as the context.
struct JsonView {
    std::string_view text;
};
/// The same, shared with other answers.
struct JsonShared {
    std::shared_ptr<const std::string> text;
};
struct Text {
    std::string text;
};
/// A body with its content type.
struct Typed {
    std::string_view content_type;
    base::Bytes bytes;
};
/// A body that is made while it is sent, on the read pool. `unbuffered`: its reader wants each piece at once.
struct Streamed {
    std::string_view content_type;
    std::unique_ptr<net::BodySource> source;
    bool unbuffered = false;
    bool by_item = false;  ///< the items of a feeder are apart (`Recipient::stream`)
};
struct Empty {};

/// An answer to a request. `base::Bytes` are sent as bytes or as hex text, as the request asks.
using Answer =
    std::variant<base::json::value, JsonText, JsonView, JsonShared, base::Bytes, Text, Typed, Streamed, Empty>;

}  // namespace rues::api
