#include "app/request_body.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.hpp"

namespace rues::app {
namespace {

constexpr std::string_view kBytesType = "application/octet-stream";

std::optional<std::string_view> value_of(const client::Headers& headers, std::string_view name) {
    const auto found = std::ranges::find_if(
        headers, [&](const auto& header) { return base::equal_ignoring_case(header.first, name); });
    return found == headers.end() ? std::nullopt : std::optional<std::string_view>(found->second);
}

bool is_bytes_type(std::string_view type) {
    return base::equal_ignoring_case(base::trimmed(type.substr(0, type.find(';'))), kBytesType);
}

}  // namespace

base::Result<client::Headers> headers_of(std::span<const std::string> lines) {
    client::Headers out;
    for (const auto& line : lines) {
        const auto colon = line.find(':');
        if (colon == std::string::npos || colon == 0)
            return base::failure(base::Error::Kind::invalid, fmt::format("--header: `{}` is not `Name: value`", line));
        out.emplace_back(line.substr(0, colon), base::trimmed(std::string_view(line).substr(colon + 1)));
    }
    return out;
}

base::Bytes request_body(std::string_view path, std::string_view given, client::Headers& headers) {
    const auto type = value_of(headers, "content-type");
    const bool has_other_type = type && !is_bytes_type(*type);
    const std::string_view text = base::trimmed(given);
    const bool has_prefix = text.starts_with("0x");
    if (path.starts_with("/on/transactions/") && !text.empty()) {
        if (auto bytes = base::from_hex(text.substr(has_prefix ? 2 : 0))) {
            if (has_other_type) return base::to_bytes("0x" + base::to_hex(*bytes));
            if (!type) headers.emplace_back("Content-Type", kBytesType);
            return std::move(*bytes);
        }
    }
    if (has_prefix && base::from_hex(text.substr(2))) return base::to_bytes(text);
    if (!type && !base::is_utf8(given)) headers.emplace_back("Content-Type", kBytesType);
    return base::to_bytes(given);
}

bool is_text(const client::Headers& chosen, const client::Answer& answer) {
    const auto body = base::text(answer.body);
    if (!base::is_utf8(body) || body.find('\0') != std::string_view::npos) return false;
    if (const auto type = answer.header("content-type")) return !is_bytes_type(*type);
    // A node sends no Content-Type with the answers of its handlers; they are bytes when the request asked for bytes
    // (docs/reference/protocol.md 5.3).
    const auto asks_bytes = [&](std::string_view name) {
        const auto value = value_of(chosen, name);
        return value && is_bytes_type(*value);
    };
    return !asks_bytes("accept") && !asks_bytes("content-type");
}

}  // namespace rues::app
