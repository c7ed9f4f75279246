#pragma once

#include <optional>

#include "crypto/jubjub.hpp"
#include "plonk/composer/circuit.hpp"

namespace rues::plonk {

/// A point of JubJub in the circuit.
struct WitnessPoint {
    Witness u, v;
};

/// The sum of an arithmetic gate: m·a·b + l·a + r·b + f·d + c.
struct Sum {
    Fr m{}, l{}, r{}, f{}, c{};
    Witness a{}, b{}, d{};
};

/// The multiples 2^255, ..., 2, 1 of a point that is a constant of the circuit. 24 KiB; make it once.
class FixedBase {
public:
    static constexpr std::size_t kSteps = 256;
    struct Step {
        Fr u, v, product;
    };

    explicit FixedBase(const crypto::JubJubPoint& point);
    /// [i] is 2^(255 - i) times the point.
    const std::vector<Step>& steps() const noexcept { return steps_; }

private:
    std::vector<Step> steps_;
};

/// Builds a circuit gate by gate, with a value for each witness, as the composer of dusk-plonk 0.22 does
/// (docs/reference/phoenix-and-plonk.md 4.3): the same calls give the same gates, in the same order, over the same
/// witnesses.
///
/// The gates depend only on the calls and never on the values. So a program that proves one circuit again and again
/// keeps the `Circuit` of the first run and asks later composers only for the values (`Record::values`), which takes a
/// fraction of the time. Values are wiped when they are dropped. Not constant-time. Not shared between threads.
class Composer {
public:
    enum class Record : std::uint8_t { gates_and_values, values };

    explicit Composer(Record record = Record::gates_and_values);

    static constexpr Witness kZero{0};
    static constexpr Witness kOne{1};

    std::size_t gates() const noexcept { return gates_; }
    const Fr& value(Witness witness) const noexcept { return assignment_.witnesses[witness.index]; }
    Fr value(const Sum& sum) const noexcept;

    /// @name Witnesses
    /// @{
    Witness append(const Fr& value);
    /// Adds no gate, so the circuit does not assert that the point is on the curve.
    WitnessPoint append(const crypto::JubJubAffine& point);
    Witness append_constant(const Fr& value);
    Witness append_public(const Fr& value);
    WitnessPoint append_public(const crypto::JubJubAffine& point);
    /// @}

    /// @name Gates
    /// @{
    /// Adds one row of these selectors and wires, with a public input when `input` is given.
    void append_gate(const Selectors& selectors, const Wires& wires, const std::optional<Fr>& input = std::nullopt);
    /// Asserts witness == constant + input.
    void assert_constant(Witness witness, const Fr& constant, const std::optional<Fr>& input = std::nullopt);
    void assert_equal(Witness a, Witness b);
    void assert_equal(const WitnessPoint& a, const WitnessPoint& b);
    void assert_boolean(Witness a);
    /// A new witness with the value of the sum.
    Witness add(const Sum& sum);
    Witness multiply(Witness a, Witness b);
    /// @}

    /// @name Integers
    /// @{
    /// N new witnesses: the bits of `witness`, the lowest first. Asserts that each is 0 or 1 and that together they
    /// are the witness.
    template <std::size_t N>
    std::array<Witness, N> bits(Witness witness) {
        std::array<Witness, N> out;
        append_bits(witness, out);
        return out;
    }
    /// Asserts that the witness is below 2^64.
    void assert_64_bits(Witness witness);
    /// Exclusive or of the lowest 250 bits of two witnesses. The gates do not connect the witnesses with their bits,
    /// because the network's own circuit does not either (docs/reference/phoenix-and-plonk.md 4.3).
    Witness xor_250(Witness a, Witness b);
    /// @}

    /// @name Points of JubJub, of the prime subgroup
    /// @{
    WitnessPoint add(const WitnessPoint& p, const WitnessPoint& q);
    /// 252 bits of the scalar times the point.
    WitnessPoint multiply(Witness scalar, const WitnessPoint& point);
    /// REQUIRES: `base` has the same points in every run. A scalar that is not below l leaves the circuit
    /// unsatisfiable, see `malformed_scalar`.
    WitnessPoint multiply(Witness scalar, const FixedBase& base);
    /// True after a product with a fixed base whose scalar was not below the order of the subgroup. Then the circuit
    /// has no proof.
    bool malformed_scalar() const noexcept { return malformed_scalar_; }
    /// @}

    struct Built {
        Circuit circuit;  ///< empty when only values were recorded
        Assignment assignment;
    };
    /// Ends the composition. Call it once, after the last gate.
    Built finish() &&;

private:
    void append_bits(Witness witness, std::span<Witness> bits);
    Witness select_zero(Witness bit, Witness value) { return multiply(bit, value); }
    Witness select_one(Witness bit, Witness value);

    std::optional<CircuitBuilder> builder_;
    std::size_t gates_ = 0;
    Assignment assignment_;
    bool malformed_scalar_ = false;
};

}  // namespace rues::plonk
