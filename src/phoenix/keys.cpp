#include "phoenix/keys.hpp"

#include "base/encoding.hpp"
#include "base/endian.hpp"
#include "crypto/hash.hpp"

namespace rues::phoenix {
namespace {

ByteArray<64> joined(const ByteArray<32>& first, const ByteArray<32>& second) noexcept {
    ByteArray<64> out;
    std::ranges::copy(first, out.begin());
    std::ranges::copy(second, out.begin() + 32);
    return out;
}

std::optional<Fl> scalar(ByteView bytes32) noexcept {
    const crypto::Secret bytes(base::to_array<32>(bytes32));
    return Fl::from_bytes(*bytes);
}

std::optional<ByteArray<64>> from_base58(std::string_view text) {
    auto bytes = base::from_base58(text);
    if (!bytes || bytes->size() != 64) return std::nullopt;
    const auto out = base::to_array<64>(*bytes);
    crypto::wipe(*bytes);  // may be a view key
    return out;
}

JubJubAffine times_generator(const Fl& scalar) noexcept {
    return (crypto::jubjub_generator_multiples() * scalar).affine();
}

}  // namespace

std::optional<StealthAddress> StealthAddress::decode(ByteView bytes64) noexcept {
    const auto nonce = JubJubAffine::decode(bytes64.first(32));
    const auto note_key = JubJubAffine::decode(bytes64.last(32));
    if (!nonce || !note_key) return std::nullopt;
    return StealthAddress{*nonce, *note_key};
}

ByteArray<64> StealthAddress::bytes() const noexcept {
    return joined(nonce.encode(), note_key.encode());
}

std::optional<PublicKey> PublicKey::decode(ByteView bytes64) noexcept {
    const auto a = JubJubAffine::decode(bytes64.first(32));
    const auto b = JubJubAffine::decode(bytes64.last(32));
    if (!a || !b) return std::nullopt;
    return PublicKey{*a, *b};
}

std::optional<PublicKey> PublicKey::from_text(std::string_view base58) {
    const auto bytes = from_base58(base58);
    return bytes ? decode(*bytes) : std::nullopt;
}

ByteArray<64> PublicKey::bytes() const noexcept {
    return joined(a.encode(), b.encode());
}

std::string PublicKey::text() const {
    return base::to_base58(bytes());
}

StealthAddress PublicKey::stealth_address(const Fl& random) const noexcept {
    const crypto::Secret hidden(crypto::hash_of_point(shared_secret(random)));
    const JubJubPoint note_key = crypto::jubjub_generator_multiples() * *hidden + JubJubPoint(b);
    return {times_generator(random), note_key.affine()};
}

std::optional<ViewKey> ViewKey::decode(ByteView bytes64) noexcept {
    const auto a = scalar(bytes64.first(32));
    const auto b = JubJubAffine::decode(bytes64.last(32));
    if (!a || !b) return std::nullopt;
    return ViewKey(*a, *b);
}

std::optional<ViewKey> ViewKey::from_text(std::string_view base58) {
    const auto bytes = from_base58(base58);
    return bytes ? decode(*bytes) : std::nullopt;
}

ByteArray<64> ViewKey::bytes() const noexcept {
    return joined(a_->bytes(), b_.encode());
}

std::string ViewKey::text() const {
    return base::to_base58(bytes());
}

PublicKey ViewKey::public_key() const noexcept {
    return {times_generator(*a_), b_};
}

bool ViewKey::owns(const StealthAddress& address) const noexcept {
    const crypto::Secret hidden(crypto::hash_of_point(shared_secret(JubJubPoint(address.nonce))));
    return crypto::jubjub_generator_multiples() * *hidden + JubJubPoint(b_) == JubJubPoint(address.note_key);
}

std::optional<SecretKey> SecretKey::decode(ByteView bytes64) noexcept {
    const auto a = scalar(bytes64.first(32));
    const auto b = scalar(bytes64.last(32));
    if (!a || !b) return std::nullopt;
    return SecretKey(*a, *b);
}

SecretKey SecretKey::derive(const crypto::Seed& seed, std::uint64_t index) {
    crypto::Secret<ByteArray<75>> input;
    std::ranges::copy(seed, input->begin());
    base::store_le(input->data() + 64, index);
    std::ranges::copy(base::view("SSK"), input->begin() + 72);
    const crypto::Secret key(crypto::sha256(*input));
    crypto::Secret<std::array<ByteArray<64>, 2>> wide;
    crypto::chacha12(*key, std::as_writable_bytes(std::span(*wide)));
    return {Fl::from_wide((*wide)[0]), Fl::from_wide((*wide)[1])};
}

ByteArray<64> SecretKey::bytes() const noexcept {
    return joined(a_->bytes(), b_->bytes());
}

PublicKey SecretKey::public_key() const noexcept {
    return {times_generator(*a_), times_generator(*b_)};
}

ViewKey SecretKey::view_key() const noexcept {
    return {*a_, times_generator(*b_)};
}

crypto::Secret<Fl> SecretKey::note_secret(const StealthAddress& address) const {
    return crypto::Secret(crypto::hash_of_point(JubJubPoint(address.nonce) * *a_) + *b_);
}

SecretKey::Signatures SecretKey::sign(const Fr& message, const Fl& random_a, const Fl& random_b) const noexcept {
    return {crypto::schnorr_sign(*a_, message, random_a), crypto::schnorr_sign(*b_, message, random_b)};
}

}  // namespace rues::phoenix
