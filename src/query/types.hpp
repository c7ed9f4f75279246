#pragma once

#include "graphql/builder.hpp"
#include "query/context.hpp"

/// The parts of the schema, in the order of its types.
namespace rues::query {

/// What the query type's fields are asked of; everything they know is in the context.
struct Root {};

inline Context& context_of(const graphql::Call& call) {
    return call.context<Context>();
}
/// What a field is told whose read failed; the request as a whole is our failure then.
inline constexpr const char* kUnreadable = "The store could not be read.";

void add_block_types(graphql::SchemaBuilder& to);
void add_transaction_types(graphql::SchemaBuilder& to);

using RootFields = graphql::ObjectBuilder<Root>;
void add_block_field(RootFields& to);
void add_transaction_fields(RootFields& to);  ///< tx, transactions, blockTxs
void add_blocks_field(RootFields& to);
void add_mempool_fields(RootFields& to);
void add_last_block_pair(RootFields& to);
void add_history_fields(RootFields& to);
void add_event_fields(RootFields& to);
void add_check_block(RootFields& to);
void add_next_phoenix(RootFields& to);

/// The blocks that `last` or `range` name, arguments 0 and 1, in the node's order; nothing once it has failed the call.
std::optional<std::vector<const Block*>> chosen_blocks(graphql::Call& call, graphql::Out& out);

}  // namespace rues::query
