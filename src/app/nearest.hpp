#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace rues::app {

/// The known word that somebody who wrote `word` most likely meant: the one that fewest slips of a hand lead to
/// (a letter too many, missing, wrong, or two exchanged), or the only one that begins with it. Case and leading dashes
/// do not count. nullopt when none is near.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> known);

}  // namespace rues::app
