#include "crypto/hash.hpp"

#include <openssl/evp.h>
#include <sodium.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>

namespace rues::crypto {
namespace {

/// The libraries fail only when their installation is broken (a digest is missing) or memory runs out. A wrong hash
/// must never leave this file, so the program ends.
void require(bool holds) noexcept {
    if (holds) return;
    std::fputs("rues: the cryptographic library failed\n", stderr);
    std::abort();
}

/// Kept for the life of the process: an implicit fetch costs more than hashing 64 bytes.
const EVP_MD* fetched(const char* name) {
    const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, name, nullptr);
    require(algorithm != nullptr);
    return algorithm;
}

template <std::size_t N>
ByteArray<N> digest(const EVP_MD* algorithm, ByteView message) {
    ByteArray<N> out;
    require(EVP_Digest(message.data(), message.size(), base::u8(out), nullptr, algorithm, nullptr) == 1);
    return out;
}

template <std::size_t N>
ByteArray<N> blake2b(ByteView message) {
    static const int ready = sodium_init();  // chooses the CPU's best implementation
    ByteArray<N> out;
    require(ready >= 0 && crypto_generichash(base::u8(out), N, base::u8(message), message.size(), nullptr, 0) == 0);
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
    require(context && EVP_DigestInit_ex2(context.get(), algorithm, nullptr) == 1 &&
            EVP_DigestUpdate(context.get(), message.data(), message.size()) == 1 &&
            EVP_DigestFinalXOF(context.get(), base::u8(out), out.size()) == 1);
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
    require(std::in_range<int>(password.size()) && std::in_range<int>(salt.size()) && std::in_range<int>(rounds) &&
            PKCS5_PBKDF2_HMAC(reinterpret_cast<const char*>(password.data()), static_cast<int>(password.size()),
                              base::u8(salt), static_cast<int>(salt.size()), static_cast<int>(rounds), algorithm, 64,
                              base::u8(out)) == 1);
    return out;
}

}  // namespace rues::crypto
