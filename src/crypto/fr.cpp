#include "crypto/fr.hpp"

#include <algorithm>
#include <vector>

#include "base/encoding.hpp"
#include "crypto/secret.hpp"

namespace rues::crypto {
namespace {

/// r - 1 = 2^32 t, t odd (docs/reference/phoenix-and-plonk.md 1.1).
constexpr unsigned kTwoAdicity = 32;
/// (t - 1) / 2, highest limb first.
constexpr std::uint64_t kHalfOddPart[] = {0x39f6d3a9, 0x94cebea4199cec04, 0x04d0ec02a9ded201, 0x7fff2dff7fffffff};

/// 7^t, of order 2^32.
const Fr& largest_root() {
    static const Fr root =
        *Fr::from_bytes(*base::array_from_hex<32>("2b0d9f431f972938b980228c508336b6b413c82219689bd0201fe8df9ea1a216"));
    return root;
}

/// base^((t - 1) / 2), by windows of four bits, the highest first.
Fr power_of_half_odd_part(const Fr& base) {
    std::array<Fr, 16> powers;
    powers[0] = Fr::one();
    for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * base;
    Fr out = Fr::one();
    for (const std::uint64_t limb : kHalfOddPart) {
        for (unsigned bit = 64; bit > 0; bit -= 4) out = out.squared(4) * powers[limb >> (bit - 4) & 15U];
    }
    return out;
}

/// Logarithms to the base of the root of unity g, of order 2^32, by digits of eight bits.
class RootLogarithms {
public:
    RootLogarithms() {
        Fr step = largest_root().inverse();  // g^(-2^(8 k))
        for (auto& powers : inverse_powers_) {
            powers[0] = Fr::one();
            for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * step;
            step = step.squared(kDigit);
        }
        const Fr small = largest_root().squared(kTwoAdicity - kDigit);  // of order 256
        Fr power = Fr::one();
        for (unsigned i = 0; i < kDigitValues; ++i, power = power * small) digits_[i] = {power.montgomery(), i};
        std::ranges::sort(digits_);
    }

    /// s with g^s = element. REQUIRES: there is one.
    std::uint32_t of(Fr element) const {
        std::uint32_t out = 0;
        for (std::size_t k = 0; k < kDigits; ++k) {
            const auto shown = element.squared(static_cast<unsigned>(kTwoAdicity - kDigit * (k + 1))).montgomery();
            const auto found = std::ranges::lower_bound(digits_, shown, {}, &Digit::first);
            out |= found->second << (kDigit * k);
            element = element * inverse_powers_[k][found->second];
        }
        return out;
    }
    /// g^-s.
    Fr inverse_power(std::uint32_t s) const {
        Fr out = Fr::one();
        for (std::size_t k = 0; k < kDigits; ++k) out = out * inverse_powers_[k][s >> (kDigit * k) & 255U];
        return out;
    }

private:
    static constexpr std::size_t kDigit = 8, kDigits = kTwoAdicity / kDigit, kDigitValues = std::size_t{1} << kDigit;
    using Digit = std::pair<base::ByteArray<32>, std::uint32_t>;
    std::array<std::array<Fr, kDigitValues>, kDigits> inverse_powers_;
    std::array<Digit, kDigitValues> digits_;
};

const RootLogarithms& logarithms() {
    static const RootLogarithms all;
    return all;
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

Fr Fr::power(std::uint64_t exponent) const noexcept {
    Fr out = one();
    for (unsigned bit = 64; bit-- > 0;) {
        out = out.squared();
        if ((exponent >> bit & 1) != 0) out = out * *this;
    }
    return out;
}

void Fr::invert_all(std::span<Fr> elements) {
    std::vector<Fr> before;  // [i] is the product of the elements before i
    before.reserve(elements.size());
    Fr product = one();
    for (const Fr& element : elements) {
        before.push_back(product);
        product = product * element;
    }
    Fr inverse = product.inverse();  // of the product of the elements up to i
    for (std::size_t i = elements.size(); i-- > 0;) {
        const Fr next = inverse * elements[i];
        elements[i] = inverse * before[i];
        inverse = next;
    }
    wipe(std::as_writable_bytes(std::span(before)));  // the elements may be secret
}

Fr Fr::root_of_unity(unsigned log_order) noexcept {
    return largest_root().squared(kTwoAdicity - log_order);
}

/// The algorithm of Tonelli and Shanks, which finds the logarithm of x^t to the base of a root of unity; here by
/// digits, which takes a fifth of the products that single bits take.
std::optional<Fr> Fr::square_root() const noexcept {
    if (is_zero()) return *this;
    const Fr w = power_of_half_odd_part(*this);
    const Fr root = *this * w;  // root^2 = this · this^t
    const std::uint32_t logarithm = logarithms().of(root * w);
    if (logarithm % 2 != 0) return std::nullopt;
    return root * logarithms().inverse_power(logarithm / 2);
}

bool Fr::is_eighth_power() const noexcept {
    const Fr w = power_of_half_odd_part(*this);
    return (w.squared() * *this).squared(kTwoAdicity - 3) == Fr::one();
}

}  // namespace rues::crypto
