#include "net/request_rules.hpp"

#include <algorithm>
#include <vector>

#include "base/encoding.hpp"

namespace rues::net {
namespace {

/// The elements of a list header (RFC 9110 5.6.1), from all its lines, without empty ones.
std::vector<std::string_view> listed(const Headers& headers, std::string_view name) {
    std::vector<std::string_view> out;
    for (const auto& [key, value] : headers) {
        if (!base::equal_ignoring_case(key, name)) continue;
        for (std::string_view rest = value; !rest.empty();) {
            const auto comma = std::min(rest.find(','), rest.size());
            const auto item = base::trimmed(rest.substr(0, comma));
            if (!item.empty()) out.push_back(item);
            rest.remove_prefix(std::min(comma + 1, rest.size()));
        }
    }
    return out;
}

/// Whether all characters are those of RFC 3986 3.2.2 and 3.2.3. Their order is not checked.
bool is_authority(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        const bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return alphanumeric || std::string_view("-._~!$&'()*+,;=%:[]").find(c) != std::string_view::npos;
    });
}

/// The part of `target` after `http://` or `https://`; nullopt: it has no such scheme.
std::optional<std::string_view> without_scheme(std::string_view target) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (base::equal_ignoring_case(target.substr(0, scheme.size()), scheme)) return target.substr(scheme.size());
    }
    return std::nullopt;
}

/// The first CR or LF from `at` on. Two searches for one character each are several times as fast as one for a set.
std::size_t find_line_end(std::string_view text, std::size_t at) {
    const std::size_t carriage_return = text.find('\r', at);
    const std::size_t line_feed = text.substr(0, carriage_return).find('\n', at);
    return line_feed != std::string_view::npos ? line_feed : carriage_return;
}

}  // namespace

std::optional<Refusal> line_problem(std::string_view head, std::size_t& checked) {
    std::size_t at = find_line_end(head, checked);
    for (; at != std::string_view::npos; at = find_line_end(head, at)) {
        if (head[at] == '\n') return Refusal{400, "Line does not end with CRLF"};
        if (at + 1 == head.size()) break;  // the rest of the line end has not arrived yet
        if (head[at + 1] != '\n') return Refusal{400, "Line does not end with CRLF"};
        if (at + 2 == head.size()) break;
        if (head[at + 2] == ' ' || head[at + 2] == '\t') return Refusal{400, "Folded header line"};
        at += 2;
    }
    checked = std::min(at, head.size());
    return std::nullopt;
}

std::optional<Refusal> framing_problem(const Request& request) {
    const auto codings = listed(request.headers, "transfer-encoding");
    const bool coded = request.header("transfer-encoding").has_value();
    if (coded) {
        if (request.header("content-length")) return Refusal{400, "Content-Length together with Transfer-Encoding"};
        if (request.minor_version == 0) return Refusal{400, "Transfer-Encoding in an HTTP/1.0 request"};
        const auto is_chunked = [](std::string_view coding) { return base::equal_ignoring_case(coding, "chunked"); };
        if (codings.empty() || !is_chunked(codings.back()) || std::ranges::count_if(codings, is_chunked) != 1)
            return Refusal{400, "Transfer-Encoding must end with exactly one chunked"};
        if (codings.size() != 1) return Refusal{501, "Transfer coding not supported"};
        return std::nullopt;
    }
    std::size_t lengths = 0;
    for (const auto& [name, value] : request.headers) {
        if (!base::equal_ignoring_case(name, "content-length")) continue;
        // RFC 9112 6.3 lets a server take a list of equal numbers as one. But something has already confused the sender
        // of such a list, so it is refused.
        if (++lengths > 1) return Refusal{400, "More than one Content-Length"};
        const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
        if (value.empty() || !std::ranges::all_of(value, is_digit)) return Refusal{400, "Invalid Content-Length"};
    }
    return std::nullopt;
}

std::optional<Refusal> settle_target(Request& request) {
    const auto is_host = [](const auto& header) { return base::equal_ignoring_case(header.first, "host"); };
    const auto host = std::ranges::find_if(request.headers, is_host);
    const bool named = host != request.headers.end();
    if (named && std::any_of(host + 1, request.headers.end(), is_host))
        return Refusal{400, "More than one Host header"};
    if (!named && request.minor_version > 0) return Refusal{400, "Missing Host header"};
    if (named && !is_authority(host->second)) return Refusal{400, "Invalid Host header"};
    if (request.method == "CONNECT") return Refusal{501, "This server is not a proxy"};
    if (request.target.starts_with('/')) return std::nullopt;
    if (request.target == "*" && request.method == "OPTIONS") return std::nullopt;

    const auto rest = without_scheme(request.target);
    if (!rest) return Refusal{400, "Invalid request target"};
    const std::size_t end = std::min(rest->find_first_of("/?"), rest->size());
    std::string authority(rest->substr(0, end));
    if (authority.empty() || !is_authority(authority)) return Refusal{400, "Invalid request target"};
    std::string origin(rest->substr(end));
    if (!origin.starts_with('/')) origin.insert(0, 1, '/');
    request.target = std::move(origin);
    if (named) {
        host->second = std::move(authority);
    } else {
        request.headers.emplace_back("Host", std::move(authority));
    }
    return std::nullopt;
}

}  // namespace rues::net
