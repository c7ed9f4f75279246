#include "api/legacy/requests.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "api/api.hpp"
#include "api/legacy/targets.hpp"
#include "base/encoding.hpp"
#include "wire/version.hpp"

namespace rues::api::legacy {
namespace {

constexpr std::string_view kEcho = "echo";
constexpr std::string_view kStatus = "status";

/// Headers that mean something to a route. The version was checked before.
constexpr std::string_view kKnown[] = {"content-type", "accept", "rusk-feeder", "sign"};
constexpr std::string_view kKnownBegins[] = {"rusk-gqlvar-", "rues-"};

bool is_known(std::string_view lower) {
    return std::ranges::find(kKnown, lower) != std::end(kKnown) ||
           std::ranges::any_of(kKnownBegins, [&](std::string_view begin) { return lower.starts_with(begin); });
}

/// The headers of the request to the route.
net::Headers headers_for_route(const Asked& asked, bool is_message) {
    net::Headers out;
    for (const auto& header : asked.headers) {
        const std::string lower = base::to_lower_ascii(header.first);
        if (asked.language == Language::old) {
            // It was the type of the body that held topic and data, so to a route it says only how to answer.
            if (lower == "content-type" && !wire::is_binary_type(header.second)) continue;
            // A reply on a socket is text, which has bytes in hex.
            if (is_message && (lower == "content-type" || lower == "accept")) continue;
        }
        if (is_known(lower)) out.push_back(header);
    }
    return out;
}

bool is(std::string_view word, std::string_view target, std::string_view topic) noexcept {
    const bool says_topic = topic == kEcho || topic == kStatus;
    return (says_topic ? topic : target) == word;
}

}  // namespace

std::optional<Failure> failure_of_headers(const Context& context, const Asked& asked) {
    const auto header = [&asked](std::string_view name) { return wire::find_header(asked.headers, name); };
    const bool is_strict = header("rusk-version-strict").has_value();
    auto problem =
        context.legacy_any_version ? std::nullopt : wire::check_version_headers(header("rusk-version"), is_strict);
    if (problem) {
        constexpr std::string_view kPrefix = "Version error: ";  // which Rusk's texts did not have then
        if (asked.language == Language::old && problem->starts_with(kPrefix)) problem->erase(0, kPrefix.size());
        return Failure{ErrorCode::version_mismatch, std::move(*problem)};
    }
    if (asked.language == Language::old) return std::nullopt;
    if (!asked.data_problem.empty()) return Failure{ErrorCode::invalid_input, asked.data_problem};
    const auto length = header("content-length");
    if (!length || base::parse_u64(*length) == asked.data.size()) return std::nullopt;
    return Failure{ErrorCode::invalid_input,
                   fmt::format("Content-Length is {}, but the data has {} bytes", *length, asked.data.size())};
}

void dispatch(const Context& context, Asked asked, Exchange exchange, const std::optional<wire::SessionId>& session) {
    if (asked.type == TargetType::debugger) return std::move(exchange).fail({ErrorCode::unsupported, {}});
    auto path = path_of(asked.type, asked.target, asked.topic);
    if (!path) return std::move(exchange).fail(path.error());
    exchange.is_too_large = asked.data.size() > body_rules_at(context, "POST", *path).limit;
    base::Bytes data = exchange.is_too_large ? base::Bytes{} : asked.take_data();
    exchange.request.method = "POST";
    exchange.request.target = std::move(*path);
    exchange.request.headers = headers_for_route(asked, exchange.is_message());
    if (session) exchange.request.headers.emplace_back("rusk-session-id", wire::to_string(*session));
    // A Message repeats them itself, byte for byte.
    if (!exchange.is_message())
        exchange.request.headers.insert(exchange.request.headers.end(), asked.echo.begin(), asked.echo.end());
    exchange.request.body = {};
    exchange.is_decoded = asked.language == Language::old;
    (exchange.is_decoded ? exchange.body : exchange.request.body) = std::move(data);
    answer_request(context, std::move(exchange));
}

bool is_echo(std::string_view target, std::string_view topic) noexcept {
    return is(kEcho, target, topic);
}

bool is_status(std::string_view target, std::string_view topic) noexcept {
    return is(kStatus, target, topic);
}

}  // namespace rues::api::legacy
