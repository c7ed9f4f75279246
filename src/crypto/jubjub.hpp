#pragma once

#include <optional>

#include "base/bytes.hpp"

/// Points of JubJub, the curve of Phoenix notes: only the operations that are needed to show transactions, notes and
/// events. docs/reference/phoenix-and-plonk.md 1.1, 1.2. Pure.
namespace rues::crypto {

/// Affine coordinates, canonical and little-endian.
struct JubJubPoint {
    base::ByteArray<32> u{};
    base::ByteArray<32> v{};
    friend bool operator==(const JubJubPoint&, const JubJubPoint&) = default;
};

/// The point that has this compressed form: LE(v), with the lowest bit of u in bit 255. nullopt when v is not
/// canonical, when no u belongs to it, or when u = 0 has a sign. Does not check that the point lies in the prime
/// subgroup. REQUIRES: compressed.size() == 32.
std::optional<JubJubPoint> jubjub_decompress(base::ByteView compressed);

/// The compressed form of affine coordinates. nullopt when they are not canonical or not a point of the curve.
std::optional<base::ByteArray<32>> jubjub_compress(const JubJubPoint& point);

/// Conversions between the compressed form and the coordinates that contracts archive, which are Montgomery limbs
/// (docs/reference/ledger.md 8.1 #7). Affine: u, v. Extended: u, v, z, t1, t2 with z not zero. nullopt when a
/// coordinate is not canonical or they are not a point.
std::optional<base::ByteArray<32>> jubjub_compress_affine(const base::ByteArray<64>& limbs);
std::optional<base::ByteArray<32>> jubjub_compress_extended(const base::ByteArray<160>& limbs);
std::optional<base::ByteArray<64>> jubjub_affine(base::ByteView compressed);
/// z = 1, t1 = u and t2 = v, as in a decompressed point.
std::optional<base::ByteArray<160>> jubjub_extended(base::ByteView compressed);

}  // namespace rues::crypto
