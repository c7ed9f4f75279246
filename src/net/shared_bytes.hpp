#pragma once

#include <memory>

#include "base/bytes.hpp"

namespace rues::net {

/// Immutable bytes that many answers share: an answer that nobody reads keeps a reference, not a copy.
struct SharedBytes {
    base::ByteView bytes{};
    std::shared_ptr<const void> owner{};  ///< keeps `bytes` alive; null: they outlive the server
};

}  // namespace rues::net
