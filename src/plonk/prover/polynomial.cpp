#include "plonk/prover/polynomial.hpp"

#include <algorithm>

namespace rues::plonk {

Fr evaluated(std::span<const Fr> polynomial, const Fr& x) noexcept {
    Fr out;
    for (std::size_t i = polynomial.size(); i-- > 0;) {
        out.become_product(out, x);
        out.become_sum(out, polynomial[i]);
    }
    return out;
}

void add_multiple(std::span<Fr> to, std::span<const Fr> polynomial, const Fr& factor) noexcept {
    for (std::size_t i = 0; i < polynomial.size(); ++i) to[i] += polynomial[i] * factor;
}

Fr divide_by_root(std::span<Fr> polynomial, const Fr& x) noexcept {
    Fr carry;
    for (std::size_t i = polynomial.size(); i-- > 0;) {
        Fr next = carry;
        next.become_product(next, x);
        next.become_sum(next, polynomial[i]);
        polynomial[i] = carry;
        carry = next;
    }
    return carry;
}

void fold(std::span<const Fr> polynomial, const Fr& x, std::span<Fr> out) noexcept {
    std::ranges::fill(out, Fr());
    const Fr step = x.power(out.size());
    const std::size_t blocks = (polynomial.size() + out.size() - 1) / out.size();
    for (std::size_t block = blocks; block-- > 0;) {  // Horner's rule
        const auto part =
            polynomial.subspan(block * out.size()).first(std::min(out.size(), polynomial.size() - block * out.size()));
        if (block + 1 < blocks) {
            for (Fr& each : out) each.become_product(each, step);
        }
        for (std::size_t i = 0; i < part.size(); ++i) out[i].become_sum(out[i], part[i]);
    }
}

}  // namespace rues::plonk
