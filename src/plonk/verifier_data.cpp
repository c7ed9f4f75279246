#include "plonk/verifier_data.hpp"

#include <bit>
#include <utility>

#include "base/endian.hpp"

namespace rues::plonk {
namespace {

constexpr std::size_t kNumber = 8;
constexpr std::size_t kPoint = 48;
constexpr std::size_t kPointG2 = 96;
constexpr std::size_t kPadding = 240;
constexpr std::size_t kVerifierKey = kNumber + VerifierData::kPolynomials * kPoint + kPadding;
constexpr std::size_t kOpeningKey = kPoint + 2 * kPointG2;
constexpr std::size_t kHead = 6 * kNumber;
constexpr unsigned kMaxLogSize = 32;  ///< Fr has no root of unity of a higher order

using enum VerifierData::Polynomial;

/// The labels of the polynomials, in the order of the transcript.
constexpr std::pair<std::string_view, VerifierData::Polynomial> kTranscript[] = {
    {"q_m", q_m},
    {"q_l", q_l},
    {"q_r", q_r},
    {"q_o", q_o},
    {"q_c", q_c},
    {"q_f", q_f},
    {"q_arith", q_arith},
    {"q_range", q_range},
    {"q_logic", q_logic},
    {"q_variable_group_add", q_variable},
    {"q_fixed_group_add", q_fixed},
    {"s_sigma_1", s1},
    {"s_sigma_2", s2},
    {"s_sigma_3", s3},
};

/// The transcript up to the public inputs (docs/reference/phoenix-and-plonk.md 5.2, steps 1 to 3).
Transcript transcript_of(base::ByteView label, std::uint64_t constraints,
                         const std::array<G1Point, VerifierData::kPolynomials>& commitments, Version version) noexcept {
    const auto append_size = [constraints](Transcript& to) {
        to.append("dom-sep", base::view("circuit_size"));
        to.append("n", constraints);
    };
    Transcript out(label);
    append_size(out);
    for (const auto& [name, polynomial] : kTranscript) out.append(name, commitments[polynomial]);
    out.append("s_sigma_4", commitments[version == Version::v3 ? s4 : s1]);
    append_size(out);
    return out;
}

std::unexpected<base::Error> no_data(std::string why) {
    return base::failure(base::Error::Kind::invalid, "not verifier data: " + std::move(why));
}

struct Head {
    std::uint64_t label, verifier_key, opening_key, inputs, size, constraints;

    /// REQUIRES: there are kHead bytes.
    explicit Head(base::ByteView bytes) noexcept {
        const auto number = [bytes](std::size_t i) { return base::load_be<std::uint64_t>(&bytes[i * kNumber]); };
        label = number(0);
        verifier_key = number(1);
        opening_key = number(2);
        inputs = number(3);
        size = number(4);
        constraints = number(5);
    }

    /// True when the lengths add up to `rest`, the number of bytes after the head. Does not overflow.
    bool fits(std::uint64_t rest) const noexcept {
        if (verifier_key != kVerifierKey || opening_key != kOpeningKey || rest < kVerifierKey + kOpeningKey)
            return false;
        rest -= kVerifierKey + kOpeningKey;
        return label <= rest && (rest - label) % kNumber == 0 && (rest - label) / kNumber == inputs;
    }

    bool has_domain() const noexcept {
        return constraints > 0 && constraints <= std::uint64_t{1} << kMaxLogSize && size == std::bit_ceil(constraints);
    }
};

std::optional<VerifierData::OpeningKey> read_opening_key(base::ByteView bytes) {
    const auto g = G1Point::decode(bytes.first(kPoint));
    const auto h = crypto::decode_g2(bytes.subspan(kPoint, kPointG2));
    const auto x_h = crypto::decode_g2(bytes.subspan(kPoint + kPointG2, kPointG2));
    if (!g || !h || !x_h) return std::nullopt;
    return VerifierData::OpeningKey{*g, *h, *x_h, base::to_array<kOpeningKey>(bytes)};
}

/// nullopt unless the rows ascend and are rows of the circuit.
std::optional<std::vector<VerifierData::InputRow>> read_input_rows(base::ByteView bytes, const Head& head) {
    const Fr omega = Fr::root_of_unity(static_cast<unsigned>(std::countr_zero(head.size)));
    std::vector<VerifierData::InputRow> out;
    out.reserve(bytes.size() / kNumber);
    for (; !bytes.empty(); bytes = bytes.subspan(kNumber)) {
        const auto row = base::load_be<std::uint64_t>(bytes.data());
        if (row >= head.constraints || (!out.empty() && row <= out.back().row)) return std::nullopt;
        const Fr root = out.empty() ? omega.power(row) : out.back().root * omega.power(row - out.back().row);
        out.push_back({row, root});
    }
    return out;
}

}  // namespace

VerifierData::VerifierData(base::ByteView label, std::uint64_t constraints,
                           std::array<G1Point, kPolynomials> commitments, OpeningKey opening_key,
                           std::vector<InputRow> rows) noexcept
    : constraints_(constraints),
      log_size_(static_cast<unsigned>(std::countr_zero(std::bit_ceil(constraints)))),
      commitments_(commitments),
      opening_key_(opening_key),
      input_rows_(std::move(rows)),
      old_transcript_(transcript_of(label, constraints, commitments, Version::v1)),
      transcript_(transcript_of(label, constraints, commitments, Version::v3)) {}

base::Result<VerifierData> VerifierData::decode(base::ByteView bytes) {
    if (bytes.size() < kHead) return no_data("its head is cut off");
    const Head head(bytes);
    bytes = bytes.subspan(kHead);
    if (!head.fits(bytes.size())) return no_data("its lengths do not fit");
    if (!head.has_domain()) return no_data("its size does not belong to its number of constraints");
    const base::ByteView label = bytes.first(head.label);
    const base::ByteView key = bytes.subspan(head.label, kVerifierKey);
    bytes = bytes.subspan(head.label + kVerifierKey);

    if (base::load_le<std::uint64_t>(key.data()) != head.constraints)
        return no_data("its numbers of constraints differ");
    if (std::ranges::any_of(key.last(kPadding), [](std::byte b) { return b != std::byte{0}; }))
        return no_data("its padding is not zero");
    auto rows = read_input_rows(bytes.subspan(kOpeningKey), head);
    if (!rows) return no_data("its rows of public inputs do not ascend or lie outside the circuit");
    std::array<G1Point, kPolynomials> commitments;
    for (std::size_t i = 0; i < kPolynomials; ++i) {
        const auto point = G1Point::decode(key.subspan(kNumber + i * kPoint, kPoint));
        if (!point) return no_data("commitment " + std::to_string(i) + " is not a point of G1");
        commitments[i] = *point;
    }
    const auto opening = read_opening_key(bytes.first(kOpeningKey));
    if (!opening) return no_data("its opening key is not a point of G1 and two of G2");
    return VerifierData(label, head.constraints, commitments, *opening, std::move(*rows));
}

}  // namespace rues::plonk
