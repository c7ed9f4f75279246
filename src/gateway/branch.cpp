#include "gateway/branch.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rues::gateway {

std::expected<Fork, std::string> fork_of(const OpenBlocks& own, std::span<const LabelAnswer> theirs) {
    const auto most = std::min(own.blocks.size(), theirs.size());
    for (std::size_t i = 0; i < most; ++i) {
        if (theirs[i].height != own.lowest() + i)
            return std::unexpected(
                fmt::format("block {} stands where block {} was asked for", theirs[i].height, own.lowest() + i));
        if (theirs[i].hash == own.blocks[i].hash) continue;
        if (i == 0)
            return std::unexpected(
                fmt::format("it has another block {}, and this gateway cannot take its own back", own.lowest()));
        return Fork{own.lowest() + i - 1, true};
    }
    if (theirs.empty()) return std::unexpected(fmt::format("it does not show block {}", own.lowest()));
    return Fork{own.lowest() + most - 1, false};
}

bool TurnLimit::take(Time now) {
    while (!times_.empty() && now - times_.front() >= kWithin) times_.pop_front();
    if (times_.size() == kMost) return false;
    times_.push_back(now);
    return true;
}

}  // namespace rues::gateway
