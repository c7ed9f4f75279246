#pragma once

#include <algorithm>

#include "unit/gateway/recorded_blocks.hpp"

/// Blocks of other branches than the recorded one, with the recorded transactions and events.
namespace rues::gateway::test {

/// Recorded block `height` as a child of `parent`, `later` seconds later than it was made: another block.
inline BlockAnswer on_branch(std::size_t height, const Parent& parent, std::uint64_t later) {
    auto out = recorded_answer(height);
    const auto before = out.header.hash;
    out.header.prev_block_hash = parent.hash;
    out.header.timestamp = std::max(out.header.timestamp, parent.timestamp) + later;
    out.header.hash = out.header.compute_hash();
    for (auto& event : out.events) {
        if (event.origin == before) event.origin = out.header.hash;
    }
    return out;
}

inline Parent as_parent(const ledger::Header& header) {
    return {header.height, header.hash, header.timestamp};
}

}  // namespace rues::gateway::test
