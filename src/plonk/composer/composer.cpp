#include "plonk/composer/composer.hpp"

#include "base/endian.hpp"

namespace rues::plonk {
namespace {

Fr minus_one() {
    return Fr() - Fr(1);
}

/// The selectors of an arithmetic gate with this sum and the factor `output` of wire c.
Selectors arithmetic(const Sum& sum, const Fr& output) {
    Selectors out{};
    coefficient(out, Selector::m) = sum.m;
    coefficient(out, Selector::l) = sum.l;
    coefficient(out, Selector::r) = sum.r;
    coefficient(out, Selector::o) = output;
    coefficient(out, Selector::f) = sum.f;
    coefficient(out, Selector::c) = sum.c;
    coefficient(out, Selector::arith) = Fr(1);
    return out;
}

Selectors only(Selector which) {
    Selectors out{};
    coefficient(out, which) = Fr(1);
    return out;
}

}  // namespace

Composer::Composer(Record record) {
    if (record == Record::gates_and_values) builder_.emplace();
    const Fr one(1);
    append(Fr());
    append(one);
    assert_constant(kZero, Fr());
    assert_constant(kOne, one);
    // Two gates that use every selector of arithmetic, so that none of these selector polynomials is zero.
    const Witness six = append(Fr(6));
    const Witness again = append(one);
    const Witness seven = append(Fr(7));
    const Witness minus_twenty = append(Fr() - Fr(20));
    append_gate(arithmetic({.m = one, .l = Fr(2), .r = Fr(3), .f = one, .c = Fr(4)}, Fr(4)),
                {six, seven, minus_twenty, again});
    append_gate(arithmetic({.m = one, .l = one, .r = one, .c = Fr(127)}, one), {minus_twenty, six, seven, kZero});
}

Fr Composer::value(const Sum& sum) const noexcept {
    const Fr& a = value(sum.a);
    const Fr& b = value(sum.b);
    return sum.m * a * b + sum.l * a + sum.r * b + sum.f * value(sum.d) + sum.c;
}

Witness Composer::append(const Fr& value) {
    assignment_.witnesses.push_back(value);
    return {static_cast<std::uint32_t>(assignment_.witnesses.size() - 1)};
}

WitnessPoint Composer::append(const crypto::JubJubAffine& point) {
    const Witness u = append(point.u);
    return {u, append(point.v)};
}

Witness Composer::append_constant(const Fr& value) {
    const Witness out = append(value);
    assert_constant(out, value);
    return out;
}

Witness Composer::append_public(const Fr& value) {
    const Witness out = append(value);
    assert_constant(out, Fr(), value);
    return out;
}

WitnessPoint Composer::append_public(const crypto::JubJubAffine& point) {
    const WitnessPoint out = append(point);
    assert_constant(out.u, Fr(), point.u);
    assert_constant(out.v, Fr(), point.v);
    return out;
}

void Composer::append_gate(const Selectors& selectors, const Wires& wires, const std::optional<Fr>& input) {
    if (builder_) builder_->append(selectors, wires, input.has_value());
    if (input) assignment_.inputs.push_back(*input);
    ++gates_;
}

void Composer::assert_constant(Witness witness, const Fr& constant, const std::optional<Fr>& input) {
    append_gate(arithmetic({.l = minus_one(), .c = constant}, Fr()), {witness}, input);
}

void Composer::assert_equal(Witness a, Witness b) {
    append_gate(arithmetic({.l = Fr(1), .r = minus_one()}, Fr()), {a, b});
}

void Composer::assert_equal(const WitnessPoint& a, const WitnessPoint& b) {
    assert_equal(a.u, b.u);
    assert_equal(a.v, b.v);
}

void Composer::assert_boolean(Witness a) {
    append_gate(arithmetic({.m = Fr(1)}, minus_one()), {a, a, a});
}

Witness Composer::add(const Sum& sum) {
    const Witness out = append(value(sum));
    append_gate(arithmetic(sum, minus_one()), {sum.a, sum.b, out, sum.d});
    return out;
}

Witness Composer::multiply(Witness a, Witness b) {
    return add({.m = Fr(1), .a = a, .b = b});
}

void Composer::append_bits(Witness witness, std::span<Witness> bits) {
    const auto bytes = value(witness).bytes();
    Witness sum = kZero;
    Fr power(1);
    for (std::size_t i = 0; i < bits.size(); ++i, power = power.doubled()) {
        bits[i] = append(Fr(std::to_integer<std::uint64_t>(bytes[i / 8]) >> i % 8 & 1U));
        assert_boolean(bits[i]);
        sum = add({.l = power, .r = Fr(1), .a = bits[i], .b = sum});
    }
    assert_equal(sum, witness);
}

void Composer::assert_64_bits(Witness witness) {
    constexpr std::size_t kPairs = 32;
    constexpr std::size_t kGates = kPairs / 4 + 1;
    const auto low = base::load_le<std::uint64_t>(value(witness).bytes().data());
    std::array<Wires, kGates> rows{};
    Witness sum;
    for (std::size_t i = 1; i <= kPairs; ++i) {
        sum = append(Fr(low >> (64 - 2 * i)));
        rows[i / 4][3 - i % 4] = sum;  // from wire d down to wire a
    }
    for (const Wires& row : std::span(rows).first(kGates - 1)) append_gate(only(Selector::range), row);
    append_gate({}, rows.back());
    assert_equal(sum, witness);
}

Witness Composer::xor_250(Witness a, Witness b) {
    constexpr std::size_t kPairs = 125;
    const auto bytes_a = value(a).bytes();
    const auto bytes_b = value(b).bytes();
    const auto pair = [](const base::ByteArray<32>& bytes, std::size_t i) {
        return std::to_integer<std::uint64_t>(bytes[i / 4]) >> i % 4 * 2 & 3U;
    };
    Selectors selectors{};
    coefficient(selectors, Selector::c) = minus_one();
    coefficient(selectors, Selector::logic) = minus_one();
    Witness left, right, out;
    for (std::size_t i = kPairs; i-- > 0;) {
        const Wires before{left, right, Witness{}, out};
        const std::uint64_t of_a = pair(bytes_a, i);
        const std::uint64_t of_b = pair(bytes_b, i);
        const auto next = [this](Witness sum, std::uint64_t digit) {
            return append(value(sum).doubled().doubled() + Fr(digit));
        };
        left = next(left, of_a);
        right = next(right, of_b);
        const Witness product = append(Fr(of_a * of_b));
        out = next(out, of_a ^ of_b);
        append_gate(selectors, {before[0], before[1], product, before[3]});
    }
    append_gate({}, {left, right, kZero, out});
    return out;
}

Composer::Built Composer::finish() && {
    Built out;
    if (builder_) out.circuit = std::move(*builder_).finish(assignment_.witnesses.size());
    out.assignment = std::move(assignment_);
    return out;
}

}  // namespace rues::plonk
