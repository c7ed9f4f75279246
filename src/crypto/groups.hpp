#pragma once

#include <blst.h>

#include <optional>
#include <span>

#include "base/bytes.hpp"
#include "crypto/fr.hpp"

/// The groups of BLS12-381 and their pairing, for proofs. Pure, any thread, not constant-time.
namespace rues::crypto {

/// A point of G1, or the identity, with its compressed bytes.
class G1Point {
public:
    /// The identity.
    G1Point() noexcept;
    explicit G1Point(const blst_p1_affine& of_the_subgroup) noexcept;
    /// Full check: flags, canonical x, curve, subgroup (docs/reference/phoenix-and-plonk.md 1.2). The identity decodes.
    static std::optional<G1Point> decode(base::ByteView compressed48) noexcept;

    const base::ByteArray<48>& bytes() const noexcept { return compressed_; }
    const blst_p1_affine& point() const noexcept { return point_; }
    bool is_identity() const noexcept { return blst_p1_affine_is_inf(&point_); }
    friend bool operator==(const G1Point& a, const G1Point& b) noexcept { return a.compressed_ == b.compressed_; }

private:
    blst_p1_affine point_;
    base::ByteArray<48> compressed_;
};

/// A point of G2 with the same checks as `G1Point::decode`.
std::optional<blst_p2_affine> decode_g2(base::ByteView compressed96) noexcept;

/// The sum of scalars[i] · points[i]. The identity for no points. REQUIRES: the spans have the same size, and the
/// points lie in the subgroup of order r.
blst_p1 weighted_sum(std::span<const blst_p1_affine> points, std::span<const Fr> scalars);

blst_p1_affine affine(const blst_p1& point) noexcept;

/// A factor e(p, q) of a product of pairings.
struct Pair {
    blst_p1_affine p;
    blst_p2_affine q;
};

/// True when the product of the pairings is one. One final exponentiation serves all.
bool product_is_one(std::span<const Pair> pairs) noexcept;

}  // namespace rues::crypto
