#pragma once

#include "base/error.hpp"
#include "plonk/transcript.hpp"

namespace rues::plonk {

/// The evaluations of a proof: at z, or with `_w` at z·ω, the next row.
struct Evaluations {
    Fr a, b, c, d;
    Fr a_w, b_w, d_w;
    Fr q_arith, q_c, q_l, q_r;
    Fr s1, s2, s3;
    Fr z_w;  ///< of the permutation polynomial; `z_eval` of the transcript
};

/// A proof: 1,008 bytes (docs/reference/phoenix-and-plonk.md 5.5).
struct Proof {
    enum Commitment : std::uint8_t { a, b, c, d, z, t_low, t_mid, t_high, t_fourth, w_z, w_zw };
    static constexpr std::size_t kCommitments = 11;
    static constexpr std::size_t kSize = 1'008;

    std::array<G1Point, kCommitments> commitments;
    Evaluations evaluations;

    /// `invalid` unless the bytes are exactly a proof: points of the prime subgroup, the identity included, and
    /// canonical scalars. It takes as long as the pairings of a verification, nearly all of it to check the points.
    static base::Result<Proof> decode(base::ByteView bytes);
    base::ByteArray<kSize> encode() const noexcept;
};

}  // namespace rues::plonk
