#pragma once

#include "crypto/jubjub.hpp"

/// Schnorr signatures on JubJub with one generator (docs/reference/phoenix-and-plonk.md 3.6). Pure, any thread. Signing
/// is not constant-time.
namespace rues::crypto {

struct SchnorrSignature {
    Fl u;
    JubJubPoint nonce;  ///< R
};

/// u·G + c·pk == R. False when the key or R is not on the curve, not of prime order, or the identity. Takes any
/// coordinates.
bool schnorr_verify(const JubJubPoint& key, const SchnorrSignature& signature, const Fr& message) noexcept;

/// Signs for the key secret·G. `random` must be drawn anew for each signature: two messages with the same one give the
/// secret away.
SchnorrSignature schnorr_sign(const Fl& secret, const Fr& message, const Fl& random) noexcept;

}  // namespace rues::crypto
