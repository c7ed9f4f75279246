#pragma once

#include <algorithm>
#include <cstdlib>

namespace rues::test {

/// RUES_LOAD_SHARE=n asks for an n-th of the work, for runs under sanitizers.
inline std::size_t load_share() {
    const char* share = std::getenv("RUES_LOAD_SHARE");
    return share == nullptr ? 1 : std::max<std::size_t>(1, std::strtoul(share, nullptr, 10));
}

}  // namespace rues::test
