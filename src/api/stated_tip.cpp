#include "api/stated_tip.hpp"

#include "base/encoding.hpp"

namespace rues::api {

std::optional<StatedTip> tip_of(const store::Snapshot& snapshot) {
    const auto height = snapshot.height();
    const auto block = snapshot.block(height);
    if (!block || !*block) return std::nullopt;
    return StatedTip{height, (*block)->header.hash};
}

void state_tip(net::Headers& headers, const std::optional<StatedTip>& tip) {
    if (!tip) return;
    headers.emplace_back("rues-height", std::to_string(tip->height));
    headers.emplace_back("rues-hash", base::to_hex(tip->hash));
}

}  // namespace rues::api
