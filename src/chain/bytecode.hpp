#pragma once

#include "base/bytes.hpp"

namespace rues::chain {

/// Whether the memory section of a WebAssembly module declares a 64-bit memory. Only the genesis contracts may have
/// one; a deployment of another is discarded before it is executed (docs/reference/machine.md 1.1). False for bytes
/// that are no module up to that section: what else is wrong with them is found when they are deployed.
bool declares_memory64(base::ByteView module);

}  // namespace rues::chain
