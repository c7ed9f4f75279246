#pragma once

#include <optional>

#include "base/bytes.hpp"
#include "crypto/jubjub.hpp"

/// The coordinates of JubJub points that contracts archive: Montgomery limbs (docs/reference/ledger.md 8.1 #7). Affine:
/// u, v. Extended: u, v, z, t1, t2. Pure.
namespace rues::crypto {

/// nullopt when a coordinate is not canonical. The coordinates need not be a point: see JubJubPoint::is_on_curve.
std::optional<JubJubPoint> jubjub_from_archive(const base::ByteArray<160>& limbs);
base::ByteArray<160> jubjub_to_archive(const JubJubPoint& point);

/// From the archived coordinates to the encoding of 32 bytes, and back. nullopt when a coordinate is not canonical,
/// when z is zero, or when they are not a point.
std::optional<base::ByteArray<32>> jubjub_compress_affine(const base::ByteArray<64>& limbs);
std::optional<base::ByteArray<32>> jubjub_compress_extended(const base::ByteArray<160>& limbs);
std::optional<base::ByteArray<64>> jubjub_affine(base::ByteView compressed);
/// z = 1, t1 = u and t2 = v, as in a decompressed point.
std::optional<base::ByteArray<160>> jubjub_extended(base::ByteView compressed);

}  // namespace rues::crypto
