#pragma once

namespace rues::graphql {

class SchemaBuilder;
struct Schema;

/// Declares the types of introspection (specification 4.2, and those of later drafts that the node has:
/// docs/reference/rusk-1.7.md 6.4), and the fields `__schema` and `__type`. Their resolvers find the schema through the
/// request, so the schema may be moved.
void add_introspection(SchemaBuilder& to, Schema& schema);

}  // namespace rues::graphql
