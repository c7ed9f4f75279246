#pragma once

#include "graphql/builder.hpp"
#include "graphql/engine.hpp"
#include "query/context.hpp"

/// The GraphQL schema of a Dusk node, resolved from the store (docs/reference/graphql.md 1,
/// docs/reference/rusk-1.7.md 6).
namespace rues::query {

/// The node's types and fields as a builder, so that a transport can add its own types.
graphql::SchemaBuilder declared();
/// Builds a schema from declarations of this program. Only a mistake in them makes it throw, and that would show at
/// every start and in every test.
graphql::Schema built(graphql::SchemaBuilder declarations);
/// Exactly the node's schema.
graphql::Schema schema();
/// Reads variables as the node does, and bounds the cost of a request.
graphql::EngineOptions engine_options();

/// Answers one request from `context`. `cancelled` is called often and must be cheap; when it returns true, the request
/// is stopped. Afterwards check `context.snapshot().failed()` and `missed()`.
graphql::Response answer(const graphql::Schema& schema, graphql::Request request, Context& context,
                         std::function<bool()> cancelled, const graphql::EngineOptions& options = engine_options());

/// Answers a query that was prepared before.
graphql::Response answer(graphql::Prepared& prepared, Context& context, std::function<bool()> cancelled);

}  // namespace rues::query
