#pragma once

#include "graphql/builder.hpp"
#include "query/context.hpp"

/// The functions that declare the parts of the schema, in the order of its types.
namespace rues::query {

/// The object of the query type. It is empty: its fields read from the context.
struct Root {};

inline Context& context_of(const graphql::Call& call) {
    return call.context<Context>();
}
/// Error text of a field whose read failed. The whole request then fails as an error of this server.
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

/// The blocks that the arguments `last` (0) or `range` (1) select, in the node's order. When they are invalid it fails
/// the call and returns nullopt.
std::optional<std::vector<const Block*>> chosen_blocks(graphql::Call& call, graphql::Out& out);

}  // namespace rues::query
