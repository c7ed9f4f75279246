#pragma once

#include "graphql/parser.hpp"
#include "graphql/resolver.hpp"
#include "graphql/validation.hpp"

namespace rues::graphql {

/// The highest cost of a request (docs/reference/graphql.md 9). The defaults leave room for every known client
/// (docs/reference/graphql.md 6).
struct RequestLimits {
    ParseLimits parse;
    /// Nesting of selection sets, fragments included. The operation's own set does not count. The node's only limit.
    std::uint32_t depth = 32;
    std::uint64_t fields = 100'000;     ///< after fragments were expanded
    std::uint64_t root_fields = 5'000;  ///< aliases of one batch; wallets send 500
    ExecutionLimits execution;
};

/// Checks depth and cost of a document before anything else reads it, in time linear in its length, whatever it expands
/// to. nullopt when the document is within the limits.
std::optional<Problem> over_limits(const Document& document, const RequestLimits& limits);

}  // namespace rues::graphql
