#pragma once

#include "crypto/bls.hpp"

namespace rues::crypto {

/// The key t·sk whose plain signatures are the multisignature shares of `key`: `share_key(key, own).sign(m)` equals
/// `key.sign_share(m)`, but does not compute the public key again for each message, which costs as much as signing.
/// REQUIRES: `own` is the public key of `key`.
SecretKey share_key(const SecretKey& key, const PublicKey& own) noexcept;

}  // namespace rues::crypto
