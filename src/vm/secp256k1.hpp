#pragma once

#include <optional>

#include "base/bytes.hpp"

namespace rues::vm {

/// The uncompressed key (04, x, y) whose signature of `hash` this is; libsecp256k1. Signature: r, s, and the recovery
/// byte v, which is 0 or 1, or as Ethereum writes it 27 or 28. nullopt: another v, r or s not below the order or zero,
/// or no such key. A high s is valid. Any thread.
std::optional<base::ByteArray<65>> secp256k1_recover(const base::Hash32& hash, const base::ByteArray<65>& signature);

}  // namespace rues::vm
