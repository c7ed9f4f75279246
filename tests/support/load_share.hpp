#pragma once

#include <algorithm>
#include <cstdlib>

#include "support/sanitized.hpp"

namespace rues::test {

/// RUES_LOAD_SHARE=n asks for an n-th of the work, for runs under sanitizers.
inline std::size_t load_share() {
    const char* share = std::getenv("RUES_LOAD_SHARE");
    return share == nullptr ? 1 : std::max<std::size_t>(1, std::strtoul(share, nullptr, 10));
}

/// The same for many cases of one kind. Without a sanitizer all of them are tried, whatever the variable says.
inline std::size_t case_share() {
    return kSanitized ? load_share() : 1;
}

}  // namespace rues::test
