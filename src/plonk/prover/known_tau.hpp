#pragma once

#include "plonk/prover/cpu_engine.hpp"
#include "plonk/prover/prover_key.hpp"

/// Reference strings whose tau is known: for developers and tests. Whoever knows tau can prove false statements
/// (docs/reference/phoenix-and-plonk.md 6.4).
namespace rues::plonk {

/// [1]_1, [tau]_1, [tau²]_1, ... over the standard generator of G1. Some 15 microseconds each on one core.
std::vector<blst_p1_affine> powers_of(const Fr& tau, std::size_t count, const Executor& executor);

/// The standard generators of G1 and G2, and tau times the second.
OpeningKeyBytes opening_key_of(const Fr& tau) noexcept;

/// Commits with one multiplication, because a commitment is p(tau)·g. Gives what `CpuEngine` gives with
/// `powers_of(tau)`, in a fraction of the time.
class KnownTauEngine final : public Engine {
public:
    /// `powers` is the number that `powers()` reports, so that `compile` refuses the same circuits as with a
    /// reference string of that length.
    KnownTauEngine(const Fr& tau, std::size_t powers, Executor executor);

    std::size_t powers() const noexcept override { return powers_; }
    void evaluate(const Domain& domain, std::span<const std::span<Fr>> polynomials, const Fr& shift) const override;
    void interpolate(const Domain& domain, std::span<const std::span<Fr>> values, const Fr& shift) const override;
    std::vector<crypto::G1Point> commit(std::span<const std::span<const Fr>> polynomials) const override;

private:
    Fr tau_;
    std::size_t powers_;
    Executor executor_;
    CpuEngine transforms_;
};

}  // namespace rues::plonk
