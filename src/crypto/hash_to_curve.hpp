#pragma once

#include "crypto/bls.hpp"

namespace rues::crypto {

/// The point of G1 that is signed: RFC 9380 with Dusk's domain (v2, LM 2.2), or the generator times the hash, whose
/// logarithm everybody knows (v1, LM 2.3). Takes its time from the length of the message only.
blst_p1 hash_to_curve(ByteView message, BlsVersion version) noexcept;

}  // namespace rues::crypto
