#include "plonk/prover/cpu_engine.hpp"

#include "plonk/prover/weighted_sums.hpp"

namespace rues::plonk {

CpuEngine::CpuEngine(std::span<const blst_p1_affine> powers, Executor executor)
    : powers_(powers), executor_(std::move(executor)) {}

void CpuEngine::evaluate(const Domain& domain, std::span<const std::span<Fr>> polynomials, const Fr& shift) const {
    executor_(polynomials.size(), [&](std::size_t i) { domain.evaluate(polynomials[i], shift); });
}

void CpuEngine::interpolate(const Domain& domain, std::span<const std::span<Fr>> values, const Fr& shift) const {
    executor_(values.size(), [&](std::size_t i) { domain.interpolate(values[i], shift); });
}

std::vector<crypto::G1Point> CpuEngine::commit(std::span<const std::span<const Fr>> polynomials) const {
    std::size_t longest = 0;
    for (const auto& polynomial : polynomials) longest = std::max(longest, polynomial.size());
    const Windows windows = Windows::for_points(longest);
    std::vector<ScalarVector> scalars(polynomials.size());
    executor_(polynomials.size(), [&](std::size_t i) { scalars[i] = scalars_of(polynomials[i]); });
    // A sum of one window tells more of a secret polynomial than its commitment does.
    std::vector<blst_p1, WipingAllocator<blst_p1>> sums(polynomials.size() * windows.count);
    executor_(sums.size(), [&](std::size_t i) {
        sums[i] = window_sum(powers_, scalars[i / windows.count], windows, i % windows.count);
    });
    std::vector<crypto::G1Point> out;
    out.reserve(polynomials.size());
    for (std::size_t i = 0; i < polynomials.size(); ++i) {
        const auto of_one = std::span(sums).subspan(i * windows.count, windows.count);
        out.emplace_back(crypto::affine(joined(of_one, windows)));
    }
    return out;
}

}  // namespace rues::plonk
