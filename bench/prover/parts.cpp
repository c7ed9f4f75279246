#include "prover/parts.hpp"

#include <numeric>

namespace rues::bench {

void PartTimes::begin(Part part) const {
    const double now = now_();
    us_[static_cast<std::size_t>(part_)] += now - since_;
    part_ = part;
    since_ = now;
}

void PartTimes::begin(plonk::ProverStep step) const {
    switch (step) {
    case plonk::ProverStep::check:
        return begin(Part::check);
    case plonk::ProverStep::wires:
    case plonk::ProverStep::permutation:
        return begin(Part::permutation);
    case plonk::ProverStep::quotient:
        return begin(Part::quotient);
    case plonk::ProverStep::evaluations:
    case plonk::ProverStep::openings:
        return begin(Part::openings);
    }
}

double PartTimes::total_us() const {
    return std::accumulate(us_.begin(), us_.end(), 0.0);
}

void PartTimes::evaluate(const plonk::Domain& domain, std::span<const std::span<plonk::Fr>> polynomials,
                         const plonk::Fr& shift) const {
    const Part step = part_;
    begin(Part::transforms);
    engine_.evaluate(domain, polynomials, shift);
    begin(step);
}

void PartTimes::interpolate(const plonk::Domain& domain, std::span<const std::span<plonk::Fr>> values,
                            const plonk::Fr& shift) const {
    const Part step = part_;
    begin(Part::transforms);
    engine_.interpolate(domain, values, shift);
    begin(step);
}

std::vector<crypto::G1Point> PartTimes::commit(std::span<const std::span<const plonk::Fr>> polynomials) const {
    const Part step = part_;
    begin(Part::commitments);
    auto out = engine_.commit(polynomials);
    begin(step);
    return out;
}

}  // namespace rues::bench
