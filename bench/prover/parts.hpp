#pragma once

#include <array>
#include <functional>
#include <string_view>

#include "plonk/prover/prover.hpp"

namespace rues::bench {

/// The parts of a proof. Transforms and commitments are those of all steps; the other parts are without them.
enum class Part : std::uint8_t { witnesses, check, transforms, commitments, permutation, quotient, openings };
inline constexpr std::array<std::string_view, 7> kPartNames{
    "values of the witnesses, without gates",
    "check of the gates",
    "transforms (FFT)",
    "commitments (sums of points)",
    "wires and permutation, without the two",
    "quotient, without the two",
    "evaluations and openings, without them",
};
inline constexpr std::size_t kParts = kPartNames.size();

/// Notes which part of a proof takes how much time: an engine between the prover and its real engine, and the function
/// that the prover calls at each step. The prover calls both on its own thread, one after the other.
class PartTimes final : public plonk::Engine {
public:
    /// `now`: the time in microseconds.
    PartTimes(const plonk::Engine& engine, std::function<double()> now)
        : engine_(engine), now_(std::move(now)), since_(now_()) {}

    /// Begins a part: the time from now on is counted for it. The first one is `Part::witnesses`.
    void begin(Part part) const;
    void begin(plonk::ProverStep step) const;
    double us(Part part) const { return us_[static_cast<std::size_t>(part)]; }
    double total_us() const;

    std::size_t powers() const noexcept override { return engine_.powers(); }
    void evaluate(const plonk::Domain& domain, std::span<const std::span<plonk::Fr>> polynomials,
                  const plonk::Fr& shift) const override;
    void interpolate(const plonk::Domain& domain, std::span<const std::span<plonk::Fr>> values,
                     const plonk::Fr& shift) const override;
    std::vector<crypto::G1Point> commit(std::span<const std::span<const plonk::Fr>> polynomials) const override;

private:
    const plonk::Engine& engine_;
    const std::function<double()> now_;
    mutable std::array<double, kParts> us_{};
    mutable Part part_ = Part::witnesses;
    mutable double since_;
};

}  // namespace rues::bench
