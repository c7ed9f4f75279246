#pragma once

#include <span>
#include <vector>

#include "crypto/fr.hpp"

namespace rues::plonk {

using crypto::Fr;

/// The points 1, ω, ω², ... on which the rows of a circuit stand, and the transforms between a polynomial's
/// coefficients and its values there. Immutable; any thread.
class Domain {
public:
    /// REQUIRES: log_size <= 32.
    explicit Domain(unsigned log_size);

    std::size_t size() const noexcept { return roots_.size(); }
    unsigned log_size() const noexcept { return log_size_; }
    /// ω^i.
    const std::vector<Fr>& roots() const noexcept { return roots_; }

    /// Replaces coefficients by the values at shift·ω^i. REQUIRES: as many as the domain has points.
    void evaluate(std::span<Fr> polynomial, const Fr& shift) const;
    /// Replaces the values at shift·ω^i by coefficients. REQUIRES: as many as the domain has points; shift is not zero.
    void interpolate(std::span<Fr> values, const Fr& shift) const;

private:
    void transform(std::span<Fr> values) const noexcept;

    unsigned log_size_;
    std::vector<Fr> roots_;
    Fr inverse_of_size_;
};

}  // namespace rues::plonk
