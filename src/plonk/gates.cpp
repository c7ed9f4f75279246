#include "plonk/gates.hpp"

#include <bit>

#include "crypto/jubjub.hpp"

namespace rues::plonk::gates {
namespace {

/// small · value, by doublings and sums. A product would first have to convert `small` to an element. REQUIRES: small >
/// 0.
Fr times(unsigned small, const Fr& value) noexcept {
    Fr out = value;
    for (unsigned bit = std::bit_floor(small) >> 1; bit != 0; bit >>= 1) {
        out.become_sum(out, out);
        if ((small & bit) != 0) out.become_sum(out, value);
    }
    return out;
}

Fr four_times(const Fr& value) noexcept {
    return value.doubled().doubled();
}

/// Zero for 0, 1, 2 and 3, the values of two bits.
Fr delta(const Fr& x) noexcept {
    const Fr less_one = x - Fr::one();
    const Fr less_two = less_one - Fr::one();
    return x * less_one * less_two * (less_two - Fr::one());
}

/// separation · (the sum of terms[i] · k^i), where k is the square of `separation`.
template <std::size_t N>
Fr separated(const Fr& separation, const Fr (&terms)[N]) noexcept {
    const Fr k = separation.squared();
    Fr out;
    for (std::size_t i = N; i-- > 0;) out = out * k + terms[i];
    return out * separation;
}

}  // namespace

Fr range(const Evaluations& at, const Fr& separation) noexcept {
    return separated(separation, {delta(at.c - four_times(at.d)), delta(at.b - four_times(at.c)),
                                  delta(at.a - four_times(at.b)), delta(at.d_w - four_times(at.a))});
}

Fr logic(const Evaluations& at, const Fr& separation) noexcept {
    const Fr a = at.a_w - four_times(at.a);
    const Fr b = at.b_w - four_times(at.b);
    const Fr d = at.d_w - four_times(at.d);
    const Fr& w = at.c;
    const Fr sum = a + b;
    static const Fr k81(81), k83(83);
    const Fr f =
        w * (w * (four_times(w) - times(18, sum) + k81) + times(18, a.squared() + b.squared()) - times(81, sum) + k83);
    const Fr operation = at.q_c * (times(9, d) - times(3, sum)) + times(3, sum + d) - f.doubled();
    return separated(separation, {delta(a), delta(b), delta(d), w - a * b, operation});
}

Fr fixed_base(const Evaluations& at, const Fr& separation) noexcept {
    const Fr one = Fr::one();
    const Fr bit = at.d_w - at.d.doubled();
    const Fr x = bit * at.q_l;
    const Fr y = bit.squared() * (at.q_r - one) + one;
    const Fr product = at.c * at.a * at.b * crypto::jubjub_d();
    return separated(
        separation, {bit * (bit - one) * (bit + one), bit * at.q_c - at.c,
                     at.a_w + at.a_w * product - x * at.b - y * at.a, at.b_w - at.b_w * product - x * at.a - y * at.b});
}

Fr variable_base(const Evaluations& at, const Fr& separation) noexcept {
    const Fr bc = at.b * at.c;
    const Fr product = crypto::jubjub_d() * at.d_w * bc;
    return separated(separation, {at.a * at.d - at.d_w, at.d_w + bc - at.a_w - at.a_w * product,
                                  at.b * at.d + at.a * at.c - at.b_w + at.b_w * product});
}

}  // namespace rues::plonk::gates
