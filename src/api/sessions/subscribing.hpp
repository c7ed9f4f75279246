#pragma once

#include "api/api.hpp"
#include "wire/path.hpp"

/// Reading of URIs, positions and results for every way to subscribe (requests, commands, streams, history), so that
/// all of them take and answer the same.
namespace rues::api {

/// The URI of a subscription from its percent-encoded path. 404 for other paths, 400 for a URI that is too long.
Result<wire::Uri> subscription_at(const Context& context, std::string_view path);
/// Reads a position; 400 for any other text.
Result<wire::Position> position_from(std::string_view text);
/// Reads the position in a parameter of the query; nullopt without the parameter.
Result<std::optional<wire::Position>> position_in(const wire::Query& query, std::string_view name);
/// Whether events of contracts come decoded, from the value of `Rues-Decode` or `decode`: `json` or `no`; 400 for any
/// other text.
Result<bool> decode_from(std::string_view text);
/// The same from a request: its header, else the parameter of its query, which is null when it was not read; nullopt
/// when the request says nothing.
Result<std::optional<bool>> decode_in(const net::Request& request, const wire::Query* query);
/// How firm blocks must be, and whether retractions come, as far as somebody says it (docs/decisions/0032).
struct AskedCertainty {
    std::optional<wire::Finality> finality{};
    std::optional<bool> retractions{};
    wire::Certainty or_default() const {
        return {finality.value_or(wire::Finality::accepted), retractions.value_or(false)};
    }
};
/// From the values of `Rues-Finality` or `finality`, and of `Rues-Retractions` or `retractions`; 400 for other texts.
Result<wire::Finality> finality_from(std::string_view text);
Result<bool> retractions_from(std::string_view text);
/// Both from a request, as `decode_in`.
Result<AskedCertainty> certainty_in(const net::Request& request, const wire::Query* query);
/// The parameters of a request's query, decoded; 400 when they are not UTF-8.
Result<wire::Query> query_in(const net::Request& request);
/// The reason why the hub opened no session, as the answer to a request and as the end of a WebSocket.
struct NoSession {
    Failure failure;
    std::uint16_t close_code;
    std::string reason;
};
/// `client`: the one that asked; null: it is not known.
NoSession no_session(const base::Client* client);
/// The error for a result of the hub; nullopt for `ok`.
std::optional<Failure> failure_of(feed::SubscribeResult result);

}  // namespace rues::api
