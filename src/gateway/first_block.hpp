#pragma once

#include <chrono>

#include "base/error.hpp"
#include "gateway/upstreams.hpp"
#include "ledger/block.hpp"

namespace rues::gateway {

/// The first block of a new store, and the chain that it belongs to.
struct FirstBlock {
    ledger::Header header;
    std::uint8_t chain_id = 0;
};

/// How long `first_block` waits until a node answers.
inline constexpr std::chrono::seconds kFirstWait{10};

/// Block `height` as the nodes show it; all that answer must agree on it and on the chain id. Blocks.
base::Result<FirstBlock> first_block(const Upstreams& nodes, std::uint64_t height);

}  // namespace rues::gateway
