#include "crypto/jubjub.hpp"

#include <cstring>
#include <type_traits>

#include "base/encoding.hpp"
#include "crypto/secret.hpp"

namespace rues::crypto {
namespace {

constexpr std::size_t kScalarBits = 252;
constexpr std::size_t kWindow = 4;           ///< bits of a digit of a product with any point
constexpr std::size_t kMultiplesWindow = 5;  ///< and of a product with a point whose multiples are stored
/// The number of digits of 252 bits, and one for the carry of signed digits.
constexpr std::size_t digits(std::size_t window) {
    return kScalarBits / window + 1;
}

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

/// Computes u, v and z of a result whose t1 and t2 are computed.
void complete(JubJubPoint& out, const Fr& z, const Fr& t) noexcept {
    out.u.become_product(out.t1, t);
    out.v.become_product(out.t2, z);
    out.z.become_product(z, t);
}

template <typename Addend>
void add(JubJubPoint& p, const Addend& q) noexcept {
    Fr a, b, c, d;
    a.become_difference(p.v, p.u);
    a.become_product(a, q.v_minus_u);
    b.become_sum(p.v, p.u);
    b.become_product(b, q.v_plus_u);
    c.become_product(p.t1, p.t2);
    c.become_product(c, q.t2d);
    if constexpr (std::is_same_v<Addend, JubJubAddend>) {
        d.become_product(p.z, q.z);
        d.become_sum(d, d);
    } else {
        d.become_sum(p.z, p.z);
    }
    p.t1.become_difference(b, a);
    p.t2.become_sum(b, a);
    a.become_sum(d, c);
    d.become_difference(d, c);
    complete(p, a, d);
}

void double_in_place(JubJubPoint& p) noexcept {
    Fr uu, vv, zz;
    uu.become_square(p.u);
    vv.become_square(p.v);
    zz.become_square(p.z);
    zz.become_sum(zz, zz);
    p.t1.become_sum(p.u, p.v);
    p.t1.become_square(p.t1);
    p.t2.become_sum(vv, uu);
    p.t1.become_difference(p.t1, p.t2);
    vv.become_difference(vv, uu);
    zz.become_difference(zz, vv);
    complete(p, vv, zz);
}

JubJubPoint sum(JubJubPoint p, const JubJubAddend& q) noexcept {
    add(p, q);
    return p;
}

/// `sum(p, JubJubAddend())` without the products by one and zero.
JubJubPoint sum_with_identity(const JubJubPoint& p) noexcept {
    const Fr z = p.z.doubled();
    JubJubPoint out;
    out.t1 = p.u.doubled();
    out.t2 = p.v.doubled();
    complete(out, z, z);
    return out;
}

/// The multiples 1 to 8 of a point.
using Table = std::array<JubJubAddend, std::size_t{1} << (kWindow - 1)>;

Table table_of(const JubJubPoint& point) noexcept {
    Table out;
    JubJubPoint multiple = point;
    out[0] = JubJubAddend(point);
    for (std::size_t i = 1; i < out.size(); ++i) {
        add(multiple, out[0]);
        out[i] = JubJubAddend(multiple);
    }
    return out;
}

/// Digits from -2^(window - 1) to 2^(window - 1), the lowest first. Constant-time. REQUIRES: the integer has at most
/// 252 bits.
template <std::size_t window>
std::array<std::int8_t, digits(window)> digits_of(const base::ByteArray<32>& integer) noexcept {
    std::array<std::int8_t, digits(window)> out{};
    int carry = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
        const std::size_t at = i * window;
        auto bits = std::to_integer<unsigned>(integer[at / 8]);
        if (at / 8 + 1 < integer.size()) bits |= std::to_integer<unsigned>(integer[at / 8 + 1]) << 8U;
        const int digit = static_cast<int>(bits >> at % 8 & ((1U << window) - 1)) + carry;
        carry = (digit + (1 << (window - 1))) >> window;
        out[i] = static_cast<std::int8_t>(digit - (carry << window));
    }
    return out;
}

/// Hides from the compiler that a mask has only two values, so that it makes no branch of it.
std::uint64_t opaque(std::uint64_t mask) noexcept {
    __asm__("" : "+r"(mask));
    return mask;
}

/// All ones when the numbers are equal, else zero.
std::uint64_t equal_mask(std::uint64_t a, std::uint64_t b) noexcept {
    const std::uint64_t difference = a ^ b;
    return opaque(((difference | (0 - difference)) >> 63U) - 1);
}

void become_identity(JubJubAddend& addend, std::uint64_t mask) noexcept {
    for (Fr* one : {&addend.v_plus_u, &addend.v_minus_u, &addend.z}) one->become_masked(Fr::one(), mask);
}
void become_identity(JubJubAffineAddend& addend, std::uint64_t mask) noexcept {
    for (Fr* one : {&addend.v_plus_u, &addend.v_minus_u}) one->become_masked(Fr::one(), mask);
}

/// Multiple `magnitude` of a table, 0 up to its size. Reads every entry, whatever the number is, with the registers of
/// vectors.
template <typename Addend, std::size_t size>
Addend chosen_of(const std::array<Addend, size>& table, std::uint64_t magnitude) noexcept {
    using Lanes [[gnu::vector_size(16)]] = std::uint64_t;
    constexpr std::size_t kLanes = sizeof(Addend) / sizeof(Lanes);
    static_assert(std::is_trivially_copyable_v<Addend> && sizeof(Addend) % sizeof(Lanes) == 0);
    std::array<Lanes, kLanes> chosen{};
    for (std::size_t i = 0; i < size; ++i) {
        const std::uint64_t mask = equal_mask(magnitude, i + 1);
        const Lanes all{mask, mask};
        const auto* entry = reinterpret_cast<const std::byte*>(&table[i]);
#pragma GCC unroll 8
        for (std::size_t k = 0; k < kLanes; ++k) {
            Lanes lanes;
            std::memcpy(&lanes, entry + k * sizeof lanes, sizeof lanes);
            chosen[k] |= lanes & all;
        }
    }
    Addend out;
    std::memcpy(static_cast<void*>(&out), &chosen, sizeof chosen);
    become_identity(out, equal_mask(magnitude, 0));
    return out;
}

/// Adds `digit` times the point of `table`.
template <typename Addend, std::size_t size>
void add_multiple(JubJubPoint& to, const std::array<Addend, size>& table, int digit) noexcept {
    const int sign = digit >> 31;  // 0 or -1
    Addend chosen = chosen_of(table, static_cast<std::uint64_t>((digit ^ sign) - sign));
    const auto negative = opaque(static_cast<std::uint64_t>(static_cast<std::int64_t>(sign)));
    const Fr minus_t2d = -chosen.t2d;
    const Fr v_plus_u = chosen.v_plus_u;
    chosen.v_plus_u.become_masked(chosen.v_minus_u, negative);
    chosen.v_minus_u.become_masked(v_plus_u, negative);
    chosen.t2d.become_masked(minus_t2d, negative);
    add(to, chosen);
}

/// REQUIRES: the integer has at most 252 bits.
JubJubPoint times_integer(const JubJubPoint& point, const base::ByteArray<32>& integer) noexcept {
    const Table table = table_of(point);
    const auto all = digits_of<kWindow>(integer);
    JubJubPoint out;
    for (std::size_t index = all.size(); index-- > 0;) {
        for (std::size_t i = 0; i < kWindow; ++i) double_in_place(out);
        add_multiple(out, table, all[index]);
    }
    return out;
}

/// The Tate pairing of `point` with T, a point of order 8: the value at `point` of the function with divisor
/// 8(T) - 8(O). The point lies in the subgroup of order l exactly when it is eight times a point. The points of order
/// dividing 8 are the multiples of T, so that is the case exactly when this value is an eighth power. The function is a
/// product of tangents at T, 2T and 4T; 2T and 4T are (1, .) and (0, 0) on the curve's Montgomery form, which makes
/// most of them simple. Divisions are products here, because only the class modulo eighth powers counts. It is zero at
/// multiples of T only.
Fr pairing_with_torsion(const JubJubAffine& point) noexcept {
    static const Fr slope_at_t = fr("87b61cc104cc7296665432d30edeecd3e4060065f24b7a398e7295616f523d3e");
    static const Fr slope_at_2t = fr("000000000000010000000376020003ecd0040376cecc518d0000000000000000");
    static const Fr offset_at_t = slope_at_t * fr("2f7a755da3d98e8bcdffecf108cbb123ea0bad400eca7c91f426413e2d77403e") -
                                  fr("9c1630681fcfbeb501602c1e96e62b86f1c2cc8566d3f63bbcb6eb97d006f35c");
    static const Fr scale = Fr(4) * (-(Fr::one() + curve().d)).inverse();  // B of the Montgomery form
    constexpr Fr one = Fr::one();
    const Fr denominator = scale * (one - point.v);
    const Fr tangent = (one + point.v) * (one - slope_at_t * point.u) + offset_at_t * denominator * point.u;
    const Fr root = (point.v.doubled() * tangent).squared() * point.u * (one - slope_at_2t * point.u) *
                    denominator.squared() * denominator;
    return root.squared() * denominator * (one + point.v);
}

bool is_in_prime_subgroup(const JubJubAffine& point) noexcept {
    const Fr value = pairing_with_torsion(point);
    if (value.is_zero()) return times_integer(JubJubPoint(point), fl_modulus()).is_identity();
    return value.is_eighth_power();
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
    const auto u = ((v_squared - Fr::one()) * (Fr::one() + curve().d * v_squared).inverse()).square_root();
    if (!u) return std::nullopt;
    if (u->is_odd() == odd) return JubJubAffine{*u, *v};
    if (u->is_zero()) return std::nullopt;
    return JubJubAffine{-*u, *v};
}

std::optional<JubJubAffine> JubJubAffine::decode(base::ByteView encoded32) noexcept {
    const auto out = decode_any(encoded32);
    return out && is_in_prime_subgroup(*out) ? out : std::nullopt;
}

base::ByteArray<32> JubJubAffine::encode() const noexcept {
    base::ByteArray<32> out = v.bytes();
    if (u.is_odd()) out[31] |= std::byte{0x80};
    return out;
}

bool JubJubAffine::is_on_curve() const noexcept {
    const Fr u2 = u.squared();
    const Fr v2 = v.squared();
    return v2 - u2 == Fr::one() + curve().d * u2 * v2;
}

JubJubAffine JubJubPoint::affine() const noexcept {
    const Fr inverse = z.inverse();
    return {u * inverse, v * inverse};
}

bool JubJubPoint::is_on_curve() const noexcept {
    if (z.is_zero() || u * v != t1 * t2 * z) return false;
    const Fr uu = u.squared();
    const Fr vv = v.squared();
    const Fr zz = z.squared();
    return (vv - uu) * zz == zz.squared() + curve().d * uu * vv;
}

bool JubJubPoint::has_prime_order() const noexcept {
    return is_on_curve() && !is_identity() && is_in_prime_subgroup(affine());
}

JubJubPoint JubJubPoint::doubled() const noexcept {
    JubJubPoint out = *this;
    double_in_place(out);
    return out;
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

const Fr& jubjub_d() noexcept {
    return curve().d;
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

JubJubMultiples::JubJubMultiples(const JubJubPoint& point) : tables_(digits(kMultiplesWindow)) {
    std::vector<JubJubPoint> multiples;
    std::vector<Fr> inverses;
    JubJubPoint power = point;
    for (const auto& table : tables_) {
        const JubJubAddend one(power);
        for (std::size_t i = 0; i < table.size(); ++i) {
            multiples.push_back(i == 0 ? power : sum(multiples.back(), one));
            inverses.push_back(multiples.back().z);
        }
        for (std::size_t bit = 0; bit < kMultiplesWindow; ++bit) power = power.doubled();
    }
    Fr::invert_all(inverses);
    for (std::size_t i = 0; i < multiples.size(); ++i) {
        const Fr u = multiples[i].u * inverses[i];
        const Fr v = multiples[i].v * inverses[i];
        auto& table = tables_[i / tables_.front().size()];
        table[i % table.size()] = {v + u, v - u, u * v * curve().twice_d};
    }
}

JubJubPoint JubJubMultiples::operator*(const Fl& scalar) const noexcept {
    const auto all = digits_of<kMultiplesWindow>(scalar.bytes());
    JubJubPoint out;
    for (std::size_t index = 0; index < all.size(); ++index) add_multiple(out, tables_[index], all[index]);
    return out;
}

const JubJubMultiples& jubjub_generator_multiples() {
    static const JubJubMultiples all(jubjub_generator());
    return all;
}

const JubJubMultiples& jubjub_nums_multiples() {
    static const JubJubMultiples all(jubjub_nums_generator());
    return all;
}

void jubjub_encode(std::span<const JubJubPoint> points, std::span<base::ByteArray<32>> out) {
    std::vector<Fr> inverses;
    inverses.reserve(points.size());
    for (const JubJubPoint& point : points) inverses.push_back(point.z);
    Fr::invert_all(inverses);
    for (std::size_t i = 0; i < points.size(); ++i)
        out[i] = JubJubAffine{points[i].u * inverses[i], points[i].v * inverses[i]}.encode();
    wipe(std::as_writable_bytes(std::span(inverses)));  // the points may be secret
}

Fl hash_of_point(const JubJubPoint& point) {
    return hash_to_fl(point.encode());
}

}  // namespace rues::crypto
