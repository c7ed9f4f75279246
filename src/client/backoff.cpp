#include "client/backoff.hpp"

#include <array>
#include <bit>

#include "base/random.hpp"

namespace rues::client {

std::uint32_t jitter_seed() {
    std::array<std::byte, sizeof(std::uint32_t)> drawn{};
    if (base::system_random(drawn)) return std::bit_cast<std::uint32_t>(drawn);
    return static_cast<std::uint32_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}

}  // namespace rues::client
