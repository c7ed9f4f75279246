#pragma once

#include <optional>

#include "base/bytes.hpp"

/// Points of JubJub, the curve of Phoenix notes, as far as showing a transaction needs them. PP 1.1, 1.2. Pure.
namespace rues::ledger {

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

}  // namespace rues::ledger
