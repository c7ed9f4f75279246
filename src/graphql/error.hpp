#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rues::graphql {

/// Both count from 1; columns are Unicode scalar values (docs/reference/graphql.md 7.1).
struct Location {
    std::uint32_t line = 1;
    std::uint32_t column = 1;
    friend bool operator==(Location, Location) = default;
};

/// One entry of an answer's `errors`.
struct Error {
    std::string message;
    std::vector<Location> locations;
    std::string
        path;  ///< a JSON array of response keys and list indexes; empty for errors of requests, which have none
};

/// Converts byte offsets of a UTF-8 text to lines and columns. LF, CR and CRLF end a line. It reads the text once,
/// whatever the number of offsets and their order.
class Locator {
public:
    explicit Locator(std::string_view source) : source_(source) {}
    Location operator()(std::uint32_t at);

private:
    std::string_view source_;
    std::vector<Location> marks_{Location{}};  ///< locations of every 4096th byte, as far as the text was read
};

/// `{"message":…,"locations":…,"path":…}`; the last two only when not empty (docs/reference/graphql.md 2.2).
void append_json(std::string& to, const Error& error);
/// `"errors"` and its array.
void append_json(std::string& to, const std::vector<Error>& errors);

/// Appends a JSON string, quotes included, with the escapes that the node uses.
void append_quoted(std::string& to, std::string_view text);

}  // namespace rues::graphql
