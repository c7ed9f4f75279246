#include "wire/headers.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "base/wipe.hpp"

namespace rues::wire {

std::optional<std::string_view> find_header(const HeaderList& headers, std::string_view name) noexcept {
    for (const auto& [key, value] : headers) {
        if (base::equal_ignoring_case(key, name)) return value;
    }
    return std::nullopt;
}

bool is_binary_type(std::optional<std::string_view> content_type) noexcept {
    return content_type == "application/octet-stream";
}

bool is_json_type(std::optional<std::string_view> content_type) noexcept {
    return content_type && base::equal_ignoring_case(*content_type, "application/json");
}

bool wants_binary(const HeaderList& request) noexcept {
    const auto accept = find_header(request, "accept");
    return is_binary_type(find_header(request, "content-type")) ||
           (accept && base::equal_ignoring_case(*accept, "application/octet-stream"));
}

base::Bytes encode_raw(base::Bytes result, bool binary) {
    return binary ? std::move(result) : base::to_bytes(base::to_hex(result));
}

bool wants_feeder(const HeaderList& request) noexcept {
    return find_header(request, "rusk-feeder").has_value();
}

std::expected<base::Bytes, std::string> decode_body(const HeaderList& request, base::Bytes body) {
    if (is_binary_type(find_header(request, "content-type"))) return body;
    const std::string_view text = base::text(body);
    if (!base::is_utf8(text)) return std::unexpected("Invalid payload: Invalid utf8");
    if (text.starts_with("0x")) {
        if (auto bytes = base::from_hex(text.substr(2))) {
            base::wipe(body);  // some bodies are secrets, and wiping costs little beside decoding
            return std::move(*bytes);
        }
    }
    return body;
}

std::optional<std::string> header_encoding_problem(const HeaderList& request) {
    for (const auto& [key, value] : request) {
        if (!std::ranges::all_of(value, [](char c) { return (c >= 0x20 && c < 0x7f) || c == '\t'; })) {
            return "Invalid payload: Invalid header encoding for " + base::to_lower_ascii(key);
        }
    }
    return std::nullopt;
}

HeaderList echoed(const HeaderList& request) {
    HeaderList out;
    for (const auto& [key, value] : request) {
        std::string name = base::to_lower_ascii(key);
        if (!name.starts_with("x-")) continue;
        const auto same = std::ranges::find(out, name, &std::pair<std::string, std::string>::first);
        if (same != out.end()) {
            same->second = value;
        } else {
            out.emplace_back(std::move(name), value);
        }
    }
    return out;
}

}  // namespace rues::wire
