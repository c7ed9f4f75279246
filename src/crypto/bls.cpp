#include "crypto/bls.hpp"

#include "crypto/hash.hpp"
#include "crypto/hash_to_curve.hpp"

namespace rues::crypto {
namespace {

constexpr std::string_view kMultisigTag = "BLS_SIG_BLS12381_SCALAR_SHA256_DUSK_H1_V2";

/// True when the limbs are below p. blst assumes this of its inputs and does not check it. The way to bytes and back
/// reduces the limbs, so limbs that it changes were not below p.
bool is_canonical(const blst_fp& fp) {
    ByteArray<48> bytes;
    blst_fp again;
    blst_lendian_from_fp(base::u8(bytes), &fp);
    blst_fp_from_lendian(&again, base::u8(bytes));
    return std::memcmp(&again, &fp, sizeof fp) == 0;
}

const blst_fp& fp_one() {
    static const blst_fp one = [] {
        constexpr std::uint64_t limbs[6] = {1};
        blst_fp out;
        blst_fp_from_uint64(&out, limbs);
        return out;
    }();
    return one;
}

blst_scalar blst_form(const Scalar& scalar) {
    blst_scalar out;
    blst_scalar_from_lendian(&out, base::u8(scalar));
    return out;
}

}  // namespace

Scalar wide_scalar(const ByteArray<64>& wide) {
    blst_scalar scalar;
    Scalar out;
    blst_scalar_from_le_bytes(&scalar, base::u8(wide), wide.size());
    blst_lendian_from_scalar(base::u8(out), &scalar);
    return out;
}

Scalar hash_to_scalar(ByteView message) {
    return wide_scalar(blake2b_512(message));
}

std::optional<ByteArray<32>> scalar_to_montgomery(const Scalar& scalar) {
    const blst_scalar value = blst_form(scalar);
    if (!blst_scalar_fr_check(&value)) return std::nullopt;
    blst_fr fr;
    blst_fr_from_scalar(&fr, &value);
    ByteArray<32> out;
    std::memcpy(out.data(), &fr, out.size());
    return out;
}

std::optional<Scalar> scalar_from_montgomery(const ByteArray<32>& limbs) {
    blst_scalar value = blst_form(limbs);
    if (!blst_scalar_fr_check(&value)) return std::nullopt;  // the limbs themselves must be below r
    blst_fr fr;
    std::memcpy(&fr, limbs.data(), limbs.size());
    blst_scalar_from_fr(&value, &fr);
    Scalar out;
    blst_lendian_from_scalar(base::u8(out), &value);
    return out;
}

PublicKey::PublicKey() noexcept : point_{}, compressed_{} {
    compressed_[0] = std::byte{0xc0};
}

PublicKey::PublicKey(const blst_p2& of_the_subgroup) noexcept {
    blst_p2_to_affine(&point_, &of_the_subgroup);
    blst_p2_affine_compress(base::u8(compressed_), &point_);
}

std::optional<PublicKey> PublicKey::decode_trusted(ByteView compressed96) noexcept {
    if (compressed96.size() != 96) return std::nullopt;
    PublicKey out;
    if (blst_p2_uncompress(&out.point_, base::u8(compressed96)) != BLST_SUCCESS) return std::nullopt;
    out.compressed_ = base::to_array<96>(compressed96);
    return out;
}

std::optional<PublicKey> PublicKey::decode(ByteView compressed96) noexcept {
    const auto point = decode_g2(compressed96);
    if (!point) return std::nullopt;
    PublicKey out;
    out.point_ = *point;
    out.compressed_ = base::to_array<96>(compressed96);
    return out;
}

/// Does not check that the point lies on the curve and in the subgroup: the caller does.
std::optional<PublicKey> PublicKey::load_raw(ByteView raw193) noexcept {
    if (raw193.size() != 193) return std::nullopt;
    if (raw193[192] == std::byte{1}) {  // Dusk writes the identity as (0, 1); no other point may have the flag
        const PublicKey identity;
        return base::equal(identity.raw(), raw193) ? std::optional(identity) : std::nullopt;
    }
    if (raw193[192] != std::byte{0}) return std::nullopt;
    PublicKey out;
    std::memcpy(&out.point_, raw193.data(), sizeof out.point_);
    const auto& [x, y] = out.point_;
    for (const blst_fp* fp : {&x.fp[0], &x.fp[1], &y.fp[0], &y.fp[1]}) {
        if (!is_canonical(*fp)) return std::nullopt;
    }
    if (blst_p2_affine_is_inf(&out.point_)) return std::nullopt;
    blst_p2_affine_compress(base::u8(out.compressed_), &out.point_);
    return out;
}

std::optional<PublicKey> PublicKey::decode_raw(ByteView raw193) noexcept {
    auto out = load_raw(raw193);
    if (out && !out->is_identity() && (!blst_p2_affine_on_curve(&out->point_) || !blst_p2_affine_in_g2(&out->point_)))
        return std::nullopt;
    return out;
}

std::optional<ByteArray<96>> PublicKey::compress_raw_trusted(ByteView raw193) noexcept {
    const auto loaded = load_raw(raw193);
    return loaded ? std::optional(loaded->compressed_) : std::nullopt;
}

ByteArray<96> PublicKey::raw_x(const ByteArray<96>& compressed96) noexcept {
    constexpr std::byte kFlags{0xe0};
    ByteArray<96> plain = compressed96;
    plain[0] &= ~kFlags;
    blst_fp2 x;  // the compressed form has the imaginary part first
    blst_fp_from_bendian(&x.fp[1], base::u8(plain));
    blst_fp_from_bendian(&x.fp[0], base::u8(plain) + 48);
    ByteArray<96> out;
    std::memcpy(out.data(), &x, out.size());
    return out;
}

ByteArray<193> PublicKey::raw() const noexcept {
    static_assert(sizeof(blst_p2_affine) == 192);
    ByteArray<193> out{};
    std::memcpy(out.data(), &point_, sizeof point_);
    if (is_identity()) {
        std::memcpy(out.data() + 96, &fp_one(), sizeof(blst_fp));
        out[192] = std::byte{1};
    }
    return out;
}

bool PublicKey::is_identity() const noexcept {
    return blst_p2_affine_is_inf(&point_);
}

std::optional<Signature> Signature::decode(ByteView compressed48) noexcept {
    const auto point = G1Point::decode(compressed48);
    return point ? std::optional(Signature(*point)) : std::nullopt;
}

std::optional<Signature> Signature::decode_raw(ByteView raw97) noexcept {
    if (raw97.size() != 97) return std::nullopt;
    if (raw97[96] == std::byte{1}) {
        const Signature identity;
        return base::equal(identity.raw(), raw97) ? std::optional(identity) : std::nullopt;
    }
    if (raw97[96] != std::byte{0}) return std::nullopt;
    blst_p1_affine point;
    std::memcpy(&point, raw97.data(), sizeof point);
    if (!is_canonical(point.x) || !is_canonical(point.y)) return std::nullopt;
    if (blst_p1_affine_is_inf(&point) || !blst_p1_affine_on_curve(&point) || !blst_p1_affine_in_g1(&point)) {
        return std::nullopt;
    }
    return Signature(G1Point(point));
}

ByteArray<97> Signature::raw() const noexcept {
    static_assert(sizeof(blst_p1_affine) == 96);
    ByteArray<97> out{};
    std::memcpy(out.data(), &point(), sizeof(blst_p1_affine));
    if (is_identity()) {
        std::memcpy(out.data() + 48, &fp_one(), sizeof(blst_fp));
        out[96] = std::byte{1};
    }
    return out;
}

std::optional<SecretKey> SecretKey::decode(ByteView scalar32) noexcept {
    if (scalar32.size() != 32) return std::nullopt;
    SecretKey out;
    *out.scalar_ = base::to_array<32>(scalar32);
    const Secret scalar(blst_form(*out.scalar_));
    return blst_sk_check(&*scalar) ? std::optional(out) : std::nullopt;
}

PublicKey SecretKey::public_key() const noexcept {
    const Secret scalar(blst_form(*scalar_));
    blst_p2 point;
    blst_sk_to_pk_in_g2(&point, &*scalar);
    return PublicKey(point);
}

Signature SecretKey::sign(ByteView message, BlsVersion version) const noexcept {
    const Secret scalar(blst_form(*scalar_));
    const blst_p1 hash = hash_to_curve(message, version);
    blst_p1 point;
    blst_sign_pk_in_g2(&point, &hash, &*scalar);
    return Signature(G1Point(affine(point)));
}

Signature SecretKey::sign_share(ByteView message) const noexcept {
    const Secret secret(blst_form(*scalar_));
    const blst_scalar coefficient = blst_form(multisig_coefficient(public_key()));
    const blst_p1 hash = hash_to_curve(message, BlsVersion::v2);
    Secret<blst_scalar> scalar;
    blst_sk_mul_n_check(&*scalar, &*secret, &coefficient);
    blst_p1 point;
    blst_sign_pk_in_g2(&point, &hash, &*scalar);
    return Signature(G1Point(affine(point)));
}

Scalar multisig_coefficient(const PublicKey& key, BlsVersion version) {
    if (version == BlsVersion::v1) return hash_to_scalar(key.bytes());
    base::Bytes input = base::to_bytes(kMultisigTag);
    base::append(input, key.bytes());
    return hash_to_scalar(input);
}

PublicKey multisig_key(const PublicKey& key) {
    blst_p2 point;
    blst_p2_from_affine(&point, &key.point());
    blst_p2_mult(&point, &point, base::u8(multisig_coefficient(key)), 256);
    return PublicKey(point);
}

PublicKey multisig_key(std::span<const PublicKey> keys, BlsVersion version) {
    std::vector<blst_p2_affine> points;
    std::vector<Scalar> coefficients;
    for (const PublicKey& key : keys) {
        points.push_back(key.point());
        coefficients.push_back(multisig_coefficient(key, version));
    }
    constexpr std::size_t kBits = 255;
    std::vector<limb_t> buckets(blst_p2s_mult_pippenger_scratch_sizeof(points.size()) / sizeof(limb_t));
    const blst_p2_affine* const contiguous_points[] = {points.data(), nullptr};
    const byte* const contiguous_scalars[] = {base::u8(coefficients.front()), nullptr};
    blst_p2 sum;
    blst_p2s_mult_pippenger(&sum, contiguous_points, points.size(), contiguous_scalars, kBits, buckets.data());
    return PublicKey(sum);
}

bool verify_multisig(std::span<const PublicKey> keys, const Signature& signature, ByteView message,
                     BlsVersion version) {
    if (keys.empty() || std::ranges::any_of(keys, &PublicKey::is_identity)) return false;
    return verify(multisig_key(keys, version), signature, message, version);
}

}  // namespace rues::crypto
