#pragma once

#include <span>

#include "base/bytes.hpp"

/// Hash functions the ledger uses. OpenSSL: SHA-2, SHA-3, SHAKE; libsodium: BLAKE2b. BLAKE3 and Keccak-256 are our own,
/// because no package of Debian 12 has them. Pure.
namespace rues::crypto {

using base::ByteArray;
using base::ByteView;
using base::Hash32;

Hash32 sha256(ByteView message);
ByteArray<64> sha512(ByteView message);
Hash32 sha3_256(ByteView message);
Hash32 keccak256(ByteView message);  ///< Ethereum's hash, which is not SHA3-256
/// Fills `out` with the first bytes of SHAKE128.
void shake128(ByteView message, std::span<std::byte> out);
ByteArray<64> blake2b_512(ByteView message);
Hash32 blake2b_256(ByteView message);
Hash32 blake3(ByteView message);
ByteArray<20> sha1(ByteView message);  ///< only for the WebSocket handshake (RFC 6455 4.2.2)
/// PBKDF2-HMAC-SHA512, 64 bytes (BIP-39).
ByteArray<64> pbkdf2_sha512(ByteView password, ByteView salt, unsigned rounds);

/// The first `out.size()` bytes of the ChaCha12 key stream with this key, nonce 0, counter 0 (rand_chacha's layout).
void chacha12(const Hash32& key, std::span<std::byte> out);
/// The key of Rust's `StdRng::seed_from_u64` (docs/reference/phoenix-and-plonk.md 1.5).
Hash32 chacha12_key(std::uint64_t seed) noexcept;

}  // namespace rues::crypto
