#include <fmt/format.h>

#include <algorithm>

#include "api/legacy/requests.hpp"
#include "api/legacy/socket.hpp"
#include "api/routes.hpp"
#include "api/running.hpp"
#include "api/sessions/subscribing.hpp"
#include "wire/legacy_old.hpp"

/// The paths of the legacy event system: `/legacy`, and `/{type}/{target}` of Rusk 0.7 to 1.0.
namespace rues::api::legacy {
namespace {

constexpr std::size_t kMaxUris = 64;  // in one URL

Result<std::pair<std::vector<wire::Uri>, std::optional<wire::Position>>> asked_in_url(const Context& context,
                                                                                      const net::Request& request) {
    const auto query = query_in(request);
    if (!query) return std::unexpected(query.error());
    std::vector<wire::Uri> on;
    for (const auto& [name, value] : *query) {
        if (name == "on") {
            auto uri = subscription_at(context, value);
            if (!uri) return std::unexpected(uri.error());
            on.push_back(std::move(*uri));
        } else if (name != "after") {
            return fail(ErrorCode::invalid_input, "unknown parameter " + name);
        }
    }
    if (on.size() > kMaxUris)
        return fail(ErrorCode::invalid_input, fmt::format("expected at most {} parameters on=…", kMaxUris));
    const auto after = position_in(*query, "after");
    if (!after) return std::unexpected(after.error());
    return std::pair(std::move(on), *after);
}

Opening opening_of(const Exchange& exchange) {
    Opening out;
    out.loop = exchange.loop;
    out.failures = &exchange.failures();
    out.request.peer = exchange.request.peer;
    out.request.loopback = exchange.request.loopback;
    out.request.client = exchange.request.client;
    out.may_debug = dev::is_own(exchange.request);
    return out;
}

void open(const Context& context, Exchange exchange, Opening opening, net::Headers headers) {
    net::UpgradeOptions options;
    options.max_message_bytes = kMaxMessage;
    options.binary = true;
    auto socket = std::make_unique<Socket>(context, std::move(opening));
    std::move(exchange).take_responder().upgrade(std::move(headers), std::move(socket), options);
}

/// The target in a path of the old form. Rusk read the type as a number, so `2` and `02` are the same.
std::optional<Target> target_of(const Exchange& exchange) {
    const auto number = base::parse_u64(exchange.entity);
    if (!number || *number < 1 || *number > 3) return std::nullopt;
    return Target{static_cast<TargetType>(*number), exchange.topic};
}

/// Any thread.
Result<wire::legacy::old::Request> old_body_of(const Exchange& exchange) {
    const bool is_binary = wire::is_binary_type(exchange.request.header("content-type"));
    auto body = wire::legacy::old::Request::of_body(exchange.request.body, is_binary);
    if (!body) return fail(ErrorCode::bad_request, std::move(body.error()));
    return std::move(*body);
}

void answer_old(const Context& context, Exchange exchange, const Target& target, wire::legacy::old::Request body) {
    Asked asked;
    asked.language = Language::old;
    asked.headers = std::move(exchange.request.headers);
    std::ranges::copy_if(asked.headers, std::back_inserter(asked.echo),
                         [](const auto& header) { return base::to_lower_ascii(header.first).starts_with("x-"); });
    asked.type = target.type;
    asked.target = target.name;
    asked.topic = std::move(body.topic);
    asked.own = std::move(body.data);
    asked.data = asked.own;
    if (const auto failure = failure_of_headers(context, asked)) return std::move(exchange).fail(*failure);
    dispatch(context, std::move(asked), std::move(exchange));
}

}  // namespace

void upgrade(const Context& context, Exchange exchange) {
    if (const auto failure = sessions::handshake_failure(context, exchange.request))
        return std::move(exchange).fail(*failure);
    auto asked = asked_in_url(context, exchange.request);
    if (!asked) return std::move(exchange).fail(asked.error());
    Opening opening = opening_of(exchange);
    std::tie(opening.on, opening.after) = std::move(*asked);
    net::Headers headers = common_headers(true);
    if (opening.after) {
        const auto [from, recovered] = context.hub.resolve(*opening.after);
        headers.emplace_back("rues-recovered", recovered ? "true" : "false");
        headers.emplace_back("rues-position", from.to_string());
    }
    open(context, std::move(exchange), std::move(opening), std::move(headers));
}

void old_upgrade(const Context& context, Exchange exchange) {
    if (!net::asks_for_websocket(exchange.request)) return old_request(context, std::move(exchange));
    exchange.has_old_errors = true;
    if (const auto failure = sessions::handshake_failure(context, exchange.request))
        return std::move(exchange).fail(*failure);
    Opening opening = opening_of(exchange);
    opening.target = target_of(exchange);
    if (!opening.target) return std::move(exchange).fail({ErrorCode::unsupported, {}});
    open(context, std::move(exchange), std::move(opening), common_headers(true));
}

void old_request(const Context& context, Exchange exchange) {
    exchange.has_old_errors = true;
    auto target = target_of(exchange);
    if (!target) return std::move(exchange).fail({ErrorCode::unsupported, {}});
    if (exchange.request.body.size() <= kLargeBody) {
        auto body = old_body_of(exchange);
        if (!body) return std::move(exchange).fail(body.error());
        return answer_old(context, std::move(exchange), *target, std::move(*body));
    }
    const auto body = std::make_shared<wire::legacy::old::Request>();
    decode_on_pool(
        context, std::move(exchange),
        [body](Exchange& asked) -> std::optional<Failure> {
            auto read = old_body_of(asked);
            if (!read) return read.error();
            *body = std::move(*read);
            return std::nullopt;
        },
        [&context, body, target = std::move(*target)](Exchange asked) {
            answer_old(context, std::move(asked), target, std::move(*body));
        });
}

}  // namespace rues::api::legacy
