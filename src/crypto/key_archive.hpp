#pragma once

#include "base/bytes.hpp"

namespace rues::crypto {

/// The compressed form of a public key as contracts archive it (193 raw bytes, docs/reference/ledger.md 2.1), the way
/// the published data drivers write it: nothing is checked, and limbs are reduced. Any infinity byte but 0 is the
/// identity; those drivers write nonsense for bytes above 1. So the result may not be a key. `PublicKey::decode_raw`
/// checks, which costs some 30 times as much.
base::ByteArray<96> compress_archived_key(const base::ByteArray<193>& raw) noexcept;

}  // namespace rues::crypto
