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
/// The parameters of a request's query, decoded; 400 when they are not UTF-8.
Result<wire::Query> query_in(const net::Request& request);
/// The error for a result of the hub; nullopt for `ok`.
std::optional<Failure> failure_of(feed::SubscribeResult result);

}  // namespace rues::api
