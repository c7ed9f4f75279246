#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace rues::app {

/// The known word that the writer of `word` most likely meant: the one at the smallest number of typing errors (a
/// letter too many, missing or wrong, or two exchanged), or the only one that begins with `word`. Case and leading
/// dashes do not count. nullopt when no known word is near.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> known);

}  // namespace rues::app
