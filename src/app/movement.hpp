#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"

namespace rues::app {

/// A transaction in an account's history: the change of that account's balance, and its reason.
struct Movement {
    std::uint64_t height = 0;
    std::string id;
    std::uint64_t in = 0, out = 0;   ///< LUX, without gas
    std::string other;               ///< the other account of a transfer; empty: none, or the account itself
    std::vector<std::string> kinds;  ///< topics of its events, each once; a plain transfer is `transfer`
};

/// Reads a group of the archive: `{"block_height","origin","events":[{"target","topic","data"}]}`
/// (docs/endpoints.md). `account` in base58. nullopt: it is not such a group. Amounts that do not fit are at their
/// largest.
std::optional<Movement> movement_of(const base::json::value& group, std::string_view account);

/// `   12  fb15…  -1.5 DUSK to ocXX…, transfer`.
std::string line_of(const Movement& movement);

}  // namespace rues::app
