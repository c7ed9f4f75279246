#include <array>
#include <memory>

#include "base/endian.hpp"
#include "crypto/bls.hpp"
#include "crypto/hash.hpp"
#include "crypto/hash_to_curve.hpp"

namespace rues::crypto {
namespace {

/// The number of pairs that blst takes through one Miller loop with common squarings (N_MAX of its pairing context).
constexpr std::size_t kPairsInLoop = 8;
/// A failed combination is divided into this many parts. A part of one item is verified alone.
constexpr std::size_t kParts = 8;
/// From this many points on the bucket method beats single multiplications (20 against 43 us a point at 8 points, 12 at
/// 64).
constexpr std::size_t kBucketsFrom = 8;

/// The Miller loop of the generator of G2 with a point. The lines of the generator never change, so they are computed
/// once. The loop then costs three quarters of a loop from scratch, as much as a loop that shares the squarings of
/// another one.
blst_fp12 generator_loop(const blst_p1_affine& point) {
    static const auto lines = [] {
        std::array<blst_fp6, 68> out;
        blst_precompute_lines(out.data(), blst_p2_affine_generator());
        return out;
    }();
    blst_fp12 out;
    blst_miller_loop_lines(&out, lines.data(), &point);
    return out;
}

/// e(g2, signature) equals the product of pairings whose Miller loops gave `product`. One final exponentiation.
bool equals(const blst_fp12& product, const blst_p1_affine& signature) {
    const blst_fp12 left = generator_loop(signature);
    return blst_fp12_finalverify(&left, &product);
}

bool verify_hashed(const PublicKey& key, const blst_p1_affine& signature, const blst_p1_affine& hash) {
    blst_fp12 right;
    blst_miller_loop(&right, &key.point(), &hash);
    return equals(right, signature);
}

/// One batch: for random r_i, the product over keys of e(sum of r_i H(m_i), key) must equal e(sum of r_i sig_i, g2).
///
/// Cost of an item, when a single verification costs 1 (`bench crypto`, batches of 64): 0.36 for a new key (most of a
/// Miller loop, the hash and a short multiplication), 0.10 for a key that the batch already has. Multiplying r_i into
/// the key instead would save no loop, and a multiplication in G2 is three times as dear.
///
/// A client that sends bad signatures must not make a batch much dearer than single verifications. Halving a failed
/// batch again and again would: every level repeats the Miller loops, so a batch of bad signatures would cost more than
/// twice its single verifications. So the Miller product of each run of eight keys is kept. A failed batch needs one
/// more final exponentiation for each run, and only the items of a failed run are verified alone, or in eighths when
/// one key has many items. Cost of an item: 0.57 when one of 64 is bad, 1.4 when all are bad.
///
/// A wrong signature passes with a chance of 2^-64, because the coefficients have 64 bits. The types guarantee that the
/// points lie in their groups, so no component of small order can slip through.
class Batch {
public:
    Batch(std::span<const VerifyItem> items, const ByteArray<32>& seed)
        : items_(items), good_(items.size(), false), pairing_(new std::uint64_t[(blst_pairing_sizeof() + 7) / 8]) {
        for (std::size_t i = 0; i < items.size(); ++i) {
            if (!items[i].key->is_identity() && !items[i].signature->is_identity()) order_.push_back(i);
        }
        std::ranges::sort(order_, {}, [&](std::size_t i) -> const auto& { return items_[i].key->bytes(); });
        hash_messages();
        draw_coefficients(seed);
        for (const std::size_t i : order_) signatures_.push_back(items_[i].signature->point());
    }

    std::vector<bool> settle() && {
        settle({0, order_.size()});
        return std::move(good_);
    }

private:
    /// A range of indexes into order_, hashes_, signatures_ and coefficients_. These are parallel and sorted by key.
    struct Range {
        std::size_t first;
        std::size_t last;
        std::size_t size() const { return last - first; }
    };
    struct Run {
        Range range;
        blst_fp12 product;
    };

    const PublicKey& key(std::size_t at) const { return *items_[order_[at]].key; }

    void hash_messages() {
        std::vector<blst_p1> points;
        points.reserve(order_.size());
        for (const std::size_t i : order_) points.push_back(hash_to_curve(items_[i].message, BlsVersion::v2));
        hashes_.resize(points.size());
        const blst_p1* const contiguous[] = {points.data(), nullptr};
        blst_p1s_to_affine(hashes_.data(), contiguous, points.size());
    }

    void draw_coefficients(const ByteArray<32>& seed) {
        coefficients_.resize(order_.size());
        chacha12(seed, std::as_writable_bytes(std::span(coefficients_)));
        std::ranges::replace(coefficients_, 0U, 1U);
    }

    blst_p1 weighted_sum(const std::vector<blst_p1_affine>& points, Range range) {
        const std::size_t bits = 64;
        blst_p1 sum{};
        if (range.size() >= kBucketsFrom) {
            buckets_.resize(blst_p1s_mult_pippenger_scratch_sizeof(range.size()) / sizeof(limb_t));
            const blst_p1_affine* const from[] = {&points[range.first], nullptr};
            const byte* const scalars[] = {scalar(range.first), nullptr};
            blst_p1s_mult_pippenger(&sum, from, range.size(), scalars, bits, buckets_.data());
            return sum;
        }
        for (std::size_t at = range.first; at < range.last; ++at) {
            blst_p1 point;
            blst_p1_from_affine(&point, &points[at]);
            blst_p1_mult(&point, &point, scalar(at), bits);
            blst_p1_add_or_double(&sum, &sum, &point);
        }
        return sum;
    }

    const byte* scalar(std::size_t at) const {
        return base::u8(std::as_bytes(std::span(coefficients_)).subspan(at * 8));
    }

    /// The Miller product of the first eight keys of the range, and the range of their items.
    Run loop_over_keys(Range range) {
        auto* const pairing = reinterpret_cast<blst_pairing*>(pairing_.get());
        blst_pairing_init(pairing, true, nullptr, 0);
        Range run{range.first, range.first};
        for (std::size_t keys = 0; keys < kPairsInLoop && run.last < range.last; ++keys) {
            Range group{run.last, run.last + 1};
            while (group.last < range.last && key(group.last) == key(group.first)) ++group.last;
            const blst_p1_affine sum = affine(weighted_sum(hashes_, group));
            blst_pairing_raw_aggregate(pairing, &key(group.first).point(), &sum);
            run.last = group.last;
        }
        return {run, *blst_pairing_as_fp12(pairing)};
    }

    void settle(Range range) {
        if (range.size() <= 1) return settle_each(range);
        std::vector<Run> runs;
        for (std::size_t at = range.first; at < range.last; at = runs.back().range.last) {
            runs.push_back(loop_over_keys({at, range.last}));
        }
        blst_fp12 product = runs.front().product;
        for (const Run& run : std::span(runs).subspan(1)) blst_fp12_mul(&product, &product, &run.product);
        if (equals(product, affine(weighted_sum(signatures_, range)))) return accept(range);
        if (runs.size() == 1) return divide(range);
        for (const Run& run : runs) {
            if (equals(run.product, affine(weighted_sum(signatures_, run.range)))) {
                accept(run.range);
            } else {
                divide(run.range);
            }
        }
    }

    /// Settles a range that has a bad item, in parts. Each level divides by eight, so the recursion is as deep as log8
    /// of the batch.
    void divide(Range range) {
        if (range.size() <= kParts) return settle_each(range);
        const std::size_t part = (range.size() + kParts - 1) / kParts;
        for (std::size_t at = range.first; at < range.last; at += part) {
            settle(Range{at, std::min(at + part, range.last)});
        }
    }

    void settle_each(Range range) {
        for (std::size_t at = range.first; at < range.last; ++at) {
            good_[order_[at]] = verify_hashed(key(at), signatures_[at], hashes_[at]);
        }
    }

    void accept(Range range) {
        for (std::size_t at = range.first; at < range.last; ++at) good_[order_[at]] = true;
    }

    std::span<const VerifyItem> items_;
    std::vector<bool> good_;
    std::vector<std::size_t> order_;
    std::vector<blst_p1_affine> hashes_;
    std::vector<blst_p1_affine> signatures_;
    std::vector<std::uint64_t> coefficients_;
    std::vector<limb_t> buckets_;
    std::unique_ptr<std::uint64_t[]> pairing_;
};

}  // namespace

bool verify(const PublicKey& key, const Signature& signature, ByteView message, BlsVersion version) noexcept {
    if (key.is_identity() || signature.is_identity()) return false;
    return verify_hashed(key, signature.point(), affine(hash_to_curve(message, version)));
}

std::vector<bool> verify_batch(std::span<const VerifyItem> items, const ByteArray<32>& seed) {
    return Batch(items, seed).settle();
}

}  // namespace rues::crypto
