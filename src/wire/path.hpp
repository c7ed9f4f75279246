#pragma once

#include <optional>
#include <string>
#include <string_view>

/// Request paths as the node's router sees them. rusk-1.7 1.1, 1.2.
namespace rues::wire {

/// A path that ends with `/` or starts with `//` loses all slashes at both ends and gets one in front.
std::string normalised_path(std::string_view path);

/// `%xx` decoded once; nullopt when the result is not UTF-8. A `%` without two digits stands for itself.
std::optional<std::string> percent_decoded(std::string_view text);

}  // namespace rues::wire
