#pragma once

#include "graphql/parser.hpp"
#include "graphql/resolver.hpp"
#include "graphql/validation.hpp"

namespace rues::graphql {

/// What a request may cost (GQ 9); the defaults leave room for every known client (GQ 6).
struct RequestLimits {
    ParseLimits parse;
    /// Of selection sets in each other, fragments followed, the operation's own set not counted: the node's only limit.
    std::uint32_t depth = 32;
    std::uint64_t fields = 100'000;     ///< after fragments were expanded
    std::uint64_t root_fields = 5'000;  ///< aliases of one batch; wallets send 500
    ExecutionLimits execution;
};

/// Depth and cost of a document before anything else looks at it, in time linear to its length whatever it expands to.
std::optional<Problem> over_limits(const Document& document, const RequestLimits& limits);

}  // namespace rues::graphql
