#include "phoenix/value_cipher.hpp"

#include "base/endian.hpp"
#include "crypto/cipher.hpp"

namespace rues::phoenix {
namespace {

constexpr std::size_t kNonce = 12;
constexpr std::size_t kPlain = 40;  ///< value, blinder

using Key = crypto::Secret<ByteArray<32>>;

Key key_of(const Key& shared, const StealthAddress& address) {
    return Key(crypto::hkdf_sha256(*shared, address.bytes(), base::view("Phoenix-Dusk")));
}

std::optional<Opened> decrypted(const ByteArray<68>& value_enc, const Key& key) {
    auto plain = crypto::aes_gcm_decrypt(*key, base::to_array<kNonce>(ByteView(value_enc).first(kNonce)),
                                         ByteView(value_enc).subspan(kNonce));
    if (!plain) return std::nullopt;
    const auto value = base::load_le<std::uint64_t>(plain->data());
    const auto blinder = Fl::from_bytes(base::to_array<32>(ByteView(*plain).last(32)));
    crypto::wipe(*plain);
    if (!blinder) return std::nullopt;
    return Opened{value, *blinder};
}

}  // namespace

ByteArray<68> encrypt_value(const Opened& opened, const StealthAddress& address, const JubJubPoint& shared,
                            const ByteArray<12>& nonce) {
    crypto::Secret<ByteArray<kPlain>> plain;
    base::store_le(plain->data(), opened.value);
    std::ranges::copy(opened.blinder.bytes(), plain->begin() + 8);
    const auto sealed = crypto::aes_gcm_encrypt(*key_of(Key(shared.encode()), address), nonce, *plain);
    ByteArray<68> out;
    std::ranges::copy(nonce, out.begin());
    std::ranges::copy(sealed, out.begin() + kNonce);
    return out;
}

std::optional<Opened> decrypt_value(const ByteArray<68>& value_enc, const StealthAddress& address,
                                    const JubJubPoint& shared) {
    const Key point(shared.encode());
    if (auto out = decrypted(value_enc, key_of(point, address))) return out;
    return decrypted(value_enc, point);  // wallets before phoenix-core 0.33 had no key derivation
}

}  // namespace rues::phoenix
