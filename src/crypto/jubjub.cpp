#include "crypto/jubjub.hpp"

#include <blst.h>

#include <string_view>

#include "base/encoding.hpp"
#include "crypto/bls.hpp"

namespace rues::crypto {
namespace {

using base::ByteArray;
using base::ByteView;

/// r - 1 = 2^32 t, t odd (docs/reference/phoenix-and-plonk.md 1.1).
constexpr unsigned kTwoAdicity = 32;
/// (t - 1) / 2, highest limb first.
constexpr std::uint64_t kHalfOddPart[] = {0x39f6d3a9, 0x94cebea4199cec04, 0x04d0ec02a9ded201, 0x7fff2dff7fffffff};

std::optional<blst_fr> fr_from(const ByteArray<32>& little_endian) {
    blst_scalar scalar;
    blst_scalar_from_lendian(&scalar, base::u8(ByteView(little_endian)));
    if (!blst_scalar_fr_check(&scalar)) return std::nullopt;
    blst_fr out;
    blst_fr_from_scalar(&out, &scalar);
    return out;
}

ByteArray<32> bytes_of(const blst_fr& value) {
    blst_scalar scalar;
    blst_scalar_from_fr(&scalar, &value);
    ByteArray<32> out;
    blst_lendian_from_scalar(base::u8(out), &scalar);
    return out;
}

/// A field element has one representation, so equal bytes mean equal values.
bool equal(const blst_fr& a, const blst_fr& b) {
    return std::ranges::equal(a.l, b.l);
}

struct Constants {
    blst_fr one = of("0100000000000000000000000000000000000000000000000000000000000000");
    blst_fr d = of("b13e34d6d65f0601269d57376d7f2d29d47fbde60792fdf5482bfa4be718932a");              ///< -10240/10241
    blst_fr root_of_unity = of("2b0d9f431f972938b980228c508336b6b413c82219689bd0201fe8df9ea1a216");  ///< 7^t

private:
    static blst_fr of(std::string_view hex) { return *fr_from(*base::array_from_hex<32>(hex)); }
};

const Constants& constants() {
    static const Constants all;
    return all;
}

blst_fr product(const blst_fr& a, const blst_fr& b) {
    blst_fr out;
    blst_fr_mul(&out, &a, &b);
    return out;
}

blst_fr squared(blst_fr a, unsigned times = 1) {
    for (; times > 0; --times) blst_fr_sqr(&a, &a);
    return a;
}

blst_fr power_of_half_odd_part(const blst_fr& base) {
    blst_fr out = constants().one;
    for (const std::uint64_t limb : kHalfOddPart) {
        for (unsigned bit = 64; bit-- > 0;) {
            out = squared(out);
            if ((limb >> bit & 1) != 0) out = product(out, base);
        }
    }
    return out;
}

/// The algorithm of Tonelli and Shanks: at most kTwoAdicity rounds. Each round at least halves the order of `wrong`.
std::optional<blst_fr> square_root(const blst_fr& square) {
    const blst_fr& one = constants().one;
    if (equal(square, blst_fr{})) return square;
    const blst_fr w = power_of_half_odd_part(square);
    blst_fr root = product(square, w);
    blst_fr wrong = product(root, w);                // root^2 = square · wrong, and wrong's order is a power of two
    blst_fr correction = constants().root_of_unity;  // of order 2^order_log
    unsigned order_log = kTwoAdicity;
    while (!equal(wrong, one)) {
        unsigned wrong_log = 0;
        for (blst_fr power = wrong; !equal(power, one); power = squared(power)) {
            if (++wrong_log == order_log) return std::nullopt;  // only in the first round: not a square
        }
        const blst_fr step = squared(correction, order_log - wrong_log - 1);
        root = product(root, step);
        correction = squared(step);
        wrong = product(wrong, correction);
        order_log = wrong_log;
    }
    return root;
}

}  // namespace

std::optional<JubJubPoint> jubjub_decompress(ByteView compressed) {
    JubJubPoint out;
    out.v = base::to_array<32>(compressed);
    const bool odd = (out.v[31] & std::byte{0x80}) != std::byte{0};
    out.v[31] &= std::byte{0x7f};
    const auto v = fr_from(out.v);
    if (!v) return std::nullopt;
    // u^2 = (v^2 - 1) / (1 + d v^2); the denominator is never zero, because -1/d is not a square.
    const blst_fr v_squared = squared(*v);
    blst_fr numerator;
    blst_fr_sub(&numerator, &v_squared, &constants().one);
    blst_fr denominator = product(constants().d, v_squared);
    blst_fr_add(&denominator, &denominator, &constants().one);
    blst_fr_eucl_inverse(&denominator, &denominator);
    auto u = square_root(product(numerator, denominator));
    if (!u) return std::nullopt;
    out.u = bytes_of(*u);
    if (((out.u[0] & std::byte{1}) != std::byte{0}) != odd) {
        if (equal(*u, blst_fr{})) return std::nullopt;
        blst_fr_cneg(&*u, &*u, true);
        out.u = bytes_of(*u);
    }
    return out;
}

std::optional<ByteArray<32>> jubjub_compress(const JubJubPoint& point) {
    if (!fr_from(point.u) || !fr_from(point.v)) return std::nullopt;
    ByteArray<32> out = point.v;
    out[31] |= (point.u[0] & std::byte{1}) << 7;
    if (jubjub_decompress(out) != point) return std::nullopt;
    return out;
}

namespace {

/// Coordinate `index` of archived limbs.
std::optional<blst_fr> coordinate(ByteView limbs, std::size_t index) {
    const auto canonical = scalar_from_montgomery(base::to_array<32>(limbs.subspan(32 * index, 32)));
    return canonical ? fr_from(*canonical) : std::nullopt;
}

void put(ByteArray<32> canonical, std::span<std::byte> limbs, std::size_t index) {
    std::ranges::copy(*scalar_to_montgomery(canonical), limbs.begin() + static_cast<std::ptrdiff_t>(32 * index));
}

}  // namespace

std::optional<ByteArray<32>> jubjub_compress_affine(const ByteArray<64>& limbs) {
    const auto u = coordinate(limbs, 0);
    const auto v = coordinate(limbs, 1);
    if (!u || !v) return std::nullopt;
    return jubjub_compress({bytes_of(*u), bytes_of(*v)});
}

std::optional<ByteArray<32>> jubjub_compress_extended(const ByteArray<160>& limbs) {
    const auto u = coordinate(limbs, 0);
    const auto v = coordinate(limbs, 1);
    const auto z = coordinate(limbs, 2);
    if (!u || !v || !z || equal(*z, blst_fr{})) return std::nullopt;
    blst_fr inverse;
    blst_fr_eucl_inverse(&inverse, &*z);
    return jubjub_compress({bytes_of(product(*u, inverse)), bytes_of(product(*v, inverse))});
}

std::optional<ByteArray<64>> jubjub_affine(ByteView compressed) {
    const auto point = jubjub_decompress(compressed);
    if (!point) return std::nullopt;
    ByteArray<64> out;
    put(point->u, out, 0);
    put(point->v, out, 1);
    return out;
}

std::optional<ByteArray<160>> jubjub_extended(ByteView compressed) {
    const auto point = jubjub_decompress(compressed);
    if (!point) return std::nullopt;
    ByteArray<32> one{};
    one[0] = std::byte{1};
    ByteArray<160> out;
    std::size_t index = 0;
    for (const auto& value : {point->u, point->v, one, point->u, point->v}) put(value, out, index++);
    return out;
}

}  // namespace rues::crypto
