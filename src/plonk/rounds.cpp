#include "plonk/rounds.hpp"

namespace rues::plonk::rounds {
namespace {

/// The evaluations in the order of the transcript (docs/reference/phoenix-and-plonk.md 5.2, step 8).
constexpr std::pair<std::string_view, Fr Evaluations::*> kAppended[] = {
    {"a_eval", &Evaluations::a},          {"b_eval", &Evaluations::b},          {"c_eval", &Evaluations::c},
    {"d_eval", &Evaluations::d},          {"s_sigma_1_eval", &Evaluations::s1}, {"s_sigma_2_eval", &Evaluations::s2},
    {"s_sigma_3_eval", &Evaluations::s3}, {"z_eval", &Evaluations::z_w},        {"a_w_eval", &Evaluations::a_w},
    {"b_w_eval", &Evaluations::b_w},      {"d_w_eval", &Evaluations::d_w},      {"q_arith_eval", &Evaluations::q_arith},
    {"q_c_eval", &Evaluations::q_c},      {"q_l_eval", &Evaluations::q_l},      {"q_r_eval", &Evaluations::q_r},
};

/// Appends the commitments of the proof from `first` on, under these labels.
void append(Transcript& to, const Proof& proof, Proof::Commitment first,
            std::initializer_list<std::string_view> labels) noexcept {
    std::size_t at = first;
    for (const std::string_view label : labels) to.append(label, proof.commitments[at++]);
}

}  // namespace

void append_inputs(Transcript& to, std::span<const Fr> inputs) noexcept {
    for (const Fr& input : inputs) to.append("pi", input);
}

void after_wires(Transcript& to, const Proof& proof, Challenges& out) noexcept {
    append(to, proof, Proof::a, {"a_comm", "b_comm", "c_comm", "d_comm"});
    out.beta = to.challenge("beta");
    to.append("beta", out.beta);
    out.gamma = to.challenge("gamma");
}

void after_permutation(Transcript& to, const Proof& proof, Challenges& out) noexcept {
    append(to, proof, Proof::z, {"z_comm"});
    out.alpha = to.challenge("alpha");
    out.range = to.challenge("range separation challenge");
    out.logic = to.challenge("logic separation challenge");
    out.fixed_base = to.challenge("fixed base separation challenge");
    out.variable_base = to.challenge("variable base separation challenge");
}

void after_quotient(Transcript& to, const Proof& proof, Challenges& out) noexcept {
    append(to, proof, Proof::t_low, {"t_low_comm", "t_mid_comm", "t_high_comm", "t_fourth_comm"});
    out.z = to.challenge("z_challenge");
}

void after_evaluations(Transcript& to, const Proof& proof, Challenges& out) noexcept {
    for (const auto& [name, evaluation] : kAppended) to.append(name, proof.evaluations.*evaluation);
    out.v = to.challenge("v_challenge");
    out.v_w = to.challenge("v_w_challenge");
}

void after_openings(Transcript& to, const Proof& proof, Challenges& out) noexcept {
    append(to, proof, Proof::w_z, {"w_z_chall_comm", "w_z_chall_w_comm"});
    out.u = to.challenge("u_challenge");
}

}  // namespace rues::plonk::rounds
