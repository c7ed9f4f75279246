#include "base/wipe.hpp"

#include <cstring>

namespace rues::base {

void wipe(std::span<std::byte> memory) noexcept {
    if (memory.empty()) return;  // its address may be null, and explicit_bzero takes no null
    ::explicit_bzero(memory.data(), memory.size());
}

}  // namespace rues::base
