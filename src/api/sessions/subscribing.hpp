#pragma once

#include "api/api.hpp"
#include "wire/path.hpp"

/// What all doors to the log read and answer alike: URIs, positions, and what became of a subscription.
namespace rues::api {

/// The URI of a subscription, as a path: the same on every door.
Outcome<wire::Uri> subscription_at(const Context& context, std::string_view path);
/// A position as text.
Outcome<wire::Position> position_from(std::string_view text);
/// A parameter of the query that is a position.
Outcome<std::optional<wire::Position>> position_in(const wire::Query& query, std::string_view name);
/// The parameters of a request's query.
Outcome<wire::Query> query_in(const net::Request& request);
/// nullopt: it went well.
std::optional<Failure> failure_of(feed::SubscribeResult result);

}  // namespace rues::api
