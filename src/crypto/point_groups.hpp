#pragma once

#include <blst.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

/// Additions of many points of G1 in affine coordinates. A batch of additions shares one inversion, so an addition
/// takes six products of Fp; in the coordinates of blst it takes ten and more. Pure, any thread, not constant-time.
///
/// `Allocator` gives the memory: one that wipes it where the choice of the points tells a secret.
namespace rues::crypto {

/// Adds pairs of points of the subgroup of order r. The results of a batch are written together. All zero is the
/// identity, as for blst.
template <template <typename> typename Allocator = std::allocator>
class PairAdder {
public:
    PairAdder() { pairs_.reserve(kBatch); }

    /// REQUIRES: `out` is not read before `flush`, and stays where it is.
    void add(const blst_p1_affine& a, const blst_p1_affine& b, blst_p1_affine& out) {
        if (blst_p1_affine_is_inf(&a) || blst_p1_affine_is_inf(&b)) {
            out = blst_p1_affine_is_inf(&a) ? b : a;
            return;
        }
        Pair pair{a, b, &out, false, {}, {}};
        blst_fp_sub(&pair.denominator, &b.x, &a.x);
        if (same(a.x, b.x)) {
            if (!same(a.y, b.y)) {
                out = {};
                return;
            }
            pair.doubles = true;
            blst_fp_add(&pair.denominator, &a.y, &a.y);  // not zero: no point has an even order
        }
        pairs_.push_back(pair);
        if (pairs_.size() == kBatch) flush();
    }

    void flush() {
        if (pairs_.empty()) return;
        blst_fp product = pairs_.front().denominator;
        for (std::size_t i = 1; i < pairs_.size(); ++i) {
            pairs_[i].before = product;
            blst_fp_mul(&product, &product, &pairs_[i].denominator);
        }
        blst_fp inverse;  // of the product of the denominators up to i
        blst_fp_eucl_inverse(&inverse, &product);
        for (std::size_t i = pairs_.size(); i-- > 0;) {
            blst_fp own = inverse;
            if (i > 0) {
                blst_fp_mul(&own, &inverse, &pairs_[i].before);
                blst_fp_mul(&inverse, &inverse, &pairs_[i].denominator);
            }
            complete(pairs_[i], own);
        }
        pairs_.clear();
    }

private:
    static constexpr std::size_t kBatch = 128;

    struct Pair {
        blst_p1_affine a, b;
        blst_p1_affine* out;
        bool doubles;
        blst_fp denominator;
        blst_fp before;  ///< the product of the denominators before this one
    };

    static bool same(const blst_fp& a, const blst_fp& b) noexcept { return std::ranges::equal(a.l, b.l); }

    static void complete(const Pair& pair, const blst_fp& inverse) {
        blst_fp slope;
        if (pair.doubles) {
            blst_fp square;
            blst_fp_sqr(&square, &pair.a.x);
            blst_fp_add(&slope, &square, &square);
            blst_fp_add(&slope, &slope, &square);
        } else {
            blst_fp_sub(&slope, &pair.b.y, &pair.a.y);
        }
        blst_fp_mul(&slope, &slope, &inverse);
        blst_p1_affine& out = *pair.out;
        blst_fp_sqr(&out.x, &slope);
        blst_fp_sub(&out.x, &out.x, &pair.a.x);
        blst_fp_sub(&out.x, &out.x, &pair.b.x);
        blst_fp_sub(&out.y, &pair.a.x, &out.x);
        blst_fp_mul(&out.y, &out.y, &slope);
        blst_fp_sub(&out.y, &out.y, &pair.a.y);
    }

    std::vector<Pair, Allocator<Pair>> pairs_;
};

/// Groups of points, each of which is added up. The points of a group are adjacent.
template <template <typename> typename Allocator = std::allocator>
class PointGroups {
public:
    using Points = std::vector<blst_p1_affine, Allocator<blst_p1_affine>>;
    using Sizes = std::vector<std::uint32_t, Allocator<std::uint32_t>>;

    /// REQUIRES: the sum of the sizes is the number of points.
    PointGroups(Sizes sizes, Points points) : sizes_(std::move(sizes)), points_(std::move(points)) {}

    /// One point for each group; the identity for an empty one.
    Points sums() && {
        while (std::ranges::any_of(sizes_, [](std::uint32_t size) { return size > 1; })) halve();
        Points out(sizes_.size());
        std::size_t at = 0;
        for (std::size_t group = 0; group < sizes_.size(); ++group) {
            if (sizes_[group] == 1) out[group] = points_[at++];
        }
        return out;
    }

private:
    /// Adds neighbours of a group in pairs.
    void halve() {
        std::size_t left = 0;
        for (const std::uint32_t size : sizes_) left += (size + 1) / 2;
        Points out(left);
        std::size_t from = 0, to = 0;
        for (std::uint32_t& size : sizes_) {
            for (std::uint32_t i = 0; i + 1 < size; i += 2)
                adder_.add(points_[from + i], points_[from + i + 1], out[to++]);
            if (size % 2 == 1) out[to++] = points_[from + size - 1];
            from += size;
            size = (size + 1) / 2;
        }
        adder_.flush();
        points_ = std::move(out);
    }

    Sizes sizes_;
    Points points_;
    PairAdder<Allocator> adder_;
};

}  // namespace rues::crypto
