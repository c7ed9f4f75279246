#pragma once

#include <expected>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "graphql/resolver.hpp"

/// Reads arguments as the node does, with the node's error texts (docs/reference/graphql.md 3, 7.5). The functions that
/// take `out` fail the call when the argument is invalid, and then return nullopt.
namespace rues::query {

/// A count or a height: GraphQL's Int is signed, so a negative number fails the call. REQUIRES: the argument is given.
std::optional<std::uint64_t> unsigned_argument(const graphql::Call& call, std::size_t argument, graphql::Out& out);
std::optional<base::Bytes> hex_argument(const graphql::Call& call, std::size_t argument, graphql::Out& out);

/// The error is the node's text.
std::expected<base::Bytes, std::string> decode_hex(std::string_view text);
/// Decodes base58. A text that is far too long for any key gives empty bytes.
std::expected<base::Bytes, std::string> decode_base58(std::string_view text);

}  // namespace rues::query
