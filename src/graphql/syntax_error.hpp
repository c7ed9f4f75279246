#pragma once

#include "graphql/error.hpp"

namespace rues::graphql {

/// A syntax error in the node's layout: the place, the line with a mark under the place, the cause
/// (docs/reference/graphql.md 7.2). A line longer than 1,000 bytes is not quoted.
Error syntax_error(std::string_view source, std::uint32_t at, std::string_view cause);

}  // namespace rues::graphql
