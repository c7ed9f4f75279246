#pragma once

namespace rues::graphql {

class SchemaBuilder;
struct Schema;

/// Declares the types of introspection (specification 4.2, and what the node has of later drafts: rusk-1.7 6.4), and
/// the fields `__schema` and `__type`. Their resolvers find the schema through the request, so it may be moved.
void add_introspection(SchemaBuilder& to, Schema& schema);

}  // namespace rues::graphql
