#include <algorithm>

#include "api/routes.hpp"
#include "api/sessions/session.hpp"
#include "api/sessions/subscribing.hpp"
#include "base/encoding.hpp"

/// Opens sessions, and subscribes and unsubscribes them by request. docs/reference/protocol.md 2, 3;
/// docs/reference/rusk-1.7.md 4; docs/delivery.md.
namespace rues::api::sessions {
namespace {

struct Asked {
    wire::SessionId id;
    wire::Uri uri;
    feed::SubscribeOptions options;
};

Result<Asked> asked(const Context& context, const net::Request& request) {
    const auto text = request.header("rusk-session-id");
    const auto id = text ? wire::parse_session_id(*text) : std::nullopt;
    if (!id) return fail(ErrorCode::session_unknown);
    auto uri = subscription_at(context, request.path());
    if (!uri) return std::unexpected(uri.error());
    Asked out{*id, std::move(*uri), {}};
    std::optional<wire::Query> query;
    if (request.target.contains('?')) {
        auto read = query_in(request);
        if (!read) return std::unexpected(read.error());
        query = std::move(*read);
    }
    if (const auto after = request.header("rues-after")) {
        const auto position = position_from(*after);
        if (!position) return std::unexpected(position.error());
        out.options.after = *position;
    } else if (query) {
        const auto position = position_in(*query, "after");
        if (!position) return std::unexpected(position.error());
        out.options.after = *position;
    }
    const auto decodes = decode_in(request, query ? &*query : nullptr);
    if (!decodes) return std::unexpected(decodes.error());
    out.options.decodes = *decodes;
    const auto certainty = certainty_in(request, query ? &*query : nullptr);
    if (!certainty) return std::unexpected(certainty.error());
    out.options.finality = certainty->finality;
    out.options.retractions = certainty->retractions;
    return out;
}

auto answer(Exchange exchange) {
    return [exchange = std::move(exchange)](feed::Subscribed subscribed) mutable {
        if (const auto failure = failure_of(subscribed.result)) return std::move(exchange).fail(*failure);
        exchange.extra.emplace_back("rues-position", subscribed.position.to_string());
        if (subscribed.recovered)
            exchange.extra.emplace_back("rues-recovered", *subscribed.recovered ? "true" : "false");
        if (subscribed.decodes) exchange.extra.emplace_back("rues-decode", "json");
        if (subscribed.certainty.finality != wire::Finality::accepted)
            exchange.extra.emplace_back("rues-finality", wire::to_text(subscribed.certainty.finality));
        if (subscribed.certainty.retractions) exchange.extra.emplace_back("rues-retractions", "true");
        exchange.until_sent = std::move(subscribed.hold);
        std::move(exchange).empty(200);
    };
}

ErrorCode code_of(unsigned status) {
    if (status == 405) return ErrorCode::handshake_method;
    return status == 426 ? ErrorCode::upgrade_required : ErrorCode::bad_handshake;
}

void open(const Context& context, Exchange exchange, feed::Opening opening, std::optional<wire::Position> after) {
    net::Headers headers = common_headers(true);
    if (opening.restored) {
        headers.emplace_back("rues-recovered", opening.restored->recovered ? "true" : "false");
        headers.emplace_back("rues-position", opening.restored->from.to_string());
    }
    auto session = std::make_unique<Session>(context, std::move(opening), after);
    std::move(exchange).take_responder().upgrade(std::move(headers), std::move(session));
}

}  // namespace

std::optional<Failure> handshake_failure(const Context& context, const net::Request& request) {
    if (const auto problem = net::websocket_problem(request)) return Failure{code_of(problem->first), problem->second};
    // Only browsers send the header, and pages cannot change it. Any other client may say what it likes, so it is not
    // asked.
    const auto origin = request.header("origin");
    const auto& allowed = context.ws_origins;
    const auto is_origin = [&origin](std::string_view one) { return base::equal_ignoring_case(one, *origin); };
    if (allowed.empty() || !origin || std::ranges::any_of(allowed, is_origin)) return std::nullopt;
    return Failure{ErrorCode::origin_not_allowed, std::string(*origin)};
}

void upgrade(const Context& context, Exchange exchange) {
    if (const auto failure = handshake_failure(context, exchange.request)) return std::move(exchange).fail(*failure);
    const auto query = query_in(exchange.request);
    if (!query) return std::move(exchange).fail(query.error());
    const auto decodes = decode_in(exchange.request, &*query);
    if (!decodes) return std::move(exchange).fail(decodes.error());
    const auto certainty = certainty_in(exchange.request, &*query);
    if (!certainty) return std::move(exchange).fail(certainty.error());
    const auto after = position_in(*query, "after");
    if (!after) return std::move(exchange).fail(after.error());
    const auto resume = wire::find(*query, "resume");
    if (!resume) {
        feed::Opening opening;
        opening.decodes = decodes->value_or(false);
        opening.certainty = certainty->or_default();
        if (*after) {
            const auto [from, recovered] = context.hub.resolve(**after);
            opening.restored = feed::Restored{{}, from, recovered};
        }
        return open(context, std::move(exchange), std::move(opening), *after);
    }
    const auto old = wire::parse_session_id(*resume);
    if (!old)
        return std::move(exchange).fail({ErrorCode::invalid_input, "resume must be a session id of 32 hex digits"});
    base::Held resuming(exchange.request.client, base::Holding::resumes);
    if (const auto taken = resuming.resize(1); taken != base::Taken::yes) {
        return std::move(exchange).fail(
            {ErrorCode::client_limit, exchange.request.client->reason(base::Holding::resumes, taken)});
    }
    const std::size_t loop = exchange.loop;
    context.hub.take_over(
        *old, *after, loop,
        [&context, exchange = std::move(exchange), after = *after, resuming = std::move(resuming),
         decodes = decodes->value_or(false), certainty = certainty->or_default()](feed::Restored restored) mutable {
            feed::Opening opening;
            opening.resuming = std::move(resuming);
            opening.decodes = decodes;
            opening.certainty = certainty;
            opening.restored = std::move(restored);
            open(context, std::move(exchange), std::move(opening), after);
        });
}

void subscribe(const Context& context, Exchange exchange) {
    auto what = asked(context, exchange.request);
    if (!what) return std::move(exchange).fail(what.error());
    context.hub.subscribe(what->id, std::move(what->uri), what->options, answer(std::move(exchange)));
}

void unsubscribe(const Context& context, Exchange exchange) {
    auto what = asked(context, exchange.request);
    if (!what) return std::move(exchange).fail(what.error());
    context.hub.unsubscribe(what->id, std::move(what->uri), answer(std::move(exchange)));
}

}  // namespace rues::api::sessions
