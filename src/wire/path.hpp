#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Request paths as the node's router sees them. docs/reference/rusk-1.7.md 1.1, 1.2.
namespace rues::wire {

/// A path that ends with `/` or starts with `//` loses all slashes at both ends and gets one in front.
std::string normalised_path(std::string_view path);

/// `%xx` decoded once; nullopt when the result is not UTF-8. A `%` without two digits stands for itself.
std::optional<std::string> percent_decoded(std::string_view text);
/// The inverse, for one segment of a path or one value of a query: every byte becomes `%XX`, except the characters that
/// need no encoding in either (RFC 3986 3.3, 3.4). `+`, `&` and `=` are encoded.
std::string percent_encoded(std::string_view text);

/// The parameters of a request target's query, in order, with names and values decoded (`+` is a blank). nullopt when
/// one of them is not UTF-8.
using Query = std::vector<std::pair<std::string, std::string>>;
std::optional<Query> query_of(std::string_view target);
/// The first value of a parameter.
std::optional<std::string_view> find(const Query& query, std::string_view name) noexcept;

}  // namespace rues::wire
