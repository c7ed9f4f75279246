#include "crypto/jubjub.hpp"

#include "base/encoding.hpp"

namespace rues::crypto {
namespace {

constexpr std::size_t kScalarBits = 252;
constexpr std::size_t kWindow = 4;  ///< bits that one addition takes; 252 is a multiple
constexpr std::size_t kWindows = kScalarBits / kWindow;
constexpr std::size_t kEntries = std::size_t{1} << kWindow;

Fr fr(std::string_view hex) {
    return *Fr::from_bytes(*base::array_from_hex<32>(hex));
}

struct Curve {
    Fr d = fr("b13e34d6d65f0601269d57376d7f2d29d47fbde60792fdf5482bfa4be718932a");  ///< -10240/10241
    Fr twice_d = d.doubled();
};

const Curve& curve() {
    static const Curve all;
    return all;
}

/// The coordinates of a result before their last products.
JubJubPoint completed(const Fr& u, const Fr& v, const Fr& z, const Fr& t) noexcept {
    return {u * t, v * z, z * t, u, v};
}

JubJubPoint sum(const JubJubPoint& p, const JubJubAddend& q) noexcept {
    const Fr a = (p.v - p.u) * q.v_minus_u;
    const Fr b = (p.v + p.u) * q.v_plus_u;
    const Fr c = p.t1 * p.t2 * q.t2d;
    const Fr d = (p.z * q.z).doubled();
    return completed(b - a, b + a, d + c, d - c);
}

/// `sum(p, JubJubAddend())` without the products by one and zero.
JubJubPoint sum_with_identity(const JubJubPoint& p) noexcept {
    const Fr z = p.z.doubled();
    return completed(p.u.doubled(), p.v.doubled(), z, z);
}

/// The multiples 0 to 15 of a point.
using Table = std::array<JubJubAddend, kEntries>;

Table table_of(const JubJubPoint& point) noexcept {
    Table out;
    JubJubPoint multiple = point;
    for (std::size_t i = 1; i < kEntries; ++i) {
        out[i] = JubJubAddend(multiple);
        multiple = sum(multiple, out[1]);
    }
    return out;
}

/// Window `index` of a little-endian integer, the lowest first.
std::size_t window(const base::ByteArray<32>& integer, std::size_t index) noexcept {
    return std::to_integer<std::size_t>(integer[index / 2]) >> (index % 2 * kWindow) & (kEntries - 1);
}

/// REQUIRES: the integer has at most 252 bits.
JubJubPoint times_integer(const JubJubPoint& point, const base::ByteArray<32>& integer) noexcept {
    const Table table = table_of(point);
    JubJubPoint out;
    for (std::size_t index = kWindows; index-- > 0;) {
        for (std::size_t i = 0; i < kWindow; ++i) out = out.doubled();
        out = sum(out, table[window(integer, index)]);
    }
    return out;
}

}  // namespace

JubJubAddend::JubJubAddend(const JubJubPoint& point) noexcept
    : v_plus_u(point.v + point.u),
      v_minus_u(point.v - point.u),
      z(point.z),
      t2d(point.t1 * point.t2 * curve().twice_d) {}

std::optional<JubJubAffine> JubJubAffine::decode_any(base::ByteView encoded32) noexcept {
    auto bytes = base::to_array<32>(encoded32);
    const bool odd = (bytes[31] & std::byte{0x80}) != std::byte{0};
    bytes[31] &= std::byte{0x7f};
    const auto v = Fr::from_bytes(bytes);
    if (!v) return std::nullopt;
    // u^2 = (v^2 - 1) / (1 + d v^2); the denominator is never zero, because -1/d is not a square.
    const Fr v_squared = v->squared();
    const auto u = ((v_squared - Fr(1)) * (Fr(1) + curve().d * v_squared).inverse()).square_root();
    if (!u) return std::nullopt;
    if (u->is_odd() == odd) return JubJubAffine{*u, *v};
    if (u->is_zero()) return std::nullopt;
    return JubJubAffine{-*u, *v};
}

std::optional<JubJubAffine> JubJubAffine::decode(base::ByteView encoded32) noexcept {
    const auto out = decode_any(encoded32);
    if (!out || !times_integer(JubJubPoint(*out), fl_modulus()).is_identity()) return std::nullopt;
    return out;
}

base::ByteArray<32> JubJubAffine::encode() const noexcept {
    base::ByteArray<32> out = v.bytes();
    if (u.is_odd()) out[31] |= std::byte{0x80};
    return out;
}

bool JubJubAffine::is_on_curve() const noexcept {
    const Fr u2 = u.squared();
    const Fr v2 = v.squared();
    return v2 - u2 == Fr(1) + curve().d * u2 * v2;
}

JubJubAffine JubJubPoint::affine() const noexcept {
    const Fr inverse = z.inverse();
    return {u * inverse, v * inverse};
}

bool JubJubPoint::is_on_curve() const noexcept {
    return !z.is_zero() && u * v == t1 * t2 * z && affine().is_on_curve();
}

bool JubJubPoint::has_prime_order() const noexcept {
    return is_on_curve() && !is_identity() && times_integer(*this, fl_modulus()).is_identity();
}

JubJubPoint JubJubPoint::doubled() const noexcept {
    const Fr uu = u.squared();
    const Fr vv = v.squared();
    const Fr zz2 = z.squared().doubled();
    const Fr both = (u + v).squared();
    const Fr vv_plus_uu = vv + uu;
    const Fr vv_minus_uu = vv - uu;
    return completed(both - vv_plus_uu, vv_plus_uu, vv_minus_uu, zz2 - vv_minus_uu);
}

JubJubPoint operator+(const JubJubPoint& a, const JubJubPoint& b) noexcept {
    return sum(a, JubJubAddend(b));
}

JubJubPoint operator*(const JubJubPoint& point, const Fl& scalar) noexcept {
    return times_integer(point, scalar.bytes());
}

JubJubPoint JubJubPoint::multiplied_by_bits(const Fl& scalar) const noexcept {
    const JubJubAddend addend(*this);
    const auto bytes = scalar.bytes();
    JubJubPoint out;
    for (std::size_t bit = kScalarBits; bit-- > 0;) {
        const bool set = (std::to_integer<unsigned>(bytes[bit / 8]) >> bit % 8 & 1) != 0;
        out = set ? sum(out.doubled(), addend) : sum_with_identity(out.doubled());
    }
    return out;
}

const JubJubPoint& jubjub_generator() noexcept {
    static const JubJubPoint g(*JubJubAffine::decode(
        *base::array_from_hex<32>("1200000000000000000000000000000000000000000000000000000000000000")));
    return g;
}

const JubJubPoint& jubjub_nums_generator() noexcept {
    static const JubJubPoint g(*JubJubAffine::decode(
        *base::array_from_hex<32>("f83e2e1607b705677a50a5820fba4999fd343bebbe2d167b1bebf3b2b30ed8c3")));
    return g;
}

JubJubMultiples::JubJubMultiples(const JubJubPoint& point) {
    tables_.reserve(kWindows);
    JubJubPoint power = point;
    for (std::size_t i = 0; i < kWindows; ++i) {
        tables_.push_back(table_of(power));
        for (std::size_t bit = 0; bit < kWindow; ++bit) power = power.doubled();
    }
}

JubJubPoint JubJubMultiples::operator*(const Fl& scalar) const noexcept {
    const auto bytes = scalar.bytes();
    JubJubPoint out;
    for (std::size_t index = 0; index < kWindows; ++index) {
        if (const std::size_t at = window(bytes, index); at != 0) out = sum(out, tables_[index][at]);
    }
    return out;
}

const JubJubMultiples& jubjub_generator_multiples() {
    static const JubJubMultiples all(jubjub_generator());
    return all;
}

Fl hash_of_point(const JubJubPoint& point) {
    return hash_to_fl(point.encode());
}

}  // namespace rues::crypto
