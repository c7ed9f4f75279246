#include "plonk/prover/quotient.hpp"

#include "plonk/gates.hpp"
#include "plonk/prover/polynomial.hpp"

namespace rues::plonk {
namespace {

using Polynomial = VerifierData::Polynomial;

constexpr std::size_t kCosets = 4;
constexpr std::size_t kCircuit = VerifierData::kPolynomials;
constexpr std::size_t kSecret = 6;  ///< the polynomials of the proof: wires, z, PI
constexpr std::size_t kAll = kCircuit + kSecret;
constexpr std::size_t kPermutation = kCircuit + 4, kInputs = kCircuit + 5;
constexpr std::size_t kMore = 8;  ///< points beyond those of the cosets

/// The polynomials of the circuit, then a, b, c, d, z and PI.
std::array<std::span<const Fr>, kAll> all_of(const ProverKey& key, const Polynomials& polynomials) {
    std::array<std::span<const Fr>, kAll> out;
    for (std::size_t i = 0; i < kCircuit; ++i) out[i] = key.polynomial(static_cast<Polynomial>(i));
    for (std::size_t i = 0; i < polynomials.wires.size(); ++i) out[kCircuit + i] = polynomials.wires[i];
    out[kPermutation] = polynomials.permutation;
    out[kInputs] = polynomials.inputs;
    return out;
}

/// Values of all polynomials at one point, and of those that an identity reads at the next row.
struct Point {
    std::array<Fr, kAll> at;
    Fr next_a, next_b, next_d, next_z;
    Fr x;
    Fr first_lagrange;
};

Evaluations evaluations_of(const Point& point) {
    Evaluations out;
    out.a = point.at[kCircuit];
    out.b = point.at[kCircuit + 1];
    out.c = point.at[kCircuit + 2];
    out.d = point.at[kCircuit + 3];
    out.a_w = point.next_a;
    out.b_w = point.next_b;
    out.d_w = point.next_d;
    out.q_arith = point.at[Polynomial::q_arith];
    out.q_c = point.at[Polynomial::q_c];
    out.q_l = point.at[Polynomial::q_l];
    out.q_r = point.at[Polynomial::q_r];
    out.z_w = point.next_z;
    return out;
}

Fr gates_at(const Point& point, const Evaluations& e, const Challenges& by) {
    const auto& at = point.at;
    const Fr arithmetic = e.q_arith * (at[Polynomial::q_m] * e.a * e.b + e.q_l * e.a + e.q_r * e.b +
                                       at[Polynomial::q_o] * e.c + at[Polynomial::q_f] * e.d + e.q_c);
    return arithmetic + at[kInputs] + at[Polynomial::q_range] * gates::range(e, by.range) +
           at[Polynomial::q_logic] * gates::logic(e, by.logic) +
           at[Polynomial::q_fixed] * gates::fixed_base(e, by.fixed_base) +
           at[Polynomial::q_variable] * gates::variable_base(e, by.variable_base);
}

Fr permutation_at(const Point& point, const Challenges& by) {
    const Fr& z = point.at[kPermutation];
    static const std::array<Fr, 4> kFactors{Fr(kWireFactors[0]), Fr(kWireFactors[1]), Fr(kWireFactors[2]),
                                            Fr(kWireFactors[3])};
    const Fr turned = by.beta * point.x;
    Fr straight = z, permuted = point.next_z;
    for (std::size_t wire = 0; wire < kWireFactors.size(); ++wire) {
        const Fr value = point.at[kCircuit + wire] + by.gamma;
        straight = straight * (value + kFactors[wire] * turned);
        permuted = permuted * (value + by.beta * point.at[Polynomial::s1 + wire]);
    }
    return by.alpha * (straight - permuted + by.alpha * point.first_lagrange * (z - Fr::one()));
}

Fr identities_at(const Point& point, const Challenges& by) {
    return gates_at(point, evaluations_of(point), by) + permutation_at(point, by);
}

class Quotient {
public:
    Quotient(const ProverKey& key, const Polynomials& polynomials, const Challenges& challenges, const Engine& engine,
             const Executor& executor)
        : domain_(key.domain()),
          all_(all_of(key, polynomials)),
          by_(challenges),
          engine_(engine),
          executor_(executor),
          values_(kAll * domain_.size()),
          shift_to_4n_(shift_.squared(domain_.log_size() + 2)) {}

    base::Result<SecretVector> run(const std::function<bool()>& go_on) {
        const std::size_t rows = domain_.size();
        out_.resize(kCosets * rows + kMore);
        for (std::size_t coset = 0; coset < kCosets; ++coset) {
            divide_on_coset(coset);
            if (!go_on()) return cancelled();
        }
        join_cosets();
        if (!add_highest()) {
            return base::failure(base::Error::Kind::invalid, "the circuit is not satisfied: its quotient has a rest");
        }
        out_.pop_back();
        return std::move(out_);
    }

private:
    std::span<Fr> values(std::size_t polynomial) {
        return std::span(values_).subspan(polynomial * domain_.size(), domain_.size());
    }

    Fr shift_of(std::size_t coset) const { return shift_ * Fr::root_of_unity(domain_.log_size() + 2).power(coset); }

    void divide_on_coset(std::size_t coset) {
        const Fr shift = shift_of(coset);
        std::array<std::span<Fr>, kAll> values_of_all;
        for (std::size_t i = 0; i < kAll; ++i) values_of_all[i] = values(i);
        executor_(kAll, [&](std::size_t i) { fold(all_[i], shift, values_of_all[i]); });
        engine_.evaluate(domain_, values_of_all, shift);

        const Fr vanishing = shift.squared(domain_.log_size()) - Fr(1);
        const Fr inverse = vanishing.inverse();
        const auto out = std::span(out_).subspan(coset * domain_.size(), domain_.size());
        in_ranges(executor_, domain_.size(), [&](std::size_t begin, std::size_t end) {
            divide_range(shift, vanishing, inverse, begin, out.subspan(begin, end - begin));
        });
        engine_.interpolate(domain_, std::array{out}, shift);
    }

    void divide_range(const Fr& shift, const Fr& vanishing, const Fr& inverse, std::size_t begin, std::span<Fr> out) {
        const std::size_t rows = domain_.size();
        const Fr share = vanishing * Fr(rows).inverse();
        std::vector<Fr> lagrange(out.size());  // L1(x) = (x^n - 1) / (n (x - 1))
        for (std::size_t i = 0; i < out.size(); ++i) {
            lagrange[i] = shift * domain_.roots()[begin + i] - Fr::one();
        }
        Fr::invert_all(lagrange);
        Point point;
        for (std::size_t i = 0; i < out.size(); ++i) {
            const std::size_t row = begin + i;
            const std::size_t next = (row + 1) % rows;
            for (std::size_t k = 0; k < kAll; ++k) point.at[k] = values_[k * rows + row];
            point.next_a = values_[kCircuit * rows + next];
            point.next_b = values_[(kCircuit + 1) * rows + next];
            point.next_d = values_[(kCircuit + 3) * rows + next];
            point.next_z = values_[kPermutation * rows + next];
            point.x = shift * domain_.roots()[row];
            point.first_lagrange = share * lagrange[i];
            out[i] = identities_at(point, by_) * inverse;
        }
    }

    /// Computes the coefficients of t from those on the cosets. On coset j, t is the sum over m of T_m · s^m, where T_m
    /// are the coefficients of t from m·n on, and s = x^n is one number on the whole coset: 7^n times the fourth root
    /// of unity to the power j. So T_m · 7^(n·m) is an inverse transform of size four.
    void join_cosets() {
        const std::size_t rows = domain_.size();
        const Fr root = Fr::root_of_unity(2).inverse();
        const Fr step = shift_.squared(domain_.log_size()).inverse();
        std::array<Fr, kCosets> factors;  // of T_m
        Fr factor = Fr(kCosets).inverse();
        for (Fr& each : factors) {
            each = factor;
            factor = factor * step;
        }
        in_ranges(executor_, rows, [&](std::size_t begin, std::size_t end) {
            for (std::size_t i = begin; i < end; ++i) {
                const Fr a = out_[i], b = out_[rows + i], c = out_[2 * rows + i], d = out_[3 * rows + i];
                const Fr even = a + c, odd = b + d, even_difference = a - c, odd_difference = root * (b - d);
                out_[i] = factors[0] * (even + odd);
                out_[rows + i] = factors[1] * (even_difference + odd_difference);
                out_[2 * rows + i] = factors[2] * (even - odd);
                out_[3 * rows + i] = factors[3] * (even_difference - odd_difference);
            }
        });
    }

    /// Completes t. The cosets give t mod X^4n - 7^4n: each of the highest coefficients is added, times 7^4n, to one of
    /// the lowest. The difference from t at kMore further points gives the highest. False when there are more than
    /// seven of them.
    bool add_highest() {
        const std::size_t rows = domain_.size();
        const Domain more(3);
        std::array<std::array<Fr, kMore>, kAll> here, next;
        const Fr shift_of_next = more_shift_ * domain_.roots()[1 % rows];
        executor_(kAll, [&](std::size_t i) {
            fold(all_[i], more_shift_, here[i]);
            more.evaluate(here[i], more_shift_);
            if (i < kCircuit || i == kInputs) return;  // no identity reads it in the next row
            fold(all_[i], shift_of_next, next[i]);
            more.evaluate(next[i], shift_of_next);
        });
        std::array<Fr, kMore> highest;
        fold(std::span(out_).first(kCosets * rows), more_shift_, highest);
        more.evaluate(highest, more_shift_);
        const Fr difference = (more_shift_.squared(domain_.log_size() + 2) - shift_to_4n_).inverse();
        for (std::size_t i = 0; i < kMore; ++i) {
            Point point;
            for (std::size_t k = 0; k < kAll; ++k) point.at[k] = here[k][i];
            point.next_a = next[kCircuit][i];
            point.next_b = next[kCircuit + 1][i];
            point.next_d = next[kCircuit + 3][i];
            point.next_z = next[kPermutation][i];
            point.x = more_shift_ * more.roots()[i];
            const Fr vanishing = point.x.squared(domain_.log_size()) - Fr(1);
            point.first_lagrange = vanishing * (Fr(rows) * (point.x - Fr(1))).inverse();
            highest[i] = (identities_at(point, by_) * vanishing.inverse() - highest[i]) * difference;
        }
        more.interpolate(highest, more_shift_);
        for (std::size_t i = 0; i < kMore; ++i) {
            out_[kCosets * rows + i] = highest[i];
            out_[i] = out_[i] - highest[i] * shift_to_4n_;
        }
        return highest.back().is_zero();
    }

    const Fr shift_{7};
    const Fr more_shift_{49};

    const Domain& domain_;
    std::array<std::span<const Fr>, kAll> all_;
    const Challenges& by_;
    const Engine& engine_;
    const Executor& executor_;
    SecretVector values_;  ///< of all polynomials on the coset
    Fr shift_to_4n_;
    SecretVector out_;
};

}  // namespace

base::Result<SecretVector> quotient(const ProverKey& key, const Polynomials& polynomials, const Challenges& challenges,
                                    const Engine& engine, const Executor& executor,
                                    const std::function<bool()>& go_on) {
    return Quotient(key, polynomials, challenges, engine, executor).run(go_on);
}

}  // namespace rues::plonk
