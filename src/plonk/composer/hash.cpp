#include "plonk/composer/hash.hpp"

namespace rues::plonk {
namespace {

using Constants = crypto::PoseidonConstants;
using State = std::array<Witness, Constants::kWidth>;

Witness fifth_power(Composer& to, Witness x) {
    const Witness squared = to.multiply(x, x);
    return to.multiply(to.multiply(squared, squared), x);
}

/// The matrix, and the constants of the next round: two gates an element, each a sum of three terms.
State mixed(Composer& to, const State& state, std::size_t next_round) {
    const Constants& constants = crypto::poseidon_constants();
    State out;
    for (std::size_t j = 0; j < state.size(); ++j) {
        const auto& row = constants.matrix[j];
        const Witness first =
            to.add({.l = row[0], .r = row[1], .f = row[2], .a = state[0], .b = state[1], .d = state[2]});
        Sum rest{.l = row[3], .r = row[4], .f = Fr(1), .a = state[3], .b = state[4], .d = first};
        if (next_round < Constants::kRounds) rest.c = constants.round[next_round * Constants::kWidth + j];
        out[j] = to.add(rest);
    }
    return out;
}

void permute(Composer& to, State& state) {
    for (std::size_t j = 0; j < state.size(); ++j) {
        state[j] = to.add({.l = Fr(1), .c = crypto::poseidon_constants().round[j], .a = state[j]});
    }
    for (std::size_t round = 0; round < Constants::kRounds; ++round) {
        if (Constants::is_full(round)) {
            for (Witness& element : state) element = fifth_power(to, element);
        } else {
            state.back() = fifth_power(to, state.back());
        }
        state = mixed(to, state, round + 1);
    }
}

}  // namespace

Witness append_hash(Composer& to, std::span<const Witness> elements, crypto::PoseidonDomain domain) {
    State state{to.append_constant(crypto::poseidon_tag(elements.size(), domain))};
    std::size_t at = 0;
    for (const Witness element : elements) {
        if (at == Constants::kRate) {
            permute(to, state);
            at = 0;
        }
        Witness& absorbing = state[1 + at++];
        absorbing = to.add({.l = Fr(1), .r = Fr(1), .a = element, .b = absorbing});
    }
    permute(to, state);
    return state[1];
}

Witness append_truncated_hash(Composer& to, std::span<const Witness> elements) {
    return to.xor_250(append_hash(to, elements), Composer::kZero);
}

}  // namespace rues::plonk
