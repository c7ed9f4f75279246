#include "base/endian.hpp"
#include "plonk/composer/composer.hpp"

// The gates on points of JubJub.
namespace rues::plonk {
namespace {

using Digits = std::array<int, FixedBase::kSteps>;

/// Points that tell a scalar, so they are wiped.
template <typename Point>
using SecretPoints = std::vector<Point, WipingAllocator<Point>>;

bool is_below_l(const base::ByteArray<32>& integer) {
    return crypto::Fl::from_bytes(integer).has_value();
}

/// The non-adjacent form of the integer s, the highest digit first: digits -1, 0 and 1, no two neighbours of which are
/// both not zero. Digit i is bit i + 1 of 3s less bit i + 1 of s. REQUIRES: s is below 2^253.
Digits non_adjacent_form(const base::ByteArray<32>& integer) {
    __extension__ using Wide = unsigned __int128;
    std::array<std::uint64_t, 4> once{}, thrice{};
    Wide carry = 0;
    for (std::size_t i = 0; i < once.size(); ++i) {
        once[i] = base::load_le<std::uint64_t>(integer.data() + 8 * i);
        carry += Wide{3} * once[i];
        thrice[i] = static_cast<std::uint64_t>(carry);
        carry >>= 64;
    }
    const auto bit = [](const std::array<std::uint64_t, 4>& limbs, std::size_t i) {
        return i < 256 ? static_cast<int>(limbs[i / 64] >> i % 64 & 1U) : 0;
    };
    Digits out;
    for (std::size_t i = 0; i < out.size(); ++i) out[out.size() - 1 - i] = bit(thrice, i + 1) - bit(once, i + 1);
    return out;
}

/// The affine forms of many points, with one inversion.
SecretPoints<crypto::JubJubAffine> affine(std::span<const crypto::JubJubPoint> points) {
    SecretVector inverses;
    inverses.reserve(points.size());
    for (const auto& point : points) inverses.push_back(point.z);
    Fr::invert_all(inverses);
    SecretPoints<crypto::JubJubAffine> out;
    out.reserve(points.size());
    for (std::size_t i = 0; i < points.size(); ++i)
        out.push_back({points[i].u * inverses[i], points[i].v * inverses[i]});
    return out;
}

/// The sums before each step and after the last.
SecretPoints<crypto::JubJubAffine> sums_of(const FixedBase& base, const Digits& digits) {
    SecretPoints<crypto::JubJubPoint> out;
    out.reserve(digits.size() + 1);
    out.emplace_back();
    for (std::size_t i = 0; i < digits.size(); ++i) {
        const auto& [u, v, product] = base.steps()[i];
        if (digits[i] == 0) {
            out.push_back(out.back());
        } else {
            out.push_back(out.back() + crypto::JubJubPoint({digits[i] > 0 ? u : -u, v}));
        }
    }
    return affine(out);
}

Fr digit_of(int digit) {
    return digit < 0 ? -Fr(1) : Fr(static_cast<std::uint64_t>(digit));
}

}  // namespace

FixedBase::FixedBase(const crypto::JubJubPoint& point) {
    std::vector<crypto::JubJubPoint> powers{point};
    while (powers.size() < kSteps) powers.push_back(powers.back().doubled());
    const auto points = affine(powers);
    steps_.reserve(kSteps);
    for (std::size_t i = kSteps; i-- > 0;) steps_.push_back({points[i].u, points[i].v, points[i].u * points[i].v});
}

WitnessPoint Composer::add(const WitnessPoint& p, const WitnessPoint& q) {
    const Fr one(1);
    const Fr &u1 = value(p.u), &v1 = value(p.v), &u2 = value(q.u), &v2 = value(q.v);
    const Fr cross = u1 * v2;
    const Fr other = v1 * u2;
    const Fr product = crypto::jubjub_d() * cross * other;
    // Both denominators in one inversion. They are not zero for points of the curve.
    const Fr inverse = ((one + product) * (one - product)).inverse();
    const Fr u3 = (cross + other) * inverse * (one - product);
    const Fr v3 = (v1 * v2 + u1 * u2) * inverse * (one + product);

    const Witness of_cross = append(cross);
    const WitnessPoint out = append({u3, v3});
    Selectors selectors{};
    coefficient(selectors, Selector::variable) = one;
    append_gate(selectors, {p.u, p.v, q.u, q.v});
    append_gate({}, {out.u, out.v, kZero, of_cross});
    return out;
}

Witness Composer::select_one(Witness bit, Witness value_if_set) {
    const Fr one(1);
    const Witness out = append(one - value(bit) + value(bit) * value(value_if_set));
    Selectors selectors{};
    coefficient(selectors, Selector::m) = one;
    coefficient(selectors, Selector::l) = -one;
    coefficient(selectors, Selector::o) = -one;
    coefficient(selectors, Selector::c) = one;
    coefficient(selectors, Selector::arith) = one;
    append_gate(selectors, {bit, value_if_set, out});
    return out;
}

WitnessPoint Composer::multiply(Witness scalar, const WitnessPoint& point) {
    const auto bits_of_scalar = bits<252>(scalar);
    WitnessPoint out{kZero, kOne};
    for (std::size_t i = bits_of_scalar.size(); i-- > 0;) {
        out = add(out, out);
        const Witness u = select_zero(bits_of_scalar[i], point.u);
        const Witness v = select_one(bits_of_scalar[i], point.v);
        out = add(out, WitnessPoint{u, v});
    }
    return out;
}

WitnessPoint Composer::multiply(Witness scalar, const FixedBase& base) {
    auto integer = value(scalar).bytes();
    if (!is_below_l(integer)) {
        malformed_scalar_ = true;
        integer = {};
    }
    const Digits digits = non_adjacent_form(integer);
    const auto sums = sums_of(base, digits);
    Fr read;  // the scalar's digits so far
    for (std::size_t i = 0; i < digits.size(); ++i) {
        const FixedBase::Step& step = base.steps()[i];
        const WitnessPoint sum = append(sums[i]);
        const Witness of_read = append(read);
        if (i == 0) {
            assert_constant(sum.u, Fr());
            assert_constant(sum.v, Fr(1));
            assert_constant(of_read, Fr());
        }
        const Fr digit = digit_of(digits[i]);
        const Witness product = append(digit * step.product);
        Selectors selectors{};
        coefficient(selectors, Selector::fixed) = Fr(1);
        coefficient(selectors, Selector::l) = step.u;
        coefficient(selectors, Selector::r) = step.v;
        coefficient(selectors, Selector::c) = step.product;
        append_gate(selectors, {sum.u, sum.v, product, of_read});
        read = read.doubled() + digit;
    }
    const WitnessPoint out = append(sums.back());
    const Witness of_read = append(read);
    Selectors nothing{};
    coefficient(nothing, Selector::arith) = Fr(1);
    append_gate(nothing, {out.u, out.v, kZero, of_read});
    assert_equal(of_read, scalar);
    return out;
}

}  // namespace rues::plonk
