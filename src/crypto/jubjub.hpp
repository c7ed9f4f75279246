#pragma once

#include <optional>

#include "base/bytes.hpp"

/// Points of JubJub, the curve of Phoenix notes, as far as showing transactions, notes and events needs them.
/// PP 1.1, 1.2. Pure.
namespace rues::crypto {

/// Affine coordinates, canonical and little-endian.
struct JubJubPoint {
    base::ByteArray<32> u{};
    base::ByteArray<32> v{};
    friend bool operator==(const JubJubPoint&, const JubJubPoint&) = default;
};

/// The point behind its compressed form: LE(v), bit 255 the lowest bit of u. nullopt when v is not canonical, no u
/// belongs to it, or u = 0 carries a sign. Whether the point lies in the prime subgroup is not asked.
/// REQUIRES: compressed.size() == 32.
std::optional<JubJubPoint> jubjub_decompress(base::ByteView compressed);

/// Compressed form of affine coordinates. nullopt: not canonical, or not a point of the curve.
std::optional<base::ByteArray<32>> jubjub_compress(const JubJubPoint& point);

/// The way to and from what contracts archive: coordinates as Montgomery limbs (LM 8.1 #7). Affine: u, v. Extended: u,
/// v, z, t1, t2 with z not zero. nullopt: not canonical or not a point.
std::optional<base::ByteArray<32>> jubjub_compress_affine(const base::ByteArray<64>& limbs);
std::optional<base::ByteArray<32>> jubjub_compress_extended(const base::ByteArray<160>& limbs);
std::optional<base::ByteArray<64>> jubjub_affine(base::ByteView compressed);
/// With z = 1, t1 = u, t2 = v, as a decompressed point has them.
std::optional<base::ByteArray<160>> jubjub_extended(base::ByteView compressed);

}  // namespace rues::crypto
