#pragma once

#include "crypto/bls.hpp"

namespace rues::crypto {

/// The point of G1 that is signed. v2: RFC 9380 with Dusk's domain (docs/reference/ledger.md 2.2). v1: the generator
/// times the hash, so that everybody knows the logarithm (docs/reference/ledger.md 2.3). The time depends only on the
/// length of the message.
blst_p1 hash_to_curve(ByteView message, BlsVersion version) noexcept;

}  // namespace rues::crypto
