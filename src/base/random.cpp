#include "base/random.hpp"

#include <sys/random.h>

#include <cerrno>

namespace rues::base {

bool system_random(std::span<std::byte> out) noexcept {
    while (!out.empty()) {
        const auto got = ::getrandom(out.data(), out.size(), 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        out = out.subspan(static_cast<std::size_t>(got));
    }
    return true;
}

}  // namespace rues::base
