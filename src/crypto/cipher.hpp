#pragma once

#include <optional>

#include "base/bytes.hpp"

/// HKDF and AES-GCM, with which a note hides its value (docs/reference/phoenix-and-plonk.md 3.4). OpenSSL's. Pure, any
/// thread.
namespace rues::crypto {

/// 32 bytes of HKDF-SHA256 (RFC 5869).
base::ByteArray<32> hkdf_sha256(base::ByteView secret, base::ByteView salt, base::ByteView info);

inline constexpr std::size_t kGcmTag = 16;

/// The ciphertext, as long as `plain`, and the tag of 16 bytes behind it. AES-256-GCM without additional data. A nonce
/// must never be used twice with one key. REQUIRES: `plain` is below 2 GiB.
base::Bytes aes_gcm_encrypt(const base::ByteArray<32>& key, const base::ByteArray<12>& nonce, base::ByteView plain);
/// The plaintext, which the caller wipes. nullopt when the tag is not that of the ciphertext, or when `sealed` is
/// shorter than a tag. REQUIRES: `sealed` is below 2 GiB.
std::optional<base::Bytes> aes_gcm_decrypt(const base::ByteArray<32>& key, const base::ByteArray<12>& nonce,
                                           base::ByteView sealed);

}  // namespace rues::crypto
