#include <algorithm>

#include "api/endpoints/transactions.hpp"
#include "api/routes.hpp"
#include "base/encoding.hpp"

namespace rues::api::dev {
namespace {

constexpr std::uint64_t kMaxAdvance = 3'155'760'000;  // a hundred years

/// Names that always mean this machine, whatever DNS says (docs/reference/differences.md 3).
constexpr std::string_view kOwnNames[] = {"localhost", "127.0.0.1", "[::1]"};

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Whether a header shows that a proxy or load balancer passed the request on, because clients do not send it. `name`
/// is in lower case. There are many such headers, but nearly all names contain `forwarded` or say that the value is an
/// address: X-Real-IP, CF-Connecting-IP, True-Client-IP, Fly-Client-IP, X-Cluster-Client-IP, X-Azure-ClientIP,
/// X-Remote-Addr.
bool tells_of_proxy(std::string_view name) {
    if (name.contains("forwarded")) return true;
    constexpr std::string_view kEnds[] = {"-ip", "clientip", "socketip", "-ipv6", "-addr"};
    constexpr std::string_view kBegins[] = {"x-original-", "x-envoy-", "cf-", "tailscale-", "cloudfront-"};
    constexpr std::string_view kNames[] = {"via",         "cdn-loop", "x-proxy-id", "x-amzn-trace-id",
                                           "x-amz-cf-id", "x-varnish"};
    return std::ranges::any_of(kEnds, [&](std::string_view end) { return name.ends_with(end); }) ||
           std::ranges::any_of(kBegins, [&](std::string_view begin) { return name.starts_with(begin); }) ||
           std::ranges::find(kNames, name) != std::end(kNames);
}

/// The decimal number in the body; for an empty body `if_empty`. 400 for anything else.
Result<std::uint64_t> number_of(const Exchange& exchange, std::optional<std::uint64_t> if_empty, std::uint64_t most) {
    const auto text = base::trimmed(base::text(exchange.request.body));
    const auto number = text.empty() ? if_empty : base::parse_u64(text);
    if (number && *number <= most) return *number;
    return fail(ErrorCode::invalid_input, "a decimal number up to " + std::to_string(most) + " is expected");
}

chain::OnNumber answer(Exchange exchange, std::string_view name) {
    return [exchange = std::move(exchange), name](chain::Numbered number) mutable {
        if (!number) return std::move(exchange).fail(transactions::failure_of(std::move(number.error())));
        std::move(exchange).json(base::json::object{{name, *number}});
    };
}

}  // namespace

bool is_foreign(const net::Request& request) {
    return std::ranges::any_of(request.headers, [](const auto& header) {
        const std::string name = base::to_lower_ascii(header.first);
        if (name == "sec-fetch-site") return header.second != "none" && header.second != "same-origin";
        return name == "origin" || tells_of_proxy(name);
    });
}

bool is_own(const net::Request& request) {
    if (!request.loopback || is_foreign(request)) return false;
    const std::string host = base::to_lower_ascii(request.header("host").value_or(""));
    return std::ranges::any_of(kOwnNames, [&](std::string_view name) {
        if (!host.starts_with(name)) return false;
        const auto port = std::string_view(host).substr(name.size());
        return port.empty() || (port.starts_with(':') && std::ranges::all_of(port.substr(1), is_digit));
    });
}

void advance_time(const Context& context, Exchange exchange) {
    const auto seconds = number_of(exchange, std::nullopt, kMaxAdvance);
    if (!seconds) return std::move(exchange).fail(seconds.error());
    context.control.advance_time(*seconds, answer(std::move(exchange), "timestamp"));
}

void mine(const Context& context, Exchange exchange) {
    const auto count = number_of(exchange, 1, chain::kMaxMine);
    if (!count) return std::move(exchange).fail(count.error());
    context.control.mine(*count, answer(std::move(exchange), "height"));
}

}  // namespace rues::api::dev
