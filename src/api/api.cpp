#include "api/api.hpp"

#include <algorithm>

#include "api/elsewhere.hpp"
#include "api/graphql/service.hpp"
#include "api/openapi.hpp"
#include "api/running.hpp"
#include "api/sessions/subscribing.hpp"
#include "api/wanted_tip.hpp"
#include "wire/headers.hpp"
#include "wire/path.hpp"
#include "wire/version.hpp"

namespace rues::api {
namespace {

constexpr std::size_t kUnknownPathBody = 4'096;  ///< bytes that are read, so that the connection can be used again

/// The row, the headers and perhaps the failure that follow from the head of a request.
struct Head {
    const Route* route = nullptr;  ///< the row for the request's method
    Match match;
    std::optional<Failure> failure;
    net::Headers extra;  ///< headers of the answer, also of an error
    bool cross_origin = true;
};

/// The route of a path. The node does not know a path that a setting adds. So it is unknown while the setting is off,
/// and for methods that the setting does not add.
Match served_at(const Context& context, std::string_view method, std::string_view path) {
    Match out = match_route(path);
    if (!out.rows.empty() && out.rows.front().setting != nullptr &&
        (!(context.*out.rows.front().setting) || row_for(out.rows, method) == nullptr))
        out.rows = {};
    return out;
}

Head with(Head head, Failure failure) {
    head.failure = std::move(failure);
    return head;
}

/// The node's checks before a body is read, in its order (docs/reference/rusk-1.7.md 1.3). `path` must outlive the
/// result.
Head check_head(const Context& context, const net::Request& request, std::string_view path) {
    Head out;
    out.match = served_at(context, request.method, path);
    const auto rows = out.match.rows;
    if (is_local(path)) {
        out.cross_origin = false;
        const bool by_token = !rows.empty() && rows.front().rules == Rules::debug && debug::may_look(context, request);
        if (!by_token && !dev::is_own(request)) return with(std::move(out), {ErrorCode::forbidden, {}});
    }
    if (rows.empty()) return with(std::move(out), {ErrorCode::path_not_found, {}});
    const Rules rules = rows.front().rules;
    if (rules == Rules::rues) {
        const auto problem = wire::check_version_headers(request.header("rusk-version"),
                                                         request.header("rusk-version-strict").has_value());
        if (problem) return with(std::move(out), {ErrorCode::version_mismatch, *problem});
    }
    if (rows.front().deprecated) {
        out.extra.emplace_back("deprecation", "true");
        out.extra.emplace_back("deprecation-note", "This endpoint is deprecated and scheduled for removal");
    }
    out.route = row_for(rows, request.method);
    if (out.route != nullptr) return out;
    if (rules == Rules::page) return with(std::move(out), {ErrorCode::path_not_found, {}});
    out.extra.emplace_back("allow", allow_of(rows));
    return with(std::move(out), {ErrorCode::method_not_allowed, {}});
}

/// The row that answers a POST to `topic`. Null: 501, for an unknown topic of a known route and for a row that is not
/// served.
const Route* row_of_topic(std::span<const Route> rows, std::string_view topic) {
    const auto found = std::ranges::find_if(rows, [&](const Route& row) {
        return row.method == Method::post && (row.topic.empty() || row.topic == topic);
    });
    return found == rows.end() || !found->handler ? nullptr : &*found;
}

/// Decodes entity and topic into the exchange. The error says which of them is not UTF-8.
std::optional<Failure> decode_path(Exchange& exchange, const Match& match) {
    auto entity = wire::percent_decoded(match.entity);
    if (!entity) return Failure{ErrorCode::invalid_url, "entity"};
    auto topic = wire::percent_decoded(match.topic);
    if (!topic) return Failure{ErrorCode::invalid_url, "topic"};
    exchange.entity = std::move(*entity);
    exchange.topic = std::move(*topic);
    return std::nullopt;
}

/// Checks a POST under `/on/` after its head and before its body, in the node's order.
std::optional<Failure> check_post(const Exchange& exchange, const Match& match) {
    if ((match.has_topic && exchange.topic.empty()) || (match.has_entity && exchange.entity.empty())) {
        return Failure{ErrorCode::invalid_path, {}};
    }
    const auto& headers = exchange.request.headers;
    // The headers of a Message are strings of JSON, which have an encoding of their own.
    const auto problem = exchange.is_message() ? std::nullopt : wire::header_encoding_problem(headers);
    if (problem) return Failure{ErrorCode::invalid_payload, *problem};
    return std::nullopt;
}

/// Decodes the body into the exchange. Any thread.
std::optional<Failure> decode(Exchange& exchange) {
    if (!exchange.is_decoded) {
        auto body = wire::decode_body(exchange.request.headers, std::move(exchange.request.body));
        if (!body) return Failure{ErrorCode::invalid_payload, body.error()};
        exchange.body = std::move(*body);
        exchange.body.is_secret = exchange.request.body.is_secret;
    }
    for (auto& header : wire::echoed(exchange.request.headers)) exchange.extra.push_back(std::move(header));
    return std::nullopt;
}

/// Whether decoding the body would take the loop's time.
bool is_long_work(const Exchange& exchange) {
    return !exchange.is_decoded && exchange.request.body.size() > kLargeBody &&
           !wire::is_binary_type(exchange.request.header("content-type"));
}

/// True: the request was given to `Context::elsewhere`.
bool is_given_elsewhere(const Context& context, Exchange& exchange, const Route* route) {
    if (context.elsewhere == nullptr || route == nullptr || !context.elsewhere->takes(*route, exchange)) return false;
    context.elsewhere->answer(context, *route, std::move(exchange));
    return true;
}

void run_row(const Context& context, Exchange exchange, const Route* route) {
    if (route == nullptr || !route->handler) return std::move(exchange).fail({ErrorCode::unsupported, {}});
    run(context, *route, std::move(exchange));
}

void dispatch_now(const Context& context, Exchange exchange, const Route* route, const Match& match) {
    if (route->rules != Rules::rues || route->method != Method::post) {
        if (is_given_elsewhere(context, exchange, route)) return;
        return run_row(context, std::move(exchange), route);
    }
    if (const auto failure = check_post(exchange, match)) return std::move(exchange).fail(*failure);
    if (match.has_topic) route = row_of_topic(match.rows, exchange.topic);
    if (is_given_elsewhere(context, exchange, route)) return;
    if (is_long_work(exchange))
        return decode_on_pool(context, std::move(exchange), &decode,
                              [&context, route](Exchange decoded) { run_row(context, std::move(decoded), route); });
    if (const auto failure = decode(exchange)) return std::move(exchange).fail(*failure);
    run_row(context, std::move(exchange), route);
}

/// Waits for the block that the request wants, if it wants one.
void dispatch(const Context& context, Exchange exchange, const Route* route, const Match& match) {
    const bool is_read = route->method == Method::get || route->method == Method::post;
    if (!is_read || !WantedTip::is_named(exchange.request))
        return dispatch_now(context, std::move(exchange), route, match);
    const auto wanted = WantedTip::of(exchange.request);
    if (!wanted) return std::move(exchange).fail(wanted.error());
    await_tip(context, *route, std::move(exchange), *wanted,
              [&context, route, match](Exchange asked) { dispatch_now(context, std::move(asked), route, match); });
}

/// Answers the preflight request that a browser sends before a request of another site. A public site that talks to a
/// node in the user's own network needs another permission, and gets it only when it asks for it
/// (WICG Private Network Access 3.1).
void preflight(Exchange exchange) {
    exchange.extra.emplace_back("access-control-allow-methods", "GET, POST, DELETE, OPTIONS");
    exchange.extra.emplace_back("access-control-allow-headers",
                                exchange.request.header("access-control-request-headers").value_or("*"));
    exchange.extra.emplace_back("access-control-max-age", "86400");
    if (exchange.request.header("access-control-request-private-network") == "true")
        exchange.extra.emplace_back("access-control-allow-private-network", "true");
    std::move(exchange).empty(204);
}

/// The row of the table for a status with which the connection itself refuses a request.
Failure failure_of(unsigned status, std::string_view text) {
    switch (status) {
    case 408:
        return {ErrorCode::request_timeout, {}};
    case 413:
        return {ErrorCode::too_large, {}};
    case 429:
        return {ErrorCode::client_limit, std::string(text)};
    case 431:
        return {ErrorCode::head_too_large, {}};
    case 500:
        return {ErrorCode::internal, {}};
    case 501:
        return {ErrorCode::unsupported, {}};
    case 503:
        return {ErrorCode::overloaded, std::string(text)};
    default:
        return {ErrorCode::bad_request, std::string(text)};
    }
}

}  // namespace

Api::Api(Context context) : failures_(context.log), context_(std::move(context)) {
    context_.openapi = openapi_document(context_.version, &context_);
    context_.openapi_tag = pages::tag_of(base::view(context_.openapi));
    context_.node_info = node::info_text(context_.view.parameters());
    if (!context_.graphql) context_.graphql = std::make_shared<graphql_http::Service>();
}

net::BodyRules Api::body_rules(std::string_view method, std::string_view path) const {
    return body_rules_at(context_, method, path);
}

net::BodyRules body_rules_at(const Context& context, std::string_view method, std::string_view path) {
    const std::string normalised = wire::normalised_path(path);
    const auto rows = served_at(context, method, normalised).rows;
    if (rows.empty()) return {kUnknownPathBody};
    const Route* found = row_for(rows, method);
    const Route& row = found == nullptr ? rows.front() : *found;
    return {row.body_limit, row.has_secrets};
}

net::Response Api::refusal(unsigned status, std::string_view text, const net::Request* head) const {
    if (head == nullptr) {
        auto out = render(failure_of(status, text), true, failures_);
        if (status == 505) out.status = status;
        return out;
    }
    // An error in the head of the request comes before the size of its body, as on the node.
    const std::string path = wire::normalised_path(head->path());
    Head checked = check_head(context_, *head, path);
    const auto failure = checked.failure.value_or(failure_of(status, text));
    auto out = render(failure, checked.cross_origin, failures_);
    if (checked.route != nullptr && checked.route->rules == Rules::legacy) in_old_form(out, failure);
    out.headers.insert(out.headers.end(), checked.extra.begin(), checked.extra.end());
    return out;
}

void Api::handle(net::Request request, net::Responder responder, std::size_t loop) {
    answer_request(context_, Exchange(std::move(request), std::move(responder), loop, failures_));
}

void answer_request(const Context& context, Exchange exchange) {
    const std::string path = wire::normalised_path(exchange.request.path());
    if (exchange.request.method == "OPTIONS" && !is_local(path)) return preflight(std::move(exchange));
    Head head = check_head(context, exchange.request, path);
    exchange.extra = std::move(head.extra);
    exchange.cross_origin = head.cross_origin;
    if (head.failure) return std::move(exchange).fail(*head.failure);
    if (exchange.is_too_large) return std::move(exchange).fail({ErrorCode::too_large, {}});
    if (const auto failure = decode_path(exchange, head.match)) return std::move(exchange).fail(*failure);
    // The exchange has both decoded. Here they point into `path`, which ends before a handler that runs later.
    head.match.entity = head.match.topic = {};
    const bool is_post = head.route->rules == Rules::rues && head.route->method == Method::post;
    const auto session = is_post ? exchange.request.header("rusk-session-id") : std::nullopt;
    if (!session) return dispatch(context, std::move(exchange), head.route, head.match);
    // A POST that names a session is answered only while that session is open (docs/reference/differences.md 38).
    const auto id = wire::parse_session_id(*session);
    if (!id) return std::move(exchange).fail({ErrorCode::session_unknown, {}});
    const std::size_t loop = exchange.loop;
    context.hub.find(*id, loop,
                     [&context, exchange = std::move(exchange), route = head.route,
                      match = head.match](std::optional<bool> is_open) mutable {
                         if (!is_open) return std::move(exchange).fail(*failure_of(feed::SubscribeResult::busy));
                         if (!*is_open) return std::move(exchange).fail({ErrorCode::session_unknown, {}});
                         const auto client = exchange.request.client;
                         const base::ActingFor scope(client.get());
                         dispatch(context, std::move(exchange), route, match);
                     });
}

}  // namespace rues::api
