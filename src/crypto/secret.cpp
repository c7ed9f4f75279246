#include "crypto/secret.hpp"

#include "base/wipe.hpp"

namespace rues::crypto {

void wipe(std::span<std::byte> memory) noexcept {
    base::wipe(memory);
}

}  // namespace rues::crypto
