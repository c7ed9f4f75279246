#pragma once

#include <expected>

#include "graphql/document.hpp"

namespace rues::graphql {

struct ParseLimits {
    std::size_t bytes = 3U << 20U;       ///< docs/reference/graphql.md 9; the body limit of the legacy endpoint
    std::size_t tokens = 100'000;        ///< docs/reference/graphql.md 9; 500 aliases of a wallet take 12,500
    std::uint32_t selection_depth = 64;  ///< the node's own, with its text (docs/reference/graphql.md 7.2)
    std::uint32_t value_depth = 64;      ///< nesting of lists and objects
};

/// Parses an executable document (specification 2). The error has the layout and the location that the node gives
/// (docs/reference/graphql.md 7.2); in simple cases its cause is the node's too. It accepts two things beyond the
/// grammar, because the node accepts them and clients send them (docs/reference/graphql.md 7.3): an empty list of
/// variables, and directives of a variable before its default value.
std::expected<Document, Error> parse(std::string_view source, const ParseLimits& limits = {});

}  // namespace rues::graphql
