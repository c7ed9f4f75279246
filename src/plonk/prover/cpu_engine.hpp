#pragma once

#include "plonk/prover/engine.hpp"
#include "plonk/prover/executor.hpp"

namespace rues::plonk {

/// The engine that needs nothing but a CPU. Its work is divided into tasks for the executor: a transform, or one window
/// of the scalars of a commitment.
class CpuEngine final : public Engine {
public:
    /// `powers` are [tau^i]_1 and stay where they are as long as the engine: a mapped file serves.
    CpuEngine(std::span<const blst_p1_affine> powers, Executor executor);

    std::size_t powers() const noexcept override { return powers_.size(); }
    void evaluate(const Domain& domain, std::span<const std::span<Fr>> polynomials, const Fr& shift) const override;
    void interpolate(const Domain& domain, std::span<const std::span<Fr>> values, const Fr& shift) const override;
    std::vector<crypto::G1Point> commit(std::span<const std::span<const Fr>> polynomials) const override;

private:
    std::span<const blst_p1_affine> powers_;
    Executor executor_;
};

}  // namespace rues::plonk
