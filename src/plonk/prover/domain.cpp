#include "plonk/prover/domain.hpp"

#include <algorithm>
#include <utility>

namespace rues::plonk {
namespace {

/// Multiplies values[i] by first · ratio^i.
void scale(std::span<Fr> values, Fr first, const Fr& ratio) noexcept {
    for (Fr& value : values) {
        value.become_product(value, first);
        first.become_product(first, ratio);
    }
}

void add_and_subtract(Fr& low, Fr& high) noexcept {
    const Fr before = low;
    low.become_sum(before, high);
    high.become_difference(before, high);
}

void reverse_bits(std::span<Fr> values) noexcept {
    std::size_t reversed = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (i < reversed) std::swap(values[i], values[reversed]);
        std::size_t bit = values.size() >> 1;
        for (; bit != 0 && (reversed & bit) != 0; bit >>= 1) reversed ^= bit;
        reversed |= bit;
    }
}

}  // namespace

Domain::Domain(unsigned log_size) : log_size_(log_size), roots_(std::size_t{1} << log_size) {
    const Fr root = Fr::root_of_unity(log_size);
    Fr power(1);
    for (Fr& each : roots_) {
        each = power;
        power = power * root;
    }
    inverse_of_size_ = Fr(roots_.size()).inverse();
}

/// Transforms by layers of two points. Layers of four would need as many products: a fourth root of unity is a full
/// factor in Fr.
void Domain::transform(std::span<Fr> values) const noexcept {
    reverse_bits(values);
    for (std::size_t half = 1; half < values.size(); half *= 2) {
        const std::size_t stride = values.size() / (2 * half);
        for (std::size_t begin = 0; begin < values.size(); begin += 2 * half) {
            add_and_subtract(values[begin], values[begin + half]);
            for (std::size_t i = 1; i < half; ++i) {
                Fr& high = values[begin + i + half];
                high.become_product(high, roots_[i * stride]);
                add_and_subtract(values[begin + i], high);
            }
        }
    }
}

void Domain::evaluate(std::span<Fr> polynomial, const Fr& shift) const {
    if (shift != Fr(1)) scale(polynomial, Fr(1), shift);
    transform(polynomial);
}

void Domain::interpolate(std::span<Fr> values, const Fr& shift) const {
    transform(values);
    std::reverse(values.begin() + 1, values.end());
    scale(values, inverse_of_size_, shift == Fr(1) ? shift : shift.inverse());
}

}  // namespace rues::plonk
