#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "plonk/secret_vector.hpp"

namespace rues::plonk {

/// The eleven coefficients of a gate (docs/reference/phoenix-and-plonk.md 4.3), in the order of the composer.
enum class Selector : std::uint8_t { m, l, r, o, f, c, arith, range, logic, fixed, variable };
inline constexpr std::size_t kSelectors = 11;
using Selectors = std::array<Fr, kSelectors>;

inline Fr& coefficient(Selectors& of, Selector which) noexcept {
    return of[static_cast<std::size_t>(which)];
}
inline const Fr& coefficient(const Selectors& of, Selector which) noexcept {
    return of[static_cast<std::size_t>(which)];
}

/// A cell of the assignment, by its index. Index 0 holds zero and index 1 holds one in every circuit.
struct Witness {
    std::uint32_t index = 0;
    friend bool operator==(Witness, Witness) noexcept = default;
};

/// The witnesses of a gate on the wires a, b, c and d.
using Wires = std::array<Witness, 4>;

/// The gates of a circuit, without any value. Few combinations of selectors occur in a circuit, so a gate is five
/// numbers: 20 bytes instead of 370.
class Circuit {
public:
    struct Gate {
        std::uint32_t selectors;  ///< index into `selectors()`
        Wires wires;
    };

    /// Combinations of selectors, in order of their first use.
    const std::vector<Selectors>& selectors() const noexcept { return selectors_; }
    const std::vector<Gate>& gates() const noexcept { return gates_; }
    const Selectors& selectors_of(const Gate& gate) const noexcept { return selectors_[gate.selectors]; }
    /// The rows that hold a public input, ascending.
    const std::vector<std::uint32_t>& input_rows() const noexcept { return input_rows_; }
    std::size_t witnesses() const noexcept { return witnesses_; }
    /// The circuit is padded to 2^log_size rows.
    unsigned log_size() const noexcept;

private:
    friend class CircuitBuilder;

    std::vector<Selectors> selectors_;
    std::vector<Gate> gates_;
    std::vector<std::uint32_t> input_rows_;
    std::size_t witnesses_ = 0;
};

/// Collects the gates of a circuit.
class CircuitBuilder {
public:
    void append(const Selectors& selectors, const Wires& wires, bool has_input);
    Circuit finish(std::size_t witnesses) &&;

private:
    struct Hash {
        std::size_t operator()(const Selectors& selectors) const noexcept;
    };

    Circuit circuit_;
    std::unordered_map<Selectors, std::uint32_t, Hash> index_;
};

/// The values of a circuit: one for each witness, and one for each row with a public input. Witnesses are secret.
struct Assignment {
    SecretVector witnesses;
    std::vector<Fr> inputs;
};

/// The first row whose gate does not hold, as a sentence with the row and the kind of its gate. nullopt when all hold.
/// The parts of a gate are weighed with a constant instead of a challenge. So a gate that does not hold can be crafted
/// to pass here, but no verifier accepts a proof of it. REQUIRES: the numbers of witnesses and inputs are those of the
/// circuit.
std::optional<std::string> first_unsatisfied(const Circuit& circuit, const Assignment& assignment);

}  // namespace rues::plonk
