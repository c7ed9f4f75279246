#include "plonk/equation.hpp"

#include "plonk/gates.hpp"

namespace rues::plonk {
namespace {

/// The factors of the columns a, b, c and d of the permutation (docs/reference/phoenix-and-plonk.md 5.1).
constexpr std::uint64_t kColumns[] = {1, 7, 13, 17};

/// The polynomials of the domain at z.
struct DomainAtZ {
    Fr z_to_n;
    Fr vanishing;       ///< z^n - 1
    Fr first_lagrange;  ///< L1(z)
    Fr inputs;          ///< PI(z)
};

std::optional<DomainAtZ> domain_at(const Fr& z, const VerifierData& data, std::span<const Fr> inputs) {
    const Fr one(1);
    const auto& rows = data.input_rows();
    std::vector<Fr> inverses;
    inverses.reserve(rows.size() + 1);
    const Fr n(std::uint64_t{1} << data.log_size());
    inverses.push_back(n * (z - one));
    for (const auto& row : rows) inverses.push_back(n * (z - row.root));
    if (std::ranges::any_of(inverses, &Fr::is_zero)) return std::nullopt;
    Fr::invert_all(inverses);

    DomainAtZ out;
    out.z_to_n = z.squared(data.log_size());
    out.vanishing = out.z_to_n - one;
    out.first_lagrange = out.vanishing * inverses[0];
    for (std::size_t i = 0; i < rows.size(); ++i) out.inputs += inputs[i] * rows[i].root * inverses[i + 1];
    out.inputs = out.inputs * out.vanishing;
    return out;
}

/// Weighs the polynomials that are opened at one point with the powers of a challenge.
class Opening {
public:
    /// `value` becomes the weighted sum of the evaluations.
    Opening(const Fr& first_weight, const Fr& challenge, Fr& value)
        : weight_(first_weight), challenge_(challenge), value_(value) {}

    void operator()(Fr& scalar, const Fr& evaluation) {
        scalar += weight_;
        value_ += weight_ * evaluation;
        weight_ = weight_ * challenge_;
    }

private:
    Fr weight_;
    const Fr& challenge_;
    Fr& value_;
};

/// Adds the scalars of F - E·g for the opening at z, without the linearisation.
void add_opening_at_z(Terms& out, Fr& value, const Evaluations& e, const Fr& v, Version version) {
    Opening open(v, v, value);
    open(out.of_proof[Proof::a], e.a);
    open(out.of_proof[Proof::b], e.b);
    open(out.of_proof[Proof::c], e.c);
    open(out.of_proof[Proof::d], e.d);
    open(out.of_data[VerifierData::s1], e.s1);
    open(out.of_data[VerifierData::s2], e.s2);
    open(out.of_data[VerifierData::s3], e.s3);
    if (version == Version::v1) return;
    open(out.of_data[VerifierData::q_arith], e.q_arith);
    open(out.of_data[VerifierData::q_c], e.q_c);
    open(out.of_data[VerifierData::q_l], e.q_l);
    open(out.of_data[VerifierData::q_r], e.q_r);
}

/// Adds the scalars of F - E·g for the opening at z·ω, which counts u times.
void add_opening_at_next(Terms& out, Fr& value, const Evaluations& e, const Fr& v_w, const Fr& u) {
    Opening open(u, v_w, value);
    open(out.of_proof[Proof::z], e.z_w);
    open(out.of_proof[Proof::a], e.a_w);
    open(out.of_proof[Proof::b], e.b_w);
    open(out.of_proof[Proof::d], e.d_w);
}

/// Adds the scalars of the gates' part of D.
void add_gates(Terms& out, const Evaluations& e, const Challenges& by) {
    auto& of = out.of_data;
    of[VerifierData::q_m] += e.a * e.b * e.q_arith;
    of[VerifierData::q_l] += e.a * e.q_arith;
    of[VerifierData::q_r] += e.b * e.q_arith;
    of[VerifierData::q_o] += e.c * e.q_arith;
    of[VerifierData::q_f] += e.d * e.q_arith;
    of[VerifierData::q_c] += e.q_arith;
    of[VerifierData::q_range] += gates::range(e, by.range);
    of[VerifierData::q_logic] += gates::logic(e, by.logic);
    of[VerifierData::q_fixed] += gates::fixed_base(e, by.fixed_base);
    of[VerifierData::q_variable] += gates::variable_base(e, by.variable_base);
}

/// Adds the scalars of the permutation's part of D. Returns the constant part of its identity, without PI(z).
Fr add_permutation(Terms& out, const Evaluations& e, const Challenges& by, const DomainAtZ& domain) {
    const Fr wires[] = {e.a, e.b, e.c, e.d};
    Fr product = by.alpha;
    for (std::size_t i = 0; i < std::size(wires); ++i)
        product = product * (wires[i] + Fr(kColumns[i]) * by.beta * by.z + by.gamma);
    const Fr first = domain.first_lagrange * by.alpha.squared();
    const Fr permuted = by.alpha * (e.a + by.beta * e.s1 + by.gamma) * (e.b + by.beta * e.s2 + by.gamma) *
                        (e.c + by.beta * e.s3 + by.gamma) * e.z_w;
    out.of_proof[Proof::z] += product + first;
    out.of_data[VerifierData::s4] += -(permuted * by.beta);
    return -first - permuted * (e.d + by.gamma);
}

}  // namespace

Challenges challenges_of(const VerifierData& data, const Proof& proof, std::span<const Fr> inputs, Version version) {
    Transcript transcript = data.transcript(version);
    Challenges out;
    rounds::append_inputs(transcript, inputs);
    rounds::after_wires(transcript, proof, out);
    rounds::after_permutation(transcript, proof, out);
    rounds::after_quotient(transcript, proof, out);
    rounds::after_evaluations(transcript, proof, out);
    rounds::after_openings(transcript, proof, out);
    return out;
}

std::optional<Terms> terms_of(const VerifierData& data, const Proof& proof, std::span<const Fr> inputs,
                              const Challenges& by, Version version) {
    const auto domain = domain_at(by.z, data, inputs);
    if (!domain) return std::nullopt;
    const Evaluations& e = proof.evaluations;
    Terms out;
    out.u = by.u;
    add_gates(out, e, by);
    const Fr constant = add_permutation(out, e, by, *domain) + domain->inputs;
    Fr of_part = -domain->vanishing;
    for (const auto part : {Proof::t_low, Proof::t_mid, Proof::t_high, Proof::t_fourth}) {
        out.of_proof[part] = of_part;
        of_part = of_part * domain->z_to_n;
    }
    Fr value = -constant;
    add_opening_at_z(out, value, e, by.v, version);
    add_opening_at_next(out, value, e, by.v_w, by.u);
    out.of_data[Terms::kG] = -value;
    out.of_proof[Proof::w_z] = by.z;
    out.of_proof[Proof::w_zw] = by.u * by.z * Fr::root_of_unity(data.log_size());
    return out;
}

}  // namespace rues::plonk
