#include "api/routes.hpp"
#include "api/session.hpp"

/// Opening a session and what it subscribes to. RP 2, 3; rusk-1.7 4.
namespace rues::api::sessions {
namespace {

struct Asked {
    wire::SessionId id;
    wire::Uri uri;
};

Outcome<Asked> asked(const net::Request& request) {
    const auto text = request.header("rusk-session-id");
    const auto id = text ? wire::parse_session_id(*text) : std::nullopt;
    if (!id) return fail(ErrorCode::session_unknown);
    wire::Uri::ParseError why{};
    auto uri = wire::Uri::parse(request.path(), &why);
    if (!uri) {
        return fail(why == wire::Uri::ParseError::invalid ? ErrorCode::invalid_path : ErrorCode::path_not_found);
    }
    return Asked{*id, std::move(*uri)};
}

auto answer(Call call) {
    return [call = std::move(call)](feed::SubscribeResult result, wire::Position position) mutable {
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
}

ErrorCode code_of(unsigned status) {
    if (status == 405) return ErrorCode::handshake_method;
    return status == 426 ? ErrorCode::upgrade_required : ErrorCode::bad_handshake;
}

}  // namespace

void upgrade(const Context& context, Call call) {
    if (const auto problem = net::websocket_problem(call.request)) {
        return std::move(call).fail({code_of(problem->first), problem->second});
    }
    auto session = std::make_unique<Session>(context.hub, call.loop);
    std::move(call).take_responder().upgrade(common_headers(true), std::move(session));
}

void subscribe(const Context& context, Call call) {
    auto what = asked(call.request);
    if (!what) return std::move(call).fail(what.error());
    context.hub.subscribe(what->id, std::move(what->uri), answer(std::move(call)));
}

void unsubscribe(const Context& context, Call call) {
    auto what = asked(call.request);
    if (!what) return std::move(call).fail(what.error());
    context.hub.unsubscribe(what->id, std::move(what->uri), answer(std::move(call)));
}

}  // namespace rues::api::sessions
