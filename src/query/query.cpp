#include "query/query.hpp"

#include <stdexcept>

#include "query/types.hpp"

namespace rues::query {

graphql::SchemaBuilder declared() {
    graphql::SchemaBuilder out({.wide_integers = true});
    out.description = "What is known of the chain";
    add_block_types(out);
    const auto text = [](const JsonValue& v) { return graphql::Json{v.text}; };
    out.object<JsonValue>("BlockPair").field("json", "JSON!", text);
    out.object<JsonValue>("ContractEvents").field("json", "JSON!", text);
    out.scalar("JSON", "A scalar that can represent any JSON value.");
    out.object<JsonValue>("MoonlightTransfers").field("json", "JSON!", text);
    add_transaction_types(out);
    // Fields are printed and introspected in this order. It is the node's order.
    auto root = out.object<Root>("Query");
    add_block_field(root);
    add_transaction_fields(root);
    add_blocks_field(root);
    add_mempool_fields(root);
    add_last_block_pair(root);
    add_history_fields(root);
    add_event_fields(root);
    add_check_block(root);
    add_next_phoenix(root);
    return out;
}

graphql::Schema built(graphql::SchemaBuilder declarations) {
    auto out = std::move(declarations).build();
    if (!out) throw std::logic_error(out.error().text);
    return std::move(*out);
}

graphql::Schema schema() {
    return built(declared());
}

graphql::EngineOptions engine_options() {
    graphql::EngineOptions out;
    out.variable_types = false;  // as the node does (docs/reference/rusk-1.7.md 6.3)
    return out;
}

namespace {

constexpr Root kRoot;

}  // namespace

graphql::Response answer(const graphql::Schema& schema, graphql::Request request, Context& context,
                         std::function<bool()> cancelled, const graphql::EngineOptions& options) {
    return graphql::answer(schema, std::move(request), {&kRoot, &context, std::move(cancelled)}, options);
}

graphql::Response answer(graphql::Prepared& prepared, Context& context, std::function<bool()> cancelled) {
    return graphql::execute(prepared, {&kRoot, &context, std::move(cancelled)});
}

}  // namespace rues::query
