#pragma once

#include <expected>

#include "graphql/document.hpp"

namespace rues::graphql {

struct ParseLimits {
    std::size_t bytes = 3U << 20U;       ///< GQ 9; the body limit of the legacy endpoint
    std::size_t tokens = 100'000;        ///< GQ 9; 500 aliases of a wallet are 12,500
    std::uint32_t selection_depth = 64;  ///< the node's own, with its text (GQ 7.2)
    std::uint32_t value_depth = 64;      ///< lists and objects in each other
};

/// An executable document (specification 2). The error has the frame and the location that the node gives (GQ 7.2); its
/// cause is the node's in the simple cases. Accepted beyond the grammar, because the node accepts it and clients send
/// it (GQ 7.3): an empty list of variables, and directives of a variable before its default value.
std::expected<Document, Error> parse(std::string_view source, const ParseLimits& limits = {});

}  // namespace rues::graphql
