#include "crypto/share_key.hpp"

namespace rues::crypto {
namespace {

blst_scalar blst_form(const Scalar& scalar) noexcept {
    blst_scalar out;
    blst_scalar_from_lendian(&out, base::u8(ByteView(scalar)));
    return out;
}

}  // namespace

SecretKey share_key(const SecretKey& key, const PublicKey& own) noexcept {
    const blst_scalar secret = blst_form(key.bytes());
    const blst_scalar coefficient = blst_form(multisig_coefficient(own));
    blst_scalar product;
    blst_sk_mul_n_check(&product, &secret, &coefficient);
    Scalar out;
    blst_lendian_from_scalar(base::u8(out), &product);
    // Only a coefficient of 0 gives no key, and no public key is known for which the hash gives it.
    return SecretKey::decode(out).value_or(key);
}

}  // namespace rues::crypto
