#pragma once

#include "graphql/builder.hpp"
#include "graphql/engine.hpp"
#include "query/context.hpp"

/// The schema of a Dusk node over the store (GQ 1, rusk-1.7 6).
namespace rues::query {

/// Everything that is declared, so that a transport can add what is its own.
graphql::SchemaBuilder declared();
/// Exactly the node's.
graphql::Schema schema();
/// As the node reads variables, and what a request may cost.
graphql::EngineOptions engine_options();

/// `cancelled` is asked again and again, and must be cheap.
graphql::Response answer(const graphql::Schema& schema, graphql::Request request, Context& context,
                         std::function<bool()> cancelled, const graphql::EngineOptions& options = engine_options());

/// The answer to a query that is prepared.
graphql::Response answer(graphql::Prepared& prepared, Context& context, std::function<bool()> cancelled);

}  // namespace rues::query
