#pragma once

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "crypto/fl.hpp"
#include "crypto/fr.hpp"

/// JubJub, the curve of Phoenix: -u^2 + v^2 = 1 + d u^2 v^2 over Fr, with a subgroup of prime order l and cofactor 8
/// (docs/reference/phoenix-and-plonk.md 1.1 to 1.3). Pure, any thread. Products with a scalar take the same time and
/// read the same memory whatever the scalar is, because wallets multiply by secrets; everything else is not
/// constant-time.
namespace rues::crypto {

/// Affine coordinates. The functions below return only points of the curve, not only of the prime subgroup.
struct JubJubAffine {
    Fr u;
    Fr v = Fr::one();

    /// The point of this encoding: LE(v), with the lowest bit of u in bit 255. nullopt when v is not canonical, when no
    /// u belongs to it, or when u = 0 has a sign. Does not check that the point lies in the prime subgroup.
    static std::optional<JubJubAffine> decode_any(base::ByteView encoded32) noexcept;
    /// As `decode_any`, and refuses points outside the prime subgroup. The identity decodes.
    static std::optional<JubJubAffine> decode(base::ByteView encoded32) noexcept;

    base::ByteArray<32> encode() const noexcept;
    bool is_on_curve() const noexcept;
    friend bool operator==(const JubJubAffine&, const JubJubAffine&) noexcept = default;
};

/// Extended coordinates: the point (u/z, v/z), and t1·t2 = u·v/z. One point has many representations; == compares
/// points.
struct JubJubPoint {
    Fr u;
    Fr v = Fr::one();
    Fr z = Fr::one();
    Fr t1;
    Fr t2;

    /// The identity.
    JubJubPoint() noexcept = default;
    JubJubPoint(const Fr& u_, const Fr& v_, const Fr& z_, const Fr& t1_, const Fr& t2_) noexcept
        : u(u_), v(v_), z(z_), t1(t1_), t2(t2_) {}
    explicit JubJubPoint(const JubJubAffine& point) noexcept : u(point.u), v(point.v), t1(point.u), t2(point.v) {}

    JubJubAffine affine() const noexcept;
    base::ByteArray<32> encode() const noexcept { return affine().encode(); }

    bool is_identity() const noexcept { return u.is_zero() && v == z; }
    /// The coordinates belong together and give a point of the curve. Foreign coordinates must pass this before they
    /// are used in any other way.
    bool is_on_curve() const noexcept;
    /// On the curve, in the prime subgroup, and not the identity: what a key or a nonce of a signature must be
    /// (docs/reference/phoenix-and-plonk.md 3.6).
    bool has_prime_order() const noexcept;

    JubJubPoint doubled() const noexcept;
    friend JubJubPoint operator+(const JubJubPoint& a, const JubJubPoint& b) noexcept;
    friend JubJubPoint operator*(const JubJubPoint& point, const Fl& scalar) noexcept;
    /// The same point as `*this * scalar`, by one doubling and one addition for each of the 252 bits from the highest
    /// down. Its z, t1 and t2 are then those of the network's own code. Notes of a genesis store them. Not
    /// constant-time.
    JubJubPoint multiplied_by_bits(const Fl& scalar) const noexcept;
    friend bool operator==(const JubJubPoint& a, const JubJubPoint& b) noexcept {
        return a.u * b.z == b.u * a.z && a.v * b.z == b.v * a.z;
    }
};

/// The coefficient d of the curve, -10240/10241.
const Fr& jubjub_d() noexcept;

/// G and G' of docs/reference/phoenix-and-plonk.md 1.3.
const JubJubPoint& jubjub_generator() noexcept;
const JubJubPoint& jubjub_nums_generator() noexcept;

/// A point as the second operand of additions. Without arguments the identity.
struct JubJubAddend {
    Fr v_plus_u = Fr::one();
    Fr v_minus_u = Fr::one();
    Fr z = Fr::one();
    Fr t2d;

    JubJubAddend() noexcept = default;
    explicit JubJubAddend(const JubJubPoint& point) noexcept;
};

/// An addend with z = 1.
struct JubJubAffineAddend {
    Fr v_plus_u = Fr::one();
    Fr v_minus_u = Fr::one();
    Fr t2d;
};

/// The multiples of one point, 77 KiB, for many products with it. Such a product needs no doubling and takes a fifth of
/// the time. Making the multiples costs as much as five products.
class JubJubMultiples {
public:
    explicit JubJubMultiples(const JubJubPoint& point);
    JubJubPoint operator*(const Fl& scalar) const noexcept;

private:
    std::vector<std::array<JubJubAffineAddend, 16>> tables_;  ///< [i][k] is (k + 1)·32^i times the point
};
const JubJubMultiples& jubjub_generator_multiples();
const JubJubMultiples& jubjub_nums_multiples();  ///< of G'

/// The encodings of `points`, with one inversion for all of them. REQUIRES: both spans have the same size; the points
/// are on the curve.
void jubjub_encode(std::span<const JubJubPoint> points, std::span<base::ByteArray<32>> out);

/// The scalar of a point: the hash of its encoding mod l (docs/reference/phoenix-and-plonk.md 3.1, hp).
Fl hash_of_point(const JubJubPoint& point);

}  // namespace rues::crypto
