#include <fmt/format.h>

#include "base/encoding.hpp"
#include "crypto/fr.hpp"
#include "plonk/composer/circuit.hpp"
#include "plonk/gates.hpp"

namespace rues::plonk {
namespace {

/// The constant that keeps the parts of a gate apart, in place of a challenge.
const Fr& weight() {
    static const Fr value =
        *Fr::from_bytes(*base::array_from_hex<32>("9e3779b97f4a7c15f39cc0605cedc8341082276bf3a27251f86c6a11d0c18e10"));
    return value;
}

/// The row of a gate and the next one as if they were evaluations.
Evaluations row_of(const Circuit& circuit, const Assignment& assignment, std::size_t row) {
    const auto value = [&](std::size_t of, std::size_t wire) {
        if (of >= circuit.gates().size()) return Fr();  // padding
        return assignment.witnesses[circuit.gates()[of].wires[wire].index];
    };
    const std::size_t next = (row + 1) % (std::size_t{1} << circuit.log_size());
    const Selectors& q = circuit.selectors_of(circuit.gates()[row]);
    Evaluations out{};
    out.a = value(row, 0);
    out.b = value(row, 1);
    out.c = value(row, 2);
    out.d = value(row, 3);
    out.a_w = value(next, 0);
    out.b_w = value(next, 1);
    out.d_w = value(next, 3);
    out.q_arith = coefficient(q, Selector::arith);
    out.q_c = coefficient(q, Selector::c);
    out.q_l = coefficient(q, Selector::l);
    out.q_r = coefficient(q, Selector::r);
    return out;
}

Fr arithmetic_at(const Selectors& q, const Evaluations& e) {
    return e.q_arith * (coefficient(q, Selector::m) * e.a * e.b + e.q_l * e.a + e.q_r * e.b +
                        coefficient(q, Selector::o) * e.c + coefficient(q, Selector::f) * e.d + e.q_c);
}

/// The name of the part that does not hold, or nullptr.
const char* unsatisfied_part(const Selectors& q, const Evaluations& e, const Fr& input) {
    struct Part {
        Selector selector;
        Fr (*identity)(const Evaluations&, const Fr&) noexcept;
        const char* name;
    };
    static constexpr Part kParts[] = {
        {Selector::range, gates::range, "a range gate"},
        {Selector::logic, gates::logic, "a logic gate"},
        {Selector::fixed, gates::fixed_base, "a step of a product with a fixed point"},
        {Selector::variable, gates::variable_base, "a sum of two points"},
    };
    for (const Part& part : kParts) {
        const Fr& selector = coefficient(q, part.selector);
        if (!selector.is_zero() && !(selector * part.identity(e, weight())).is_zero()) return part.name;
    }
    return (arithmetic_at(q, e) + input).is_zero() ? nullptr : "an arithmetic gate";
}

}  // namespace

std::optional<std::string> first_unsatisfied(const Circuit& circuit, const Assignment& assignment) {
    std::size_t inputs = 0;  // before this row
    for (std::size_t row = 0; row < circuit.gates().size(); ++row) {
        Fr input;
        if (inputs < circuit.input_rows().size() && circuit.input_rows()[inputs] == row) {
            input = assignment.inputs[inputs++];
        }
        const Selectors& q = circuit.selectors_of(circuit.gates()[row]);
        const char* part = unsatisfied_part(q, row_of(circuit, assignment, row), input);
        if (part != nullptr) {
            return fmt::format("row {} of {} does not hold: {}", row, circuit.gates().size(), part);
        }
    }
    return std::nullopt;
}

}  // namespace rues::plonk
