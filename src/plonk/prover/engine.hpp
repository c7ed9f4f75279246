#pragma once

#include <span>
#include <vector>

#include "crypto/groups.hpp"
#include "plonk/prover/domain.hpp"

namespace rues::plonk {

/// The two operations that take nearly all of a prover's time: transforms and commitments. An accelerator takes the
/// place of `CpuEngine`, which is the reference: every engine gives the same results.
///
/// An engine knows the powers of tau. Polynomials are secret, so an engine wipes its copies of them.
class Engine {
public:
    Engine() = default;
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;
    virtual ~Engine() = default;

    /// The number of powers of tau: the most coefficients that a polynomial can have.
    virtual std::size_t powers() const noexcept = 0;
    /// `Domain::evaluate` of several polynomials.
    virtual void evaluate(const Domain& domain, std::span<const std::span<Fr>> polynomials, const Fr& shift) const = 0;
    /// `Domain::interpolate` of several.
    virtual void interpolate(const Domain& domain, std::span<const std::span<Fr>> values, const Fr& shift) const = 0;
    /// The sum of coefficient i times power i of tau, for each polynomial. The identity for a polynomial without
    /// coefficients. REQUIRES: none has more coefficients than there are powers.
    virtual std::vector<crypto::G1Point> commit(std::span<const std::span<const Fr>> polynomials) const = 0;
};

}  // namespace rues::plonk
