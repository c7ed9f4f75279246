#include "plonk/prover/weighted_sums.hpp"

#include <bit>

#include "base/endian.hpp"
#include "crypto/point_groups.hpp"

namespace rues::plonk {
namespace {

constexpr std::size_t kScalarBits = 255;

using Affine = blst_p1_affine;  // all zero is the identity, as for blst
// How the points are grouped tells digits of secret scalars.
using Groups = crypto::PointGroups<WipingAllocator>;
using Points = Groups::Points;
using Indices = Groups::Sizes;

/// Digit `window` of a scalar. A digit takes the highest bit of the window below and gives its own highest bit to the
/// window above.
std::int32_t digit_of(const ScalarLimbs& scalar, const Windows& windows, std::size_t window) noexcept {
    std::uint64_t bits = 0;  // of the window, and one bit below
    if (window == 0) {
        bits = scalar[0] << 1;
    } else {
        const std::size_t begin = window * windows.bits - 1;
        const std::size_t limb = begin / 64, shift = begin % 64;
        bits = scalar[limb] >> shift;
        if (shift != 0 && limb + 1 < scalar.size()) bits |= scalar[limb + 1] << (64 - shift);
    }
    const std::uint64_t own = bits >> 1 & ((std::uint64_t{1} << windows.bits) - 1);
    const std::uint64_t highest = own >> (windows.bits - 1);
    return static_cast<std::int32_t>(own + (bits & 1)) - static_cast<std::int32_t>(highest << windows.bits);
}

/// The points in the order of their digits' magnitudes, negated where the digit is negative. Group i is magnitude i
/// + 1.
Groups buckets_of(std::span<const Affine> points, const ScalarVector& scalars, const Windows& windows,
                  std::size_t window) {
    const std::size_t buckets = std::size_t{1} << (windows.bits - 1);
    Indices sizes(buckets);
    std::vector<std::int32_t, WipingAllocator<std::int32_t>> digits(scalars.size());
    for (std::size_t i = 0; i < scalars.size(); ++i) {
        digits[i] = digit_of(scalars[i], windows, window);
        if (digits[i] != 0) ++sizes[static_cast<std::size_t>(std::abs(digits[i])) - 1];
    }
    Indices next(buckets);  // where the next point of a bucket goes
    std::uint32_t total = 0;
    for (std::size_t i = 0; i < buckets; ++i) {
        next[i] = total;
        total += sizes[i];
    }
    Points sorted(total);
    for (std::size_t i = 0; i < scalars.size(); ++i) {
        if (digits[i] == 0) continue;
        Affine& to = sorted[next[static_cast<std::size_t>(std::abs(digits[i])) - 1]++];
        to = points[i];
        blst_fp_cneg(&to.y, &to.y, digits[i] < 0);
    }
    return Groups(std::move(sizes), std::move(sorted));
}

/// The sum of points[i] times i + first.
blst_p1 weighted_by_index(std::span<const Affine> points, std::size_t first) noexcept {
    blst_p1 sum{}, out{};
    for (std::size_t i = points.size(); i-- > 0;) {
        blst_p1_add_or_double_affine(&sum, &sum, &points[i]);
        if (i + first > 0) blst_p1_add_or_double(&out, &out, &sum);
    }
    return out;
}

}  // namespace

ScalarVector scalars_of(std::span<const Fr> elements) {
    ScalarVector out(elements.size());
    for (std::size_t i = 0; i < elements.size(); ++i) {
        const auto bytes = elements[i].bytes();
        for (std::size_t limb = 0; limb < out[i].size(); ++limb) {
            out[i][limb] = base::load_le<std::uint64_t>(bytes.data() + 8 * limb);
        }
    }
    return out;
}

Windows Windows::for_points(std::size_t points) noexcept {
    constexpr std::size_t kMostBits = 16;
    Windows best{2, 0};
    std::size_t least = ~std::size_t{0};
    for (std::size_t bits = 2; bits <= kMostBits; ++bits) {
        const Windows windows{bits, (kScalarBits + bits) / bits};
        const std::size_t additions = windows.count * (points + (std::size_t{1} << bits));
        if (additions < least) {
            least = additions;
            best = windows;
        }
    }
    return best;
}

/// The sum of (i + 1) · bucket i. Bucket i = row · columns + column lies in a matrix: its row's sum counts row ·
/// columns times, its column's sum column + 1 times. So a bucket costs two additions of a batch instead of two of
/// single points.
blst_p1 window_sum(std::span<const Affine> points, const ScalarVector& scalars, const Windows& windows,
                   std::size_t window) {
    Points buckets = buckets_of(points, scalars, windows, window).sums();
    const std::size_t log_columns = (windows.bits - 1) / 2;
    const std::size_t columns = std::size_t{1} << log_columns;
    const std::size_t rows = buckets.size() / columns;
    Points turned(buckets.size());
    for (std::size_t i = 0; i < buckets.size(); ++i) turned[i % columns * rows + i / columns] = buckets[i];
    const Points row_sums = Groups(Indices(rows, static_cast<std::uint32_t>(columns)), std::move(buckets)).sums();
    const Points column_sums = Groups(Indices(columns, static_cast<std::uint32_t>(rows)), std::move(turned)).sums();

    blst_p1 out = weighted_by_index(row_sums, 0);
    for (std::size_t i = 0; i < log_columns; ++i) blst_p1_double(&out, &out);
    const blst_p1 by_column = weighted_by_index(column_sums, 1);
    blst_p1_add_or_double(&out, &out, &by_column);
    return out;
}

blst_p1 joined(std::span<const blst_p1> sums, const Windows& windows) noexcept {
    blst_p1 out{};
    for (std::size_t i = sums.size(); i-- > 0;) {
        for (std::size_t bit = 0; bit < windows.bits; ++bit) blst_p1_double(&out, &out);
        blst_p1_add_or_double(&out, &out, &sums[i]);
    }
    return out;
}

}  // namespace rues::plonk
