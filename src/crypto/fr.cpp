#include "crypto/fr.hpp"

#include "base/encoding.hpp"

namespace rues::crypto {
namespace {

/// r - 1 = 2^32 t, t odd (docs/reference/phoenix-and-plonk.md 1.1).
constexpr unsigned kTwoAdicity = 32;
/// (t - 1) / 2, highest limb first.
constexpr std::uint64_t kHalfOddPart[] = {0x39f6d3a9, 0x94cebea4199cec04, 0x04d0ec02a9ded201, 0x7fff2dff7fffffff};

/// 7^t, of order 2^32.
const Fr& root_of_unity() {
    static const Fr root =
        *Fr::from_bytes(*base::array_from_hex<32>("2b0d9f431f972938b980228c508336b6b413c82219689bd0201fe8df9ea1a216"));
    return root;
}

Fr power_of_half_odd_part(const Fr& base) {
    Fr out(1);
    for (const std::uint64_t limb : kHalfOddPart) {
        for (unsigned bit = 64; bit-- > 0;) {
            out = out.squared();
            if ((limb >> bit & 1) != 0) out = out * base;
        }
    }
    return out;
}

/// nullopt unless the little-endian integer is below r.
std::optional<blst_scalar> checked(const base::ByteArray<32>& little_endian) noexcept {
    blst_scalar scalar;
    blst_scalar_from_lendian(&scalar, base::u8(base::ByteView(little_endian)));
    return blst_scalar_fr_check(&scalar) ? std::optional(scalar) : std::nullopt;
}

}  // namespace

Fr::Fr(std::uint64_t small) noexcept {
    const std::uint64_t limbs[] = {small, 0, 0, 0};
    blst_fr_from_uint64(&value_, limbs);
}

std::optional<Fr> Fr::from_bytes(const base::ByteArray<32>& little_endian) noexcept {
    const auto scalar = checked(little_endian);
    if (!scalar) return std::nullopt;
    Fr out;
    blst_fr_from_scalar(&out.value_, &*scalar);
    return out;
}

Fr Fr::from_wide(const base::ByteArray<64>& little_endian) noexcept {
    blst_scalar scalar;
    blst_scalar_from_le_bytes(&scalar, base::u8(base::ByteView(little_endian)), little_endian.size());
    Fr out;
    blst_fr_from_scalar(&out.value_, &scalar);
    return out;
}

std::optional<Fr> Fr::from_montgomery(const base::ByteArray<32>& limbs) noexcept {
    if (!checked(limbs)) return std::nullopt;
    Fr out;
    std::memcpy(&out.value_, limbs.data(), limbs.size());
    return out;
}

base::ByteArray<32> Fr::bytes() const noexcept {
    blst_scalar scalar;
    blst_scalar_from_fr(&scalar, &value_);
    base::ByteArray<32> out;
    blst_lendian_from_scalar(base::u8(out), &scalar);
    return out;
}

base::ByteArray<32> Fr::montgomery() const noexcept {
    base::ByteArray<32> out;
    std::memcpy(out.data(), &value_, out.size());
    return out;
}

Fr Fr::squared(unsigned times) const noexcept {
    Fr out = *this;
    for (; times > 0; --times) blst_fr_sqr(&out.value_, &out.value_);
    return out;
}

Fr Fr::inverse() const noexcept {
    Fr out;
    blst_fr_eucl_inverse(&out.value_, &value_);
    return out;
}

/// The algorithm of Tonelli and Shanks: at most kTwoAdicity rounds. Each round at least halves the order of `wrong`.
std::optional<Fr> Fr::square_root() const noexcept {
    if (is_zero()) return *this;
    const Fr one(1);
    const Fr w = power_of_half_odd_part(*this);
    Fr root = *this * w;
    Fr wrong = root * w;              // root^2 = this · wrong, and wrong's order is a power of two
    Fr correction = root_of_unity();  // of order 2^order_log
    unsigned order_log = kTwoAdicity;
    while (wrong != one) {
        unsigned wrong_log = 0;
        for (Fr power = wrong; power != one; power = power.squared()) {
            if (++wrong_log == order_log) return std::nullopt;  // only in the first round: not a square
        }
        const Fr step = correction.squared(order_log - wrong_log - 1);
        root = root * step;
        correction = step.squared();
        wrong = wrong * correction;
        order_log = wrong_log;
    }
    return root;
}

}  // namespace rues::crypto
