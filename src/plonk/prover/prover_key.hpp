#pragma once

#include <memory>

#include "base/error.hpp"
#include "plonk/composer/circuit.hpp"
#include "plonk/prover/engine.hpp"
#include "plonk/verifier_data.hpp"

namespace rues::plonk {

/// The data of one circuit that a prover needs. It keeps only the coefficients of the polynomials: 480 bytes for each
/// of the 2^log_size rows (31 MB for a transaction with one input). Each proof computes their values on cosets again.
/// Immutable; any thread.
class ProverKey {
public:
    static constexpr std::size_t kPolynomials = VerifierData::kPolynomials;

    /// A key of coefficients that were computed before, such as a mapped file: polynomial after polynomial in the order
    /// of `VerifierData::Polynomial`, each with as many coefficients as the circuit has rows, in the memory form of
    /// `Fr`. `owner` keeps them alive. `invalid` unless circuit, verifier data and the number of coefficients belong
    /// together. The values of the coefficients are not checked.
    static base::Result<ProverKey> load(Circuit circuit, VerifierData data, std::span<const Fr> coefficients,
                                        std::shared_ptr<const void> owner);

    const Circuit& circuit() const noexcept { return circuit_; }
    const VerifierData& data() const noexcept { return data_; }
    const Domain& domain() const noexcept { return *domain_; }
    std::span<const Fr> coefficients() const noexcept { return coefficients_; }
    std::span<const Fr> polynomial(VerifierData::Polynomial which) const noexcept {
        return coefficients_.subspan(which * domain_->size(), domain_->size());
    }
    /// The cell that holds the same witness as this one and follows it. Cell w·n + i is wire w of row i, of n rows.
    std::span<const std::uint32_t> next_cells() const noexcept { return next_cells_; }

private:
    ProverKey(Circuit circuit, VerifierData data, std::span<const Fr> coefficients, std::shared_ptr<const void> owner);

    Circuit circuit_;
    VerifierData data_;
    std::shared_ptr<const Domain> domain_;
    std::span<const Fr> coefficients_;
    std::shared_ptr<const void> owner_;
    std::vector<std::uint32_t> next_cells_;
};

struct Compiled {
    ProverKey key;
    base::Bytes verifier_data;  ///< a `.vd` file
};

/// The bytes g, h and tau·h of a reference string (docs/reference/phoenix-and-plonk.md 5.7).
using OpeningKeyBytes = base::ByteArray<240>;

/// The keys of a circuit (docs/reference/phoenix-and-plonk.md 5.9): 15 transforms and 15 commitments. `label` begins
/// the transcript. `invalid` when the reference string is too short for the circuit, or its opening key does not
/// decode.
base::Result<Compiled> compile(Circuit circuit, base::ByteView label, const OpeningKeyBytes& opening_key,
                               const Engine& engine);

/// The number of powers of tau that a circuit with so many gates needs to be compiled as dusk-plonk does.
std::size_t powers_needed(std::size_t gates) noexcept;

/// Wire w of row i stands for the value kWireFactors[w]·ω^i in the permutation
/// (docs/reference/phoenix-and-plonk.md 5.1).
inline constexpr std::array<std::uint64_t, 4> kWireFactors{1, 7, 13, 17};

}  // namespace rues::plonk
