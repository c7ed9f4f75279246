#pragma once

#include <expected>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "graphql/resolver.hpp"

/// Arguments as the node reads them, with its texts (GQ 3, 7.5). Each returns nothing once it has failed the call.
namespace rues::query {

/// REQUIRES: given. Int is signed; what counts something takes no negatives.
std::optional<std::uint64_t> unsigned_argument(const graphql::Call& call, std::size_t argument, graphql::Out& out);
std::optional<base::Bytes> hex_argument(const graphql::Call& call, std::size_t argument, graphql::Out& out);

/// The error is the node's.
std::expected<base::Bytes, std::string> decode_hex(std::string_view text);
/// The same of base58. A text that is far too long for any key is empty bytes.
std::expected<base::Bytes, std::string> decode_base58(std::string_view text);

}  // namespace rues::query
