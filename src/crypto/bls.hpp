#pragma once

#include <blst.h>

#include <expected>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "crypto/groups.hpp"
#include "crypto/secret.hpp"

/// BLS12-381 as Dusk uses it: keys in G2 (96 bytes compressed), signatures in G1 (48 bytes).
/// docs/reference/ledger.md 2. Pure, any thread.
namespace rues::crypto {

using base::ByteArray;
using base::ByteView;

/// A field element mod r in its canonical little-endian form (ids, secret keys).
using Scalar = ByteArray<32>;

/// BLAKE2b-512 read as a little-endian integer, mod r (docs/reference/ledger.md 1.5).
Scalar hash_to_scalar(ByteView message);
/// 64 little-endian bytes mod r.
Scalar wide_scalar(const ByteArray<64>& wide);
/// Converts a canonical little-endian scalar to and from its four Montgomery limbs, the form that rkyv stores
/// (docs/reference/ledger.md 8.1 rule 7). nullopt when the input is not below r.
std::optional<ByteArray<32>> scalar_to_montgomery(const Scalar& scalar);
std::optional<Scalar> scalar_from_montgomery(const ByteArray<32>& limbs);

/// v1 is the forgeable scheme of blocks before the Aegis fork, v2 the one in force (docs/reference/ledger.md 2.2, 2.3).
enum class BlsVersion : std::uint8_t { v1, v2 };

/// A point of G2 in the right subgroup, or the identity. Holds the affine form and its compressed bytes.
class PublicKey {
public:
    /// The identity.
    PublicKey() noexcept;
    /// Full check: flags, canonical x, curve, subgroup (docs/reference/ledger.md 2.1). The identity decodes. Costs a
    /// tenth of a verification.
    static std::optional<PublicKey> decode(ByteView compressed96) noexcept;
    /// As `decode` without the subgroup check, for bytes that were checked before (our own store).
    static std::optional<PublicKey> decode_trusted(ByteView compressed96) noexcept;
    /// 193 raw bytes: Montgomery limbs and the infinity byte (docs/reference/ledger.md 2.1), subgroup checked.
    static std::optional<PublicKey> decode_raw(ByteView raw193) noexcept;

    /// The compressed form of 193 raw bytes that were checked before, such as a key that a genesis contract wrote. Does
    /// not check that they are a point. nullopt when the length or the infinity byte is wrong or a coordinate is not
    /// canonical.
    static std::optional<ByteArray<96>> compress_raw_trusted(ByteView raw193) noexcept;

    const ByteArray<96>& bytes() const noexcept { return compressed_; }
    ByteArray<193> raw() const noexcept;
    /// The first 96 bytes of the raw form (the x coordinate), without the cost of finding y. Use it to sort keys where
    /// the order is that of the raw forms (docs/reference/ledger.md 8.7). REQUIRES: `compressed96` is the compressed
    /// form of a key.
    static ByteArray<96> raw_x(const ByteArray<96>& compressed96) noexcept;
    bool is_identity() const noexcept;
    const blst_p2_affine& point() const noexcept { return point_; }
    friend bool operator==(const PublicKey& a, const PublicKey& b) noexcept { return a.compressed_ == b.compressed_; }

private:
    friend class SecretKey;
    friend PublicKey multisig_key(const PublicKey& key);
    friend PublicKey multisig_key(std::span<const PublicKey> keys, BlsVersion version);
    explicit PublicKey(const blst_p2& of_the_subgroup) noexcept;
    static std::optional<PublicKey> load_raw(ByteView raw193) noexcept;

    blst_p2_affine point_;
    ByteArray<96> compressed_;
};

/// A point of G1 in the right subgroup, or the identity, and its compressed bytes.
class Signature {
public:
    /// The identity.
    Signature() noexcept = default;
    /// Full check, as `PublicKey::decode`. The identity decodes.
    static std::optional<Signature> decode(ByteView compressed48) noexcept;
    static std::optional<Signature> decode_raw(ByteView raw97) noexcept;

    const ByteArray<48>& bytes() const noexcept { return point_.bytes(); }
    ByteArray<97> raw() const noexcept;
    bool is_identity() const noexcept { return point_.is_identity(); }
    const blst_p1_affine& point() const noexcept { return point_.point(); }
    friend bool operator==(const Signature&, const Signature&) noexcept = default;

private:
    friend class SecretKey;
    explicit Signature(const G1Point& point) noexcept : point_(point) {}

    G1Point point_;
};

/// A secret key: a scalar from 1 to r - 1. Only `decode` makes a valid one. Its memory is wiped.
class SecretKey {
public:
    /// nullopt unless the scalar has 32 bytes, is not zero and is below r.
    static std::optional<SecretKey> decode(ByteView scalar32) noexcept;
    PublicKey public_key() const noexcept;
    Signature sign(ByteView message, BlsVersion version = BlsVersion::v2) const noexcept;
    /// A multisignature share t·sk·H(m), the form of block seeds and block signatures (docs/reference/ledger.md 2.4).
    Signature sign_share(ByteView message) const noexcept;
    const Scalar& bytes() const noexcept { return *scalar_; }

private:
    Secret<Scalar> scalar_;
};

/// False for an identity key or signature. Points are already subgroup-checked by their types, so only the pairing is
/// computed.
bool verify(const PublicKey& key, const Signature& signature, ByteView message,
            BlsVersion version = BlsVersion::v2) noexcept;

/// The coefficient t_i of docs/reference/ledger.md 2.4 of a key, and t·pk of a key that signs alone. In scheme v1 the
/// coefficient is the hash of the compressed key alone.
Scalar multisig_coefficient(const PublicKey& key, BlsVersion version = BlsVersion::v2);
PublicKey multisig_key(const PublicKey& key);
/// The sum of t_i · pk_i over all keys. REQUIRES: there is at least one key, and none is the identity.
PublicKey multisig_key(std::span<const PublicKey> keys, BlsVersion version = BlsVersion::v2);

/// Checks a multisignature of all `keys` over one message (docs/reference/ledger.md 2.4). False when there is no key,
/// or a key, the signature or the sum of the keys is the identity. A key may occur more than once.
bool verify_multisig(std::span<const PublicKey> keys, const Signature& signature, ByteView message,
                     BlsVersion version = BlsVersion::v2);

struct VerifyItem {
    const PublicKey* key;
    const Signature* signature;
    ByteView message;
};

/// Verifies many V2 signatures with one final exponentiation, as a linear combination with random 64-bit coefficients.
/// The coefficients come from `seed`. The caller must draw it after the items are fixed: a signer who knows it
/// beforehand can make wrong signatures cancel out. Items of one key share a Miller loop. When the combination fails,
/// the batch is divided until each bad item is found, and only the bad items are false; verify.cpp says what that
/// costs. result[i] belongs to items[i].
std::vector<bool> verify_batch(std::span<const VerifyItem> items, const ByteArray<32>& seed);

}  // namespace rues::crypto
