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

DoubleSchnorrSignature schnorr_sign_double(const Fl& secret, const Fr& message, const Fl& random) noexcept {
    const JubJubPoint nonce = jubjub_generator_multiples() * random;
    const JubJubPoint nonce_nums = jubjub_nums_multiples() * random;
    const JubJubAffine r = nonce.affine();
    const JubJubAffine r_nums = nonce_nums.affine();
    const JubJubAffine key = (jubjub_generator_multiples() * secret).affine();
    const Fl c = poseidon_truncated(std::array{r.u, r.v, r_nums.u, r_nums.v, key.u, key.v, message});
    return {random - c * secret, nonce, nonce_nums};
}

}  // namespace rues::crypto
