#pragma once

#include <vector>

#include "base/error.hpp"
#include "plonk/transcript.hpp"
#include "plonk/version.hpp"

namespace rues::plonk {

/// The data of one circuit that a verifier needs: a `.vd` file (docs/reference/phoenix-and-plonk.md 5.7). Immutable;
/// any thread.
class VerifierData {
public:
    /// The polynomials of the circuit, in the order of the file.
    enum Polynomial : std::uint8_t {
        q_m,
        q_l,
        q_r,
        q_o,
        q_f,
        q_c,
        q_arith,
        q_logic,
        q_range,
        q_fixed,
        q_variable,
        s1,
        s2,
        s3,
        s4
    };
    static constexpr std::size_t kPolynomials = 15;

    /// The part of the reference string that verification needs: g of G1, h and x·h of G2.
    struct OpeningKey {
        G1Point g;
        blst_p2_affine h;
        blst_p2_affine x_h;
        base::ByteArray<240> bytes;
        friend bool operator==(const OpeningKey& a, const OpeningKey& b) noexcept { return a.bytes == b.bytes; }
    };

    /// A row of the circuit that holds a public input, and ω to this power.
    struct InputRow {
        std::uint64_t row;
        Fr root;
    };

    /// `invalid` unless the bytes are exactly verifier data: the lengths and numbers agree with each other, every point
    /// lies in the prime subgroup, the rows ascend. Takes as long as a verification, so keep
    /// the result.
    static base::Result<VerifierData> decode(base::ByteView bytes);

    std::uint64_t constraints() const noexcept { return constraints_; }
    /// The circuit is padded to 2^log_size rows.
    unsigned log_size() const noexcept { return log_size_; }
    const std::array<G1Point, kPolynomials>& commitments() const noexcept { return commitments_; }
    const OpeningKey& opening_key() const noexcept { return opening_key_; }
    const std::vector<InputRow>& input_rows() const noexcept { return input_rows_; }
    /// The transcript up to the public inputs.
    const Transcript& transcript(Version version) const noexcept {
        return version == Version::v3 ? transcript_ : old_transcript_;
    }

private:
    VerifierData(base::ByteView label, std::uint64_t constraints, std::array<G1Point, kPolynomials> commitments,
                 OpeningKey opening_key, std::vector<InputRow> rows) noexcept;

    std::uint64_t constraints_;
    unsigned log_size_;
    std::array<G1Point, kPolynomials> commitments_;
    OpeningKey opening_key_;
    std::vector<InputRow> input_rows_;
    Transcript old_transcript_;  ///< of V1 and V2
    Transcript transcript_;      ///< of V3
};

}  // namespace rues::plonk
