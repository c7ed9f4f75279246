#include <array>
#include <cstdlib>
#include <optional>
#include <vector>

#include "base/encoding.hpp"
#include "base/endian.hpp"
#include "crypto/groups.hpp"
#include "crypto/point_groups.hpp"

/// Sums of points of G1 with scalars. For few points, as those of a proof, the way of Straus on halves of the scalars;
/// for many, that of Pippenger, by blst.
///
/// A scalar is low + high · z², with halves of 128 bits, for the parameter z of the curve. And z² times a point costs
/// one product of Fp: it is (β·x, -y), with a cube root β of one. So there are twice as many points and half as many
/// doublings. (Gallant, Lambert and Vanstone 2001.) The additions are affine, in batches (`PointGroups`).
namespace rues::crypto {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::size_t kFew = 200;  ///< up to so many points, the way of Straus takes less time

constexpr std::size_t kScalarBits = 255;
constexpr std::uint64_t kZ = 0xd201000000010000;  ///< |z| (docs/reference/phoenix-and-plonk.md 1.1)
/// Digits are odd numbers below 2^(kWindow - 1), and their negatives.
constexpr unsigned kWindow = 5;
constexpr std::size_t kMultiples = std::size_t{1} << (kWindow - 2);  ///< 1, 3, ..., 15 times the point
constexpr std::size_t kDigits = 128 + 1;                             ///< of half a scalar

struct Halves {
    Wide low, high;
};

/// Divides by z twice.
Halves halves_of(const Fr& scalar) noexcept {
    const auto bytes = scalar.bytes();
    std::array<std::uint64_t, 4> limbs;
    for (std::size_t i = 0; i < limbs.size(); ++i) limbs[i] = base::load_le<std::uint64_t>(bytes.data() + 8 * i);
    const auto divide = [&limbs] {
        std::uint64_t rest = 0;
        for (std::size_t i = limbs.size(); i-- > 0;) {
            const Wide part = Wide{rest} << 64 | limbs[i];
            limbs[i] = static_cast<std::uint64_t>(part / kZ);
            rest = static_cast<std::uint64_t>(part) - limbs[i] * kZ;
        }
        return rest;
    };
    const std::uint64_t lowest = divide();
    const std::uint64_t next = divide();
    return {Wide{next} * kZ + lowest, Wide{limbs[1]} << 64 | limbs[0]};
}

using Digits = std::array<std::int8_t, kDigits>;

/// The number is the sum of digit i times 2^i. Of kWindow digits in a row at most one is not zero.
Digits digits_of(Wide number) noexcept {
    Digits out{};
    for (std::size_t i = 0; number != 0; ++i, number >>= 1) {
        if ((number & 1) == 0) continue;
        int digit = static_cast<int>(number & ((1U << kWindow) - 1));
        if (digit > 1 << (kWindow - 1)) digit -= 1 << kWindow;
        out[i] = static_cast<std::int8_t>(digit);
        number -= static_cast<Wide>(digit);  // modulo 2^128; a negative digit adds, and halves are below 0.7 · 2^128
    }
    return out;
}

const blst_fp& beta() noexcept {
    static const blst_fp kBeta = [] {
        const auto bytes = base::array_from_hex<48>(
            "00000000000000005f19672fdf76ce51ba69c6076a0f77eaddb3a93be6f89688de17d8"
            "13620a00022e01fffffffefffe");
        blst_fp out;
        blst_fp_from_bendian(&out, base::u8(base::ByteView(*bytes)));
        return out;
    }();
    return kBeta;
}

/// The odd multiples of the points, kMultiples for each.
std::vector<blst_p1_affine> odd_multiples(std::span<const blst_p1_affine> points) {
    std::vector<blst_p1_affine> out(kMultiples * points.size()), twice(points.size());
    PairAdder adder;
    for (std::size_t i = 0; i < points.size(); ++i) {
        out[kMultiples * i] = points[i];
        adder.add(points[i], points[i], twice[i]);
    }
    adder.flush();
    for (std::size_t j = 1; j < kMultiples; ++j) {
        for (std::size_t i = 0; i < points.size(); ++i)
            adder.add(out[kMultiples * i + j - 1], twice[i], out[kMultiples * i + j]);
        adder.flush();
    }
    return out;
}

/// Adds the points of one digit after the other in pairs, as they come, so that only half of them are written down.
class DigitSums {
public:
    explicit DigitSums(std::size_t most_points) : pairs_(kDigits * (most_points / 2 + 1)) {}

    void add(const blst_p1_affine& point) {
        if (!single_) {
            single_ = point;
            return;
        }
        adder_.add(*single_, point, pairs_[made_++]);
        single_.reset();
    }
    void end_digit() {
        if (single_) pairs_[made_++] = *single_;
        single_.reset();
        sizes_.push_back(static_cast<std::uint32_t>(made_ - before_));
        before_ = made_;
    }
    std::vector<blst_p1_affine> sums() && {
        adder_.flush();
        pairs_.resize(made_);
        return PointGroups<>(std::move(sizes_), std::move(pairs_)).sums();
    }

private:
    std::vector<blst_p1_affine> pairs_;
    std::vector<std::uint32_t> sizes_;
    std::size_t made_ = 0, before_ = 0;
    std::optional<blst_p1_affine> single_;
    PairAdder<> adder_;
};

blst_p1 sum_of_few(std::span<const blst_p1_affine> points, std::span<const Fr> scalars) {
    const auto multiples = odd_multiples(points);
    std::vector<Digits> low(points.size()), high(points.size());
    for (std::size_t i = 0; i < points.size(); ++i) {
        const Halves halves = halves_of(scalars[i]);
        low[i] = digits_of(halves.low);
        high[i] = digits_of(halves.high);
    }
    DigitSums of_digits(2 * points.size());
    const auto add = [&](std::size_t i, int digit, bool is_high) {
        if (digit == 0) return;
        blst_p1_affine point = multiples[kMultiples * i + static_cast<std::size_t>(std::abs(digit)) / 2];
        if (is_high) blst_fp_mul(&point.x, &point.x, &beta());
        blst_fp_cneg(&point.y, &point.y, (digit < 0) != is_high);
        of_digits.add(point);
    };
    for (std::size_t at = 0; at < kDigits; ++at) {
        for (std::size_t i = 0; i < points.size(); ++i) {
            add(i, low[i][at], false);
            add(i, high[i][at], true);
        }
        of_digits.end_digit();
    }
    const auto sums = std::move(of_digits).sums();
    blst_p1 out{};
    for (std::size_t at = kDigits; at-- > 0;) {
        blst_p1_double(&out, &out);
        if (!blst_p1_affine_is_inf(&sums[at])) blst_p1_add_or_double_affine(&out, &out, &sums[at]);
    }
    return out;
}

blst_p1 sum_of_many(std::span<const blst_p1_affine> points, std::span<const Fr> scalars) {
    std::vector<base::ByteArray<32>> integers;
    integers.reserve(scalars.size());
    for (const Fr& scalar : scalars) integers.push_back(scalar.bytes());
    std::vector<limb_t> buckets(blst_p1s_mult_pippenger_scratch_sizeof(points.size()) / sizeof(limb_t));
    const blst_p1_affine* const contiguous_points[] = {points.data(), nullptr};
    const byte* const contiguous_scalars[] = {base::u8(integers.front()), nullptr};
    blst_p1 sum;
    blst_p1s_mult_pippenger(&sum, contiguous_points, points.size(), contiguous_scalars, kScalarBits, buckets.data());
    return sum;
}

}  // namespace

blst_p1 weighted_sum(std::span<const blst_p1_affine> points, std::span<const Fr> scalars) {
    if (points.size() == 1) {
        blst_p1 out;
        blst_p1_from_affine(&out, points.data());
        blst_p1_mult(&out, &out, base::u8(scalars.front().bytes()), kScalarBits);
        return out;
    }
    return points.size() > kFew ? sum_of_many(points, scalars) : sum_of_few(points, scalars);
}

}  // namespace rues::crypto
