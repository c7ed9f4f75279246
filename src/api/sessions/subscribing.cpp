#include "api/sessions/subscribing.hpp"

#include <fmt/format.h>

#include "wire/websocket.hpp"

namespace rues::api {
namespace {

Failure too_long() {
    return {ErrorCode::invalid_input,
            fmt::format("the URI of a subscription has at most {} bytes", feed::kMaxUriBytes)};
}

}  // namespace

Result<wire::Uri> subscription_at(const Context& context, std::string_view path) {
    wire::Uri::ParseError why{};
    auto uri = wire::Uri::parse(wire::normalised_path(path), &why, context.contracts_wildcard);
    if (uri && feed::is_too_long(*uri)) return std::unexpected(too_long());
    if (uri) return std::move(*uri);
    return fail(why == wire::Uri::ParseError::invalid ? ErrorCode::invalid_path : ErrorCode::path_not_found);
}

Result<wire::Position> position_from(std::string_view text) {
    if (const auto position = wire::Position::parse(text)) return *position;
    return fail(ErrorCode::invalid_input, "a position must be 16 hex digits, a hyphen and a decimal number");
}

Result<std::optional<wire::Position>> position_in(const wire::Query& query, std::string_view name) {
    const auto text = wire::find(query, name);
    if (!text) return std::nullopt;
    const auto position = position_from(*text);
    if (!position) return std::unexpected(position.error());
    return *position;
}

Result<bool> decode_from(std::string_view text) {
    if (text == "json") return true;
    if (text == "no") return false;
    return fail(ErrorCode::invalid_input, "events can be decoded as json or no");
}

namespace {

/// The value of a header, else of a parameter of the query.
std::optional<std::string> said(const net::Request& request, const wire::Query* query, std::string_view header,
                                std::string_view parameter) {
    if (const auto text = request.header(header)) return std::string(*text);
    if (query == nullptr) return std::nullopt;
    const auto found = wire::find(*query, parameter);
    return found ? std::optional<std::string>(*found) : std::nullopt;
}

}  // namespace

Result<std::optional<bool>> decode_in(const net::Request& request, const wire::Query* query) {
    const auto text = said(request, query, "rues-decode", "decode");
    if (!text) return std::nullopt;
    const auto decodes = decode_from(*text);
    if (!decodes) return std::unexpected(decodes.error());
    return *decodes;
}

Result<wire::Finality> finality_from(std::string_view text) {
    if (const auto finality = wire::finality_of(text)) return *finality;
    return fail(ErrorCode::invalid_input, "a finality is accepted, confirmed or final");
}

Result<bool> retractions_from(std::string_view text) {
    if (text == "true") return true;
    if (text == "false") return false;
    return fail(ErrorCode::invalid_input, "retractions are true or false");
}

Result<AskedCertainty> certainty_in(const net::Request& request, const wire::Query* query) {
    AskedCertainty out;
    if (const auto text = said(request, query, "rues-finality", "finality")) {
        const auto finality = finality_from(*text);
        if (!finality) return std::unexpected(finality.error());
        out.finality = *finality;
    }
    if (const auto text = said(request, query, "rues-retractions", "retractions")) {
        const auto retractions = retractions_from(*text);
        if (!retractions) return std::unexpected(retractions.error());
        out.retractions = *retractions;
    }
    return out;
}

Result<wire::Query> query_in(const net::Request& request) {
    auto query = wire::query_of(request.target);
    if (!query) return fail(ErrorCode::invalid_url, "query");
    return std::move(*query);
}

NoSession no_session(const base::Client* client) {
    constexpr std::uint16_t kTryAgainLater = 1013;
    auto own = client == nullptr ? std::nullopt : client->reason_if_full(base::Holding::sessions);
    if (own) return {{ErrorCode::client_limit, *own}, wire::websocket::close_code::kPolicy, *own};
    return {{ErrorCode::overloaded, "too many sessions"}, kTryAgainLater, "too many sessions"};
}

std::optional<Failure> failure_of(feed::SubscribeResult result) {
    using enum feed::SubscribeResult;
    switch (result) {
    case ok:
        return std::nullopt;
    case unknown_session:
        return Failure{ErrorCode::session_unknown, {}};
    case not_subscribed:
        return Failure{ErrorCode::not_subscribed, {}};
    case too_long:
        return api::too_long();
    case too_many:
        return Failure{ErrorCode::too_many, {}};
    case too_many_of_client:
        return Failure{ErrorCode::client_limit,
                       "your address has too many subscriptions (setting client-subscriptions)"};
    case journal_of_client:
        return Failure{
            ErrorCode::client_limit,
            "your address has too many bytes of subscriptions in the journal (setting client-journal-bytes)"};
    case too_many_of_all:
        return Failure{ErrorCode::overloaded, "all clients have too many subscriptions (setting subscriptions)"};
    case journal_of_all:
        return Failure{ErrorCode::overloaded,
                       "all clients have too many bytes of subscriptions in the journal (setting journal-bytes)"};
    case too_many_replays:
        return Failure{ErrorCode::overloaded, "too many subscriptions of this session are being replayed"};
    case busy:
        break;
    }
    return Failure{ErrorCode::overloaded, "too many requests wait for this session"};
}

}  // namespace rues::api
