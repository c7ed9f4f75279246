#include "api/api.hpp"

#include "api/routes.hpp"
#include "api/session.hpp"
#include "wire/headers.hpp"
#include "wire/path.hpp"
#include "wire/version.hpp"

namespace rues::api {
namespace {

constexpr std::size_t kMaxBody = 3 << 20;  // decisions 10
constexpr std::size_t kMaxDevBody = 64;

bool wants_upgrade(const net::Request& request) {
    return request.header("upgrade").has_value();
}

}  // namespace

Api::Api(Context context) : context_(std::move(context)) {
    context_.node_info = node::info(context_.chain.options());
}

std::size_t Api::body_limit(std::string_view, std::string_view path) const {
    return dev::is_path(path) ? kMaxDevBody : kMaxBody;
}

net::Response Api::refusal(unsigned status, std::string_view text) const {
    switch (status) {
    case 408:
        return render({ErrorCode::request_timeout, {}}, true);
    case 413:
        return render({ErrorCode::too_large, {}}, true);
    case 431:
        return render({ErrorCode::head_too_large, {}}, true);
    case 501:
        return render({ErrorCode::unsupported, {}}, true);
    case 500:
        return render({ErrorCode::internal, {}}, true);
    case 503:
        return render({ErrorCode::overloaded, std::string(text)}, true);
    default:
        break;
    }
    auto out = render({ErrorCode::bad_request, std::string(text)}, true);
    if (status != 400) out.status = status;
    return out;
}

void Api::handle(net::Request request, net::Responder responder, std::size_t loop) {
    Call call(std::move(request), std::move(responder), loop);
    const std::string path = wire::normalised_path(call.request.path());
    if (dev::is_path(path)) return dev::dispatch(context_, std::move(call));
    if (call.request.method == "OPTIONS") return preflight(std::move(call));
    if (path == "/on" || (path == "/" && wants_upgrade(call.request))) {
        if (call.request.method != "GET") {
            call.extra.emplace_back("allow", "GET,HEAD,OPTIONS");
            return std::move(call).fail({ErrorCode::method_not_allowed, {}});
        }
        return upgrade(std::move(call));
    }
    std::string_view entity;
    std::string_view topic;
    const Route* route = find_route(path, entity, topic);
    if (route == nullptr) return std::move(call).fail({ErrorCode::path_not_found, {}});
    dispatch(std::move(call), *route, path);
}

void Api::dispatch(Call call, const Route& route, std::string_view path) {
    const auto& headers = call.request.headers;
    const auto version = wire::check_version_headers(call.request.header("rusk-version"),
                                                     call.request.header("rusk-version-strict").has_value());
    if (version) return std::move(call).fail({ErrorCode::version_mismatch, *version});
    if (route.deprecated) {
        call.extra.emplace_back("deprecation", "true");
        call.extra.emplace_back("deprecation-note", "This endpoint is deprecated and scheduled for removal");
    }
    const bool subscribes = call.request.method == "GET" || call.request.method == "DELETE";
    if (!(subscribes && route.subscribes) && !(call.request.method == "POST" && route.posts)) {
        call.extra.emplace_back("allow", route.allow);
        return std::move(call).fail({ErrorCode::method_not_allowed, {}});
    }

    std::string_view raw_entity;
    std::string_view raw_topic;
    find_route(path, raw_entity, raw_topic);
    const auto entity = wire::percent_decoded(raw_entity);
    const auto topic = wire::percent_decoded(raw_topic);
    if (!entity || !topic) {
        return std::move(call).send(
            400, "text/plain; charset=utf-8",
            base::to_bytes(std::string("Invalid URL: Invalid UTF-8 in `") + (entity ? "topic" : "entity") + "`"));
    }
    if (subscribes) return subscription(std::move(call), path);

    if (topic->empty() || (route.entity == Route::Entity::required && entity->empty())) {
        return std::move(call).fail({ErrorCode::invalid_path, {}});
    }
    if (const auto problem = wire::header_encoding_problem(headers))
        return std::move(call).fail({ErrorCode::invalid_payload, *problem});
    auto body = wire::decode_body(headers, std::move(call.request.body));
    if (!body) return std::move(call).fail({ErrorCode::invalid_payload, body.error()});
    call.entity = *entity;
    call.topic = *topic;
    call.body = std::move(*body);
    for (auto& header : wire::echoed(headers)) call.extra.push_back(std::move(header));
    if (route.post == nullptr) return std::move(call).fail({ErrorCode::unsupported, {}});
    route.post(context_, std::move(call));
}

void Api::subscription(Call call, std::string_view path) {
    const auto id_text = call.request.header("rusk-session-id");
    const auto id = id_text ? wire::parse_session_id(*id_text) : std::nullopt;
    if (!id) return std::move(call).fail({ErrorCode::session_unknown, {}});
    wire::Uri::ParseError why{};
    auto uri = wire::Uri::parse(path, &why);
    if (!uri) {
        const auto code = why == wire::Uri::ParseError::invalid ? ErrorCode::invalid_path : ErrorCode::path_not_found;
        return std::move(call).fail({code, {}});
    }
    const bool adds = call.request.method == "GET";
    auto done = [call = std::move(call)](feed::SubscribeResult result, wire::Position position) mutable {
        switch (result) {
        case feed::SubscribeResult::ok:
            call.extra.emplace_back("rues-position", position.to_string());
            return std::move(call).empty(200);
        case feed::SubscribeResult::unknown_session:
            return std::move(call).fail({ErrorCode::session_unknown, {}});
        case feed::SubscribeResult::not_subscribed:
            return std::move(call).fail({ErrorCode::not_subscribed, {}});
        case feed::SubscribeResult::too_many:
            return std::move(call).fail({ErrorCode::too_many, {}});
        case feed::SubscribeResult::busy:
            return std::move(call).fail({ErrorCode::overloaded, "too many requests wait for this session"});
        }
    };
    if (adds) {
        context_.hub.subscribe(*id, std::move(*uri), std::move(done));
    } else {
        context_.hub.unsubscribe(*id, std::move(*uri), std::move(done));
    }
}

void Api::upgrade(Call call) {
    if (const auto problem = net::websocket_problem(call.request)) {
        return std::move(call).send(problem->first, "text/plain; charset=utf-8", base::to_bytes(problem->second));
    }
    auto session = std::make_unique<Session>(context_.hub, call.loop);
    std::move(call).take_responder().upgrade(common_headers(true), std::move(session));
}

void Api::preflight(Call call) {
    call.extra.emplace_back("access-control-allow-methods", "GET, POST, DELETE, OPTIONS");
    call.extra.emplace_back("access-control-allow-headers",
                            call.request.header("access-control-request-headers").value_or("*"));
    call.extra.emplace_back("access-control-max-age", "86400");
    std::move(call).empty(204);
}

}  // namespace rues::api
