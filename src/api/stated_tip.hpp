#pragma once

#include <cstdint>
#include <optional>

#include "chain/tip_state.hpp"
#include "net/http.hpp"
#include "store/store.hpp"

namespace rues::api {

/// The tip that an answer was computed at. docs/delivery.md, heights of answers.
struct StatedTip {
    std::uint64_t height = 0;
    base::Hash32 hash{};
};
/// The tip of a snapshot; nullopt: it cannot be read.
std::optional<StatedTip> tip_of(const store::Snapshot& snapshot);
inline StatedTip tip_of(const chain::TipState& state) {
    return {state.height(), state.hash()};
}
/// Adds `Rues-Height` and `Rues-Hash` to the headers of an answer.
void state_tip(net::Headers& headers, const std::optional<StatedTip>& tip);

}  // namespace rues::api
