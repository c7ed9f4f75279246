#pragma once

#include "crypto/jubjub.hpp"

/// Schnorr signatures on JubJub (docs/reference/phoenix-and-plonk.md 3.6). Pure, any thread. Signing is not
/// constant-time.
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

/// A signature with the key of a note: it holds for G and for G'.
struct DoubleSchnorrSignature {
    Fl u;
    JubJubPoint nonce;       ///< R
    JubJubPoint nonce_nums;  ///< R'
};

/// Signs for the keys secret·G and secret·G'. `random` as in `schnorr_sign`.
DoubleSchnorrSignature schnorr_sign_double(const Fl& secret, const Fr& message, const Fl& random) noexcept;

}  // namespace rues::crypto
