#include "client/url.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/decimal.hpp"

namespace rues::client {

Result<Url> Url::parse(std::string_view text, const std::string& ca_file) {
    const auto refuse = [&](std::string_view why) {
        return failure(Error::Kind::invalid, fmt::format("`{}` is not a server's URL: {}", text, why));
    };
    constexpr std::string_view kSeparator = "://";
    const auto scheme_end = std::min(text.find(kSeparator), text.size());
    const std::string scheme = base::to_lower_ascii(text.substr(0, scheme_end));
    const bool is_secure = scheme == "https" || scheme == "wss";
    if (scheme_end == text.size() || (!is_secure && scheme != "http" && scheme != "ws"))
        return refuse("it must begin with http:// or https://");
    std::string_view rest = text.substr(scheme_end + kSeparator.size());
    if (rest.ends_with('/')) rest.remove_suffix(1);
    // The host is copied into the head of a request, so no character of it may end that line early.
    const bool plain = std::ranges::all_of(rest, [](char c) { return c > ' ' && c < '\x7f'; });
    if (!plain || rest.find_first_of("/?#@") != std::string_view::npos) return refuse("expected only host and port");

    Url url;
    if (is_secure) url.port = 443;
    if (rest.starts_with('[')) {
        const auto end = rest.find(']');
        if (end == std::string_view::npos) return refuse("`]` is missing");
        url.host = rest.substr(1, end - 1);
        rest.remove_prefix(end + 1);
    } else {
        const auto end = std::min(rest.find(':'), rest.size());
        url.host = rest.substr(0, end);
        rest.remove_prefix(end);
    }
    if (url.host.empty()) return refuse("the host is missing");
    if (!rest.empty()) {
        if (rest.front() != ':') return refuse("expected a port after the host");
        const auto port = base::parse_decimal(rest.substr(1));
        if (!port || *port == 0 || *port > 65'535) return refuse("the port must be 1 to 65535");
        url.port = static_cast<std::uint16_t>(*port);
    }
    if (is_secure) {
        auto trust = Trust::load(ca_file);
        if (!trust) return std::unexpected(trust.error());
        url.trust = std::move(*trust);
    } else if (!ca_file.empty()) {
        return refuse("certificates are only used with https://");
    }
    return url;
}

std::string Url::authority() const {
    const bool is_ipv6 = host.find(':') != std::string::npos;
    return is_ipv6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

}  // namespace rues::client
