#pragma once

#include <optional>
#include <string>

#include "crypto/jubjub.hpp"
#include "crypto/keys.hpp"
#include "crypto/schnorr.hpp"
#include "crypto/secret.hpp"

/// Keys and addresses of Phoenix (docs/reference/phoenix-and-plonk.md 3.1, 3.2). Pure; any thread. Secrets are wiped at
/// the end of their life, and operations take the same time whatever the secrets are (README.md has the exceptions).
namespace rues::phoenix {

using base::ByteArray;
using base::ByteView;
using crypto::Fl;
using crypto::Fr;
using crypto::JubJubAffine;
using crypto::JubJubPoint;

/// The one-time address of a note: R, and the key of the note. Only its owner can connect it with a `PublicKey`.
struct StealthAddress {
    static constexpr std::size_t kBytes = 64;
    JubJubAffine nonce;     ///< R
    JubJubAffine note_key;  ///< note_pk

    /// nullopt unless both halves are points of the prime subgroup.
    static std::optional<StealthAddress> decode(ByteView bytes64) noexcept;
    ByteArray<64> bytes() const noexcept;
    friend bool operator==(const StealthAddress&, const StealthAddress&) noexcept = default;
};

/// The address that a wallet gives to those who pay to it.
struct PublicKey {
    JubJubAffine a;
    JubJubAffine b;

    /// nullopt unless both halves are points of the prime subgroup.
    static std::optional<PublicKey> decode(ByteView bytes64) noexcept;
    /// Base58 without a checksum, as wallets show it. nullopt as `decode`, or when the text is not 64 bytes.
    static std::optional<PublicKey> from_text(std::string_view base58);
    ByteArray<64> bytes() const noexcept;
    std::string text() const;

    /// A new place for a note to this address. `random` must be secret and never be used again.
    StealthAddress stealth_address(const Fl& random) const noexcept;
    /// The point that gives the key with which that note's value is encrypted. A secret.
    JubJubPoint shared_secret(const Fl& random) const noexcept { return JubJubPoint(a) * random; }
    friend bool operator==(const PublicKey&, const PublicKey&) noexcept = default;
};

/// Finds and reads the notes of an address, but cannot spend them.
class ViewKey {
public:
    ViewKey(const Fl& a, const JubJubAffine& b) noexcept : a_(a), b_(b) {}
    /// nullopt unless the first half is a scalar below l and the second a point of the prime subgroup.
    static std::optional<ViewKey> decode(ByteView bytes64) noexcept;
    static std::optional<ViewKey> from_text(std::string_view base58);
    /// The bytes are a secret, which the caller wipes.
    ByteArray<64> bytes() const noexcept;
    std::string text() const;

    PublicKey public_key() const noexcept;
    /// True when the note with this address is ours.
    bool owns(const StealthAddress& address) const noexcept;
    /// The point that gives the key with which the value of a note of ours is encrypted. A secret.
    JubJubPoint shared_secret(const JubJubPoint& nonce) const noexcept { return nonce * *a_; }
    const JubJubAffine& b() const noexcept { return b_; }

private:
    crypto::Secret<Fl> a_;
    JubJubAffine b_;
};

/// Spends the notes of an address.
class SecretKey {
public:
    SecretKey(const Fl& a, const Fl& b) noexcept : a_(a), b_(b) {}
    /// nullopt unless both halves are scalars below l.
    static std::optional<SecretKey> decode(ByteView bytes64) noexcept;
    /// Key number `index` of a wallet's seed.
    static SecretKey derive(const crypto::Seed& seed, std::uint64_t index);
    /// The bytes are a secret, which the caller wipes.
    ByteArray<64> bytes() const noexcept;

    PublicKey public_key() const noexcept;
    ViewKey view_key() const noexcept;
    /// note_sk, the secret key of a note of ours.
    crypto::Secret<Fl> note_secret(const StealthAddress& address) const;
    /// Signs with both halves. The random numbers must be secret and never be used again.
    struct Signatures {
        crypto::SchnorrSignature a, b;
    };
    Signatures sign(const Fr& message, const Fl& random_a, const Fl& random_b) const noexcept;

private:
    crypto::Secret<Fl> a_;
    crypto::Secret<Fl> b_;
};

}  // namespace rues::phoenix
