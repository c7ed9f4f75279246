#include "query/arguments.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"

namespace rues::query {
namespace {

bool is_hex_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// One byte as the node prints it: as a single character, quoted and escaped.
std::string shown(char c) {
    switch (c) {
    case '\'':
        return "'\\''";
    case '\\':
        return "'\\\\'";
    case '\n':
        return "'\\n'";
    case '\r':
        return "'\\r'";
    case '\t':
        return "'\\t'";
    case '\0':
        return "'\\0'";
    default:
        break;
    }
    const auto code = static_cast<unsigned char>(c);
    if (code < 0x20 || (code >= 0x7f && code <= 0xa0) || code == 0xad) return fmt::format("'\\u{{{:x}}}'", code);
    if (code < 0x7f) return fmt::format("'{}'", c);
    return {'\'', static_cast<char>(0xc0 | code >> 6), static_cast<char>(0x80 | (code & 0x3f)), '\''};
}

}  // namespace

std::expected<base::Bytes, std::string> decode_hex(std::string_view text) {
    if (text.size() % 2 != 0) return std::unexpected("Odd number of digits");
    if (auto bytes = base::from_hex(text)) return std::move(*bytes);
    std::size_t at = 0;
    while (is_hex_digit(text[at])) ++at;
    return std::unexpected(fmt::format("Invalid character {} at position {}", shown(text[at]), at));
}

std::expected<base::Bytes, std::string> decode_base58(std::string_view text) {
    if (auto bytes = base::from_base58(text)) return std::move(*bytes);
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (static_cast<unsigned char>(text[at]) > 0x7f)
            return std::unexpected(
                fmt::format("provided string contained non-ascii character starting at byte {}", at));
        if (!base::from_base58(text.substr(at, 1)))
            return std::unexpected(
                fmt::format("provided string contained invalid character {} at byte {}", shown(text[at]), at));
    }
    return base::Bytes();
}

std::optional<std::uint64_t> unsigned_argument(const graphql::Call& call, std::size_t argument, graphql::Out& out) {
    const std::int64_t value = call.arguments[argument].integer;
    if (value >= 0) return static_cast<std::uint64_t>(value);
    out.fail_rest(call.about(argument, "Failed to parse \"Int\": Invalid number"));
    return std::nullopt;
}

std::optional<base::Bytes> hex_argument(const graphql::Call& call, std::size_t argument, graphql::Out& out) {
    auto bytes = decode_hex(call.arguments[argument].text);
    if (bytes) return std::move(*bytes);
    out.fail_rest({std::move(bytes.error())});
    return std::nullopt;
}

}  // namespace rues::query
