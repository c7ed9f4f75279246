#include "plonk/prover/prover_key.hpp"

#include <bit>
#include <numeric>

#include "base/endian.hpp"

namespace rues::plonk {
namespace {

using Polynomial = VerifierData::Polynomial;

/// The selectors in the order of the polynomials.
constexpr Selector kSelectorOf[] = {Selector::m,     Selector::l,     Selector::r,       Selector::o,
                                    Selector::f,     Selector::c,     Selector::arith,   Selector::logic,
                                    Selector::range, Selector::fixed, Selector::variable};
static_assert(std::size(kSelectorOf) == kSelectors && kSelectors == Polynomial::s1);

/// The cells of a witness form one cycle, in order of their rows and within a row of the wires. Cells of padding are
/// cycles of their own.
std::vector<std::uint32_t> cycles_of(const Circuit& circuit) {
    constexpr std::uint32_t kNone = ~std::uint32_t{0};
    const auto rows = std::uint32_t{1} << circuit.log_size();
    std::vector<std::uint32_t> next(kWireFactors.size() * std::size_t{rows});
    std::iota(next.begin(), next.end(), 0U);
    std::vector<std::uint32_t> first(circuit.witnesses(), kNone), last(circuit.witnesses(), kNone);
    for (std::uint32_t row = 0; row < circuit.gates().size(); ++row) {
        for (std::uint32_t wire = 0; wire < kWireFactors.size(); ++wire) {
            const std::uint32_t cell = wire * rows + row;
            const std::uint32_t witness = circuit.gates()[row].wires[wire].index;
            if (last[witness] == kNone) {
                first[witness] = cell;
            } else {
                next[last[witness]] = cell;
            }
            last[witness] = cell;
        }
    }
    for (std::size_t witness = 0; witness < first.size(); ++witness) {
        if (first[witness] != kNone) next[last[witness]] = first[witness];
    }
    return next;
}

/// The rows of all polynomials, one after the other.
std::vector<Fr> values_of(const Circuit& circuit, const Domain& domain) {
    const std::size_t rows = domain.size();
    std::vector<Fr> out(ProverKey::kPolynomials * rows);
    for (std::size_t i = 0; i < std::size(kSelectorOf); ++i) {
        const auto selector = static_cast<std::size_t>(kSelectorOf[i]);
        for (std::size_t row = 0; row < circuit.gates().size(); ++row) {
            out[i * rows + row] = circuit.selectors_of(circuit.gates()[row])[selector];
        }
    }
    const auto next = cycles_of(circuit);
    for (std::size_t cell = 0; cell < next.size(); ++cell) {
        out[Polynomial::s1 * rows + cell] = Fr(kWireFactors[next[cell] / rows]) * domain.roots()[next[cell] % rows];
    }
    return out;
}

void append_number(base::Bytes& to, std::uint64_t number) {
    base::ByteArray<8> bytes;
    base::store_be(bytes.data(), number);
    base::append(to, bytes);
}

/// The bytes of a `.vd` file (docs/reference/phoenix-and-plonk.md 5.7).
base::Bytes encode(const Circuit& circuit, base::ByteView label, const OpeningKeyBytes& opening_key,
                   std::span<const crypto::G1Point> commitments) {
    constexpr std::size_t kPadding = 240;
    base::Bytes key(8);
    base::store_le(key.data(), std::uint64_t{circuit.gates().size()});
    for (const auto& commitment : commitments) base::append(key, commitment.bytes());
    key.resize(key.size() + kPadding);

    base::Bytes out;
    append_number(out, label.size());
    append_number(out, key.size());
    append_number(out, opening_key.size());
    append_number(out, circuit.input_rows().size());
    append_number(out, std::uint64_t{1} << circuit.log_size());
    append_number(out, circuit.gates().size());
    base::append(out, label);
    base::append(out, key);
    base::append(out, opening_key);
    for (const std::uint32_t row : circuit.input_rows()) append_number(out, row);
    return out;
}

std::unexpected<base::Error> invalid(std::string why) {
    return base::failure(base::Error::Kind::invalid, std::move(why));
}

}  // namespace

std::size_t powers_needed(std::size_t gates) noexcept {
    constexpr std::size_t kBlinding = 6;
    return std::bit_ceil(gates + kBlinding) + kBlinding + 1;
}

ProverKey::ProverKey(Circuit circuit, VerifierData data, std::span<const Fr> coefficients,
                     std::shared_ptr<const void> owner)
    : circuit_(std::move(circuit)),
      data_(std::move(data)),
      domain_(std::make_shared<const Domain>(circuit_.log_size())),
      coefficients_(coefficients),
      owner_(std::move(owner)),
      next_cells_(cycles_of(circuit_)) {}

base::Result<ProverKey> ProverKey::load(Circuit circuit, VerifierData data, std::span<const Fr> coefficients,
                                        std::shared_ptr<const void> owner) {
    if (circuit.gates().empty() || data.constraints() != circuit.gates().size()) {
        return invalid("the verifier data belong to another circuit");
    }
    const auto same_row = [](std::uint32_t row, const VerifierData::InputRow& other) { return row == other.row; };
    if (!std::ranges::equal(circuit.input_rows(), data.input_rows(), same_row)) {
        return invalid("the public inputs of the verifier data stand in other rows");
    }
    if (coefficients.size() != kPolynomials << circuit.log_size()) {
        return invalid("the number of coefficients is not that of the circuit");
    }
    return ProverKey(std::move(circuit), std::move(data), coefficients, std::move(owner));
}

base::Result<Compiled> compile(Circuit circuit, base::ByteView label, const OpeningKeyBytes& opening_key,
                               const Engine& engine) {
    if (engine.powers() < powers_needed(circuit.gates().size())) {
        return invalid("the reference string has fewer powers than the circuit needs");
    }
    const Domain domain(circuit.log_size());
    const auto coefficients = std::make_shared<std::vector<Fr>>(values_of(circuit, domain));
    std::vector<std::span<Fr>> polynomials;
    for (std::size_t i = 0; i < ProverKey::kPolynomials; ++i) {
        polynomials.push_back(std::span(*coefficients).subspan(i * domain.size(), domain.size()));
    }
    engine.interpolate(domain, polynomials, Fr(1));
    const std::vector<std::span<const Fr>> interpolated(polynomials.begin(), polynomials.end());
    const auto commitments = engine.commit(interpolated);
    base::Bytes verifier_data = encode(circuit, label, opening_key, commitments);
    auto data = VerifierData::decode(verifier_data);
    if (!data) return std::unexpected(data.error());
    auto key = ProverKey::load(std::move(circuit), std::move(*data), *coefficients, coefficients);
    if (!key) return std::unexpected(key.error());
    return Compiled{std::move(*key), std::move(verifier_data)};
}

}  // namespace rues::plonk
