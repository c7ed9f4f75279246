#include "crypto/jubjub_archive.hpp"

#include <span>

namespace rues::crypto {
namespace {

using base::ByteArray;
using base::ByteView;

/// Coordinate `index` of archived limbs.
std::optional<Fr> coordinate(ByteView limbs, std::size_t index) {
    return Fr::from_montgomery(base::to_array<32>(limbs.subspan(32 * index, 32)));
}

void put(const Fr& value, std::span<std::byte> limbs, std::size_t index) {
    std::ranges::copy(value.montgomery(), limbs.begin() + static_cast<std::ptrdiff_t>(32 * index));
}

std::optional<ByteArray<32>> compressed(const JubJubAffine& point) {
    return point.is_on_curve() ? std::optional(point.encode()) : std::nullopt;
}

}  // namespace

std::optional<JubJubPoint> jubjub_from_archive(const ByteArray<160>& limbs) {
    std::array<std::optional<Fr>, 5> all;
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = coordinate(limbs, i);
    for (const auto& one : all) {
        if (!one) return std::nullopt;
    }
    return JubJubPoint(*all[0], *all[1], *all[2], *all[3], *all[4]);
}

ByteArray<160> jubjub_to_archive(const JubJubPoint& point) {
    ByteArray<160> out;
    std::size_t index = 0;
    for (const Fr* value : {&point.u, &point.v, &point.z, &point.t1, &point.t2}) put(*value, out, index++);
    return out;
}

std::optional<ByteArray<32>> jubjub_compress_affine(const ByteArray<64>& limbs) {
    const auto u = coordinate(limbs, 0);
    const auto v = coordinate(limbs, 1);
    if (!u || !v) return std::nullopt;
    return compressed({*u, *v});
}

std::optional<ByteArray<32>> jubjub_compress_extended(const ByteArray<160>& limbs) {
    const auto u = coordinate(limbs, 0);
    const auto v = coordinate(limbs, 1);
    const auto z = coordinate(limbs, 2);
    if (!u || !v || !z || z->is_zero()) return std::nullopt;
    const Fr inverse = z->inverse();
    return compressed({*u * inverse, *v * inverse});
}

std::optional<ByteArray<64>> jubjub_affine(ByteView compressed) {
    const auto point = JubJubAffine::decode_any(compressed);
    if (!point) return std::nullopt;
    ByteArray<64> out;
    put(point->u, out, 0);
    put(point->v, out, 1);
    return out;
}

std::optional<ByteArray<160>> jubjub_extended(ByteView compressed) {
    const auto point = JubJubAffine::decode_any(compressed);
    if (!point) return std::nullopt;
    return jubjub_to_archive(JubJubPoint(*point));
}

}  // namespace rues::crypto
