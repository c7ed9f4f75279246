#include "plonk/proof.hpp"

#include <string>

namespace rues::plonk {
namespace {

constexpr std::size_t kPointSize = 48;
constexpr std::size_t kScalar = 32;

/// The evaluations in the order of the bytes, which is not that of the transcript.
constexpr Fr Evaluations::* kEvaluations[] = {
    &Evaluations::a,   &Evaluations::b,   &Evaluations::c,       &Evaluations::d,   &Evaluations::a_w,
    &Evaluations::b_w, &Evaluations::d_w, &Evaluations::q_arith, &Evaluations::q_c, &Evaluations::q_l,
    &Evaluations::q_r, &Evaluations::s1,  &Evaluations::s2,      &Evaluations::s3,  &Evaluations::z_w,
};
static_assert(Proof::kCommitments * kPointSize + std::size(kEvaluations) * kScalar == Proof::kSize);

std::unexpected<base::Error> no_proof(std::string why) {
    return base::failure(base::Error::Kind::invalid, "not a proof: " + std::move(why));
}

}  // namespace

base::Result<Proof> Proof::decode(base::ByteView bytes) {
    if (bytes.size() != kSize) return no_proof("it has " + std::to_string(bytes.size()) + " bytes instead of 1008");
    Proof out;
    const base::ByteView scalars = bytes.subspan(kCommitments * kPointSize);
    for (std::size_t i = 0; i < std::size(kEvaluations); ++i) {  // cheap, so before the points
        const auto scalar = Fr::from_bytes(base::to_array<kScalar>(scalars.subspan(i * kScalar)));
        if (!scalar) return no_proof("evaluation " + std::to_string(i) + " is not below the order of the field");
        out.evaluations.*kEvaluations[i] = *scalar;
    }
    for (std::size_t i = 0; i < kCommitments; ++i) {
        const auto point = G1Point::decode(bytes.subspan(i * kPointSize, kPointSize));
        if (!point) return no_proof("commitment " + std::to_string(i) + " is not a point of G1");
        out.commitments[i] = *point;
    }
    return out;
}

base::ByteArray<Proof::kSize> Proof::encode() const noexcept {
    base::ByteArray<kSize> out;
    auto at = out.begin();
    for (const G1Point& point : commitments) at = std::ranges::copy(point.bytes(), at).out;
    for (const auto evaluation : kEvaluations) at = std::ranges::copy((evaluations.*evaluation).bytes(), at).out;
    return out;
}

}  // namespace rues::plonk
