#include "crypto/schnorr.hpp"

#include "crypto/poseidon.hpp"

namespace rues::crypto {
namespace {

/// c = H(R.u, R.v, pk.u, pk.v, message), cut to 250 bits.
Fl challenge(const JubJubPoint& nonce, const JubJubPoint& key, const Fr& message) noexcept {
    const JubJubAffine r = nonce.affine();
    const JubJubAffine pk = key.affine();
    return poseidon_truncated(std::array{r.u, r.v, pk.u, pk.v, message});
}

}  // namespace

bool schnorr_verify(const JubJubPoint& key, const SchnorrSignature& signature, const Fr& message) noexcept {
    if (!key.has_prime_order() || !signature.nonce.has_prime_order()) return false;
    const Fl c = challenge(signature.nonce, key, message);
    return jubjub_generator_multiples() * signature.u + key * c == signature.nonce;
}

SchnorrSignature schnorr_sign(const Fl& secret, const Fr& message, const Fl& random) noexcept {
    const JubJubPoint nonce = jubjub_generator_multiples() * random;
    const Fl c = challenge(nonce, jubjub_generator_multiples() * secret, message);
    return {random - c * secret, nonce};
}

}  // namespace rues::crypto
