#include "crypto/hash.hpp"

#include <openssl/evp.h>
#include <sodium.h>

#include <memory>

namespace rues::crypto {
namespace {

/// Fetched once: an implicit fetch costs more than hashing 64 bytes.
const EVP_MD* fetched(const char* name) {
    return EVP_MD_fetch(nullptr, name, nullptr);
}

template <std::size_t N>
ByteArray<N> digest(const EVP_MD* algorithm, ByteView message) {
    ByteArray<N> out;
    EVP_Digest(message.data(), message.size(), base::u8(out), nullptr, algorithm, nullptr);
    return out;
}

template <std::size_t N>
ByteArray<N> blake2b(ByteView message) {
    ByteArray<N> out;
    crypto_generichash(base::u8(out), N, base::u8(message), message.size(), nullptr, 0);
    return out;
}

}  // namespace

Hash32 sha256(ByteView message) {
    static const EVP_MD* const algorithm = fetched("SHA2-256");
    return digest<32>(algorithm, message);
}

ByteArray<64> sha512(ByteView message) {
    static const EVP_MD* const algorithm = fetched("SHA2-512");
    return digest<64>(algorithm, message);
}

Hash32 sha3_256(ByteView message) {
    static const EVP_MD* const algorithm = fetched("SHA3-256");
    return digest<32>(algorithm, message);
}

ByteArray<20> sha1(ByteView message) {
    static const EVP_MD* const algorithm = fetched("SHA1");
    return digest<20>(algorithm, message);
}

void shake128(ByteView message, std::span<std::byte> out) {
    static const EVP_MD* const algorithm = fetched("SHAKE-128");
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    EVP_DigestInit_ex2(context.get(), algorithm, nullptr);
    EVP_DigestUpdate(context.get(), message.data(), message.size());
    EVP_DigestFinalXOF(context.get(), base::u8(out), out.size());
}

ByteArray<64> blake2b_512(ByteView message) {
    return blake2b<64>(message);
}
Hash32 blake2b_256(ByteView message) {
    return blake2b<32>(message);
}

ByteArray<64> pbkdf2_sha512(ByteView password, ByteView salt, unsigned rounds) {
    static const EVP_MD* const algorithm = fetched("SHA2-512");
    ByteArray<64> out;
    PKCS5_PBKDF2_HMAC(base::text(password).data(), static_cast<int>(password.size()), base::u8(salt),
                      static_cast<int>(salt.size()), static_cast<int>(rounds), algorithm, 64, base::u8(out));
    return out;
}

}  // namespace rues::crypto
