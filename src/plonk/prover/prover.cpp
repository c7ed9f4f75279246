#include "plonk/prover/prover.hpp"

#include "plonk/equation.hpp"
#include "plonk/prover/polynomial.hpp"
#include "plonk/prover/quotient.hpp"

namespace rues::plonk {
namespace {

using Polynomial = VerifierData::Polynomial;

constexpr std::size_t kWires = kWireFactors.size();

class Prover {
public:
    Prover(const ProverKey& key, const Assignment& assignment, const Blinders& blinders, Version version,
           const ProverTools& tools)
        : key_(key),
          domain_(key.domain()),
          assignment_(assignment),
          blinders_(blinders),
          version_(version),
          tools_(tools),
          transcript_(key.data().transcript(version)) {}

    base::Result<Proof> run() {
        struct Step {
            ProverStep name;
            base::Result<void> (Prover::*run)();
        };
        static constexpr Step kSteps[] = {
            {ProverStep::check, &Prover::check},
            {ProverStep::wires, &Prover::commit_wires},
            {ProverStep::permutation, &Prover::commit_permutation},
            {ProverStep::quotient, &Prover::commit_quotient},
            {ProverStep::evaluations, &Prover::evaluate},
            {ProverStep::openings, &Prover::open},
        };
        for (const Step& step : kSteps) {
            if (!may_go_on(step.name)) return cancelled();
            if (auto done = (this->*step.run)(); !done) return std::unexpected(done.error());
        }
        return std::move(proof_);
    }

private:
    bool may_go_on(ProverStep step) const { return !tools_.go_on || tools_.go_on(step); }

    base::Result<void> check() {
        const Circuit& circuit = key_.circuit();
        if (assignment_.witnesses.size() != circuit.witnesses() ||
            assignment_.inputs.size() != circuit.input_rows().size()) {
            return base::failure(base::Error::Kind::invalid, "the assignment belongs to another circuit");
        }
        if (const auto row = first_unsatisfied(circuit, assignment_)) {
            return base::failure(base::Error::Kind::invalid, "the circuit is not satisfied: " + *row);
        }
        return {};
    }

    /// Adds blinders[0] + blinders[1]·X + ... times X^n - 1, which changes no value on the domain.
    void blind(SecretVector& polynomial, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            const Fr& blinder = blinders_[next_blinder_++];
            polynomial[i] = polynomial[i] - blinder;
            polynomial.push_back(blinder);
        }
    }

    SecretVector rows() const {
        SecretVector out;
        out.reserve(domain_.size() + 3);  // blinders follow; a vector that grew would be copied
        out.resize(domain_.size());
        return out;
    }

    base::Result<void> commit_wires() {
        const auto& gates = key_.circuit().gates();
        for (SecretVector& wire : wires_) wire = rows();
        for (std::size_t row = 0; row < gates.size(); ++row) {
            for (std::size_t wire = 0; wire < kWires; ++wire) {
                wires_[wire][row] = assignment_.witnesses[gates[row].wires[wire].index];
            }
        }
        polynomials_.inputs.resize(domain_.size());
        for (std::size_t i = 0; i < assignment_.inputs.size(); ++i) {
            polynomials_.inputs[key_.circuit().input_rows()[i]] = assignment_.inputs[i];
        }
        std::vector<std::span<Fr>> values{polynomials_.inputs};
        for (std::size_t wire = 0; wire < kWires; ++wire) {
            polynomials_.wires[wire] = rows();
            std::ranges::copy(wires_[wire], polynomials_.wires[wire].begin());
            values.emplace_back(polynomials_.wires[wire]);
        }
        tools_.engine.interpolate(domain_, values, Fr(1));
        for (SecretVector& wire : polynomials_.wires) blind(wire, 2);
        const auto& wires = polynomials_.wires;
        commit({wires[0], wires[1], wires[2], wires[3]}, Proof::a);

        rounds::append_inputs(transcript_, assignment_.inputs);
        rounds::after_wires(transcript_, proof_, by_);
        return {};
    }

    /// Row i + 1 of z is row i times the quotient of two products over the wires.
    base::Result<void> commit_permutation() {
        const std::size_t size = domain_.size();
        SecretVector& z = polynomials_.permutation;
        z = rows();
        in_ranges(tools_.executor, size, [&](std::size_t begin, std::size_t end) { divide_rows(begin, end, z); });
        Fr product(1);
        for (Fr& row : z) {
            const Fr factor = row;
            row = product;
            product = product * factor;
        }
        for (SecretVector& wire : wires_) wire = {};
        tools_.engine.interpolate(domain_, std::array{std::span<Fr>(z)}, Fr(1));
        blind(z, 3);
        commit({z}, Proof::z);
        rounds::after_permutation(transcript_, proof_, by_);
        return {};
    }

    void divide_rows(std::size_t begin, std::size_t end, SecretVector& out) const {
        const std::size_t size = domain_.size();
        std::array<Fr, kWires> factors;
        for (std::size_t wire = 0; wire < kWires; ++wire) factors[wire] = by_.beta * Fr(kWireFactors[wire]);
        SecretVector permuted(end - begin, Fr(1));
        for (std::size_t row = begin; row < end; ++row) {
            Fr straight(1);
            for (std::size_t wire = 0; wire < kWires; ++wire) {
                const Fr value = wires_[wire][row] + by_.gamma;
                const std::uint32_t next = key_.next_cells()[wire * size + row];
                straight = straight * (value + factors[wire] * domain_.roots()[row]);
                permuted[row - begin] =
                    permuted[row - begin] * (value + factors[next / size] * domain_.roots()[next % size]);
            }
            out[row] = straight;
        }
        Fr::invert_all(permuted);  // zero has a negligible chance, because nobody chooses beta and gamma
        for (std::size_t row = begin; row < end; ++row) out[row] = out[row] * permuted[row - begin];
    }

    base::Result<void> commit_quotient() {
        auto t = quotient(key_, polynomials_, by_, tools_.engine, tools_.executor,
                          [this] { return may_go_on(ProverStep::quotient); });
        if (!t) return std::unexpected(t.error());
        const std::size_t size = domain_.size();
        for (std::size_t part = 0; part < parts_.size(); ++part) {
            const bool last = part + 1 == parts_.size();
            const auto of = std::span(*t).subspan(part * size, last ? std::dynamic_extent : size);
            parts_[part].reserve(of.size() + 1);  // a blinder follows
            parts_[part].assign(of.begin(), of.end());
        }
        for (std::size_t part = 0; part + 1 < parts_.size(); ++part) {
            const Fr& blinder = blinders_[next_blinder_++];
            parts_[part].push_back(blinder);
            parts_[part + 1][0] = parts_[part + 1][0] - blinder;
        }
        if (!may_go_on(ProverStep::quotient)) return cancelled();
        commit({parts_[0], parts_[1], parts_[2], parts_[3]}, Proof::t_low);
        rounds::after_quotient(transcript_, proof_, by_);
        return {};
    }

    base::Result<void> evaluate() {
        struct Evaluation {
            std::span<const Fr> polynomial;
            bool next_row;
            Fr* out;
        };
        const auto& wires = polynomials_.wires;
        Evaluations& e = proof_.evaluations;
        const Evaluation all[] = {
            {wires[0], false, &e.a},
            {wires[1], false, &e.b},
            {wires[2], false, &e.c},
            {wires[3], false, &e.d},
            {wires[0], true, &e.a_w},
            {wires[1], true, &e.b_w},
            {wires[3], true, &e.d_w},
            {key_.polynomial(Polynomial::q_arith), false, &e.q_arith},
            {key_.polynomial(Polynomial::q_c), false, &e.q_c},
            {key_.polynomial(Polynomial::q_l), false, &e.q_l},
            {key_.polynomial(Polynomial::q_r), false, &e.q_r},
            {key_.polynomial(Polynomial::s1), false, &e.s1},
            {key_.polynomial(Polynomial::s2), false, &e.s2},
            {key_.polynomial(Polynomial::s3), false, &e.s3},
            {polynomials_.permutation, true, &e.z_w},
        };
        tools_.executor(std::size(all), [&](std::size_t i) {
            *all[i].out = evaluated(all[i].polynomial, all[i].next_row ? next_z() : by_.z);
        });
        rounds::after_evaluations(transcript_, proof_, by_);
        return {};
    }

    Fr next_z() const { return by_.z * domain_.roots()[1 % domain_.size()]; }

    /// A verifier checks e(-W_z, tau h) · e(z W_z + S, h) = 1, with the sum S of `terms_of`. With u = 0 the
    /// scalars of S are those of the polynomial that is opened at z, so the prover takes them from there.
    base::Result<void> open() {
        by_.u = Fr();
        const auto terms = terms_of(key_.data(), proof_, assignment_.inputs, by_, version_);
        if (!terms) return base::failure(base::Error::Kind::invalid, "the challenge hit a row; prove again");
        SecretVector at_z(domain_.size() + kLongest), at_next(domain_.size() + kLongest);
        in_ranges(tools_.executor, at_z.size(), [&](std::size_t begin, std::size_t end) {
            for (std::size_t i = 0; i < ProverKey::kPolynomials; ++i) {
                add_range(at_z, begin, end, key_.polynomial(static_cast<Polynomial>(i)), terms->of_data[i]);
            }
            for (std::size_t i = 0; i < kWires; ++i) {
                add_range(at_z, begin, end, polynomials_.wires[i], terms->of_proof[Proof::a + i]);
                add_range(at_z, begin, end, parts_[i], terms->of_proof[Proof::t_low + i]);
            }
            add_range(at_z, begin, end, polynomials_.permutation, terms->of_proof[Proof::z]);
            Fr power(1);
            for (const auto* polynomial :
                 {&polynomials_.permutation, &polynomials_.wires[0], &polynomials_.wires[1], &polynomials_.wires[3]}) {
                add_range(at_next, begin, end, *polynomial, power);
                power = power * by_.v_w;
            }
        });
        Fr rest;
        tools_.executor(2, [&](std::size_t i) {
            if (i == 0) {
                rest = divide_by_root(at_z, by_.z);
            } else {
                divide_by_root(at_next, next_z());
            }
        });
        if (!(rest + terms->of_data[Terms::kG]).is_zero()) {
            return base::failure(base::Error::Kind::invalid,
                                 "the circuit is not satisfied: its polynomials differ at z");
        }
        // The last coefficient of a quotient is zero (`divide_by_root`).
        const auto quotient_of = [](const SecretVector& of) { return std::span(of).first(of.size() - 1); };
        commit({quotient_of(at_z), quotient_of(at_next)}, Proof::w_z);
        return {};
    }

    static void add_range(SecretVector& to, std::size_t begin, std::size_t end, std::span<const Fr> polynomial,
                          const Fr& factor) {
        if (begin >= polynomial.size()) return;
        const auto range = polynomial.subspan(begin, std::min(end, polynomial.size()) - begin);
        add_multiple(std::span(to).subspan(begin), range, factor);
    }

    void commit(const std::vector<std::span<const Fr>>& polynomials, Proof::Commitment first) {
        const auto commitments = tools_.engine.commit(polynomials);
        std::ranges::copy(commitments, proof_.commitments.begin() + first);
    }

    static constexpr std::size_t kLongest = 7;  ///< coefficients above n of the longest polynomial, t_fourth

    const ProverKey& key_;
    const Domain& domain_;
    const Assignment& assignment_;
    const Blinders& blinders_;
    std::size_t next_blinder_ = 0;
    Version version_;
    const ProverTools& tools_;
    Transcript transcript_;
    Challenges by_;
    Proof proof_;
    std::array<SecretVector, kWires> wires_;  ///< rows
    Polynomials polynomials_;
    std::array<SecretVector, 4> parts_;  ///< of t
};

}  // namespace

Blinders::Blinders(std::span<const std::byte, kBytes> random) noexcept {
    for (std::size_t i = 0; i < kCount; ++i)
        (*values_)[i] = Fr::from_wide(base::to_array<64>(random.subspan(64 * i, 64)));
}

base::Result<Proof> prove(const ProverKey& key, const Assignment& assignment, const Blinders& blinders, Version version,
                          const ProverTools& tools) {
    return Prover(key, assignment, blinders, version, tools).run();
}

}  // namespace rues::plonk
