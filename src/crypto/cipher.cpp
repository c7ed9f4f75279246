#include "crypto/cipher.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

#include <cstdlib>
#include <memory>

#include "crypto/secret.hpp"

namespace rues::crypto {
namespace {

using base::Bytes;
using base::ByteView;

struct Free {
    void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
    void operator()(EVP_KDF_CTX* context) const noexcept { EVP_KDF_CTX_free(context); }
    void operator()(EVP_KDF* kdf) const noexcept { EVP_KDF_free(kdf); }
};

/// OpenSSL fails here only without memory, or built without these algorithms.
void require_success(bool done) {
    if (!done) std::abort();
}

OSSL_PARAM octets(const char* name, ByteView bytes) {
    return OSSL_PARAM_construct_octet_string(name, const_cast<std::byte*>(bytes.data()), bytes.size());
}

}  // namespace

base::ByteArray<32> hkdf_sha256(ByteView secret, ByteView salt, ByteView info) {
    const std::unique_ptr<EVP_KDF, Free> kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
    require_success(kdf != nullptr);
    const std::unique_ptr<EVP_KDF_CTX, Free> context(EVP_KDF_CTX_new(kdf.get()));
    require_success(context != nullptr);
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
                                     octets(OSSL_KDF_PARAM_KEY, secret), octets(OSSL_KDF_PARAM_SALT, salt),
                                     octets(OSSL_KDF_PARAM_INFO, info), OSSL_PARAM_construct_end()};
    base::ByteArray<32> out;
    require_success(EVP_KDF_derive(context.get(), base::u8(out), out.size(), parameters) == 1);
    return out;
}

Bytes aes_gcm_encrypt(const base::ByteArray<32>& key, const base::ByteArray<12>& nonce, ByteView plain) {
    const std::unique_ptr<EVP_CIPHER_CTX, Free> context(EVP_CIPHER_CTX_new());
    require_success(context != nullptr);
    require_success(EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, base::u8(key), base::u8(nonce)) == 1);
    Bytes out(plain.size() + kGcmTag);
    int written = 0;
    require_success(EVP_EncryptUpdate(context.get(), base::u8(out), &written, base::u8(plain),
                                      static_cast<int>(plain.size())) == 1);
    require_success(EVP_EncryptFinal_ex(context.get(), base::u8(out) + written, &written) == 1);
    require_success(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kGcmTag, base::u8(out) + plain.size()) ==
                    1);
    return out;
}

std::optional<Bytes> aes_gcm_decrypt(const base::ByteArray<32>& key, const base::ByteArray<12>& nonce,
                                     ByteView sealed) {
    if (sealed.size() < kGcmTag) return std::nullopt;
    const std::unique_ptr<EVP_CIPHER_CTX, Free> context(EVP_CIPHER_CTX_new());
    require_success(context != nullptr);
    require_success(EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, base::u8(key), base::u8(nonce)) == 1);
    const ByteView hidden = sealed.first(sealed.size() - kGcmTag);
    Bytes tag = base::to_bytes(sealed.last(kGcmTag));
    Bytes out(hidden.size());
    int written = 0;
    require_success(EVP_DecryptUpdate(context.get(), base::u8(out), &written, base::u8(hidden),
                                      static_cast<int>(hidden.size())) == 1);
    require_success(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kGcmTag, base::u8(tag)) == 1);
    if (EVP_DecryptFinal_ex(context.get(), base::u8(out) + written, &written) != 1) {
        wipe(out);
        return std::nullopt;
    }
    return out;
}

}  // namespace rues::crypto
