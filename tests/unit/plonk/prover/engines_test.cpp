#include "plonk/prover/cpu_engine.hpp"
#include "plonk/prover/engine.hpp"
#include "unit/plonk/golden.hpp"
#include "unit/plonk/prover/small_circuit.hpp"

/// Every engine makes the golden proofs of tests/data/plonk/small_circuit.txt, to the byte. Another program made them
/// (small_circuit.py), with a prover that was written from docs/reference/phoenix-and-plonk.md 5 alone.
namespace rues::plonk {
namespace {

using crypto::JubJubPoint;

Fr scalar(std::string_view name) {
    return Fr::from_wide(crypto::blake2b_512(base::view(name)));
}

const Fr& tau() {
    static const Fr kTau = scalar("tau of a small circuit");
    return kTau;
}

Blinders golden_blinders() {
    base::ByteArray<Blinders::kBytes> random;
    for (std::size_t i = 0; i < Blinders::kCount; ++i) {
        std::ranges::copy(crypto::blake2b_512(base::view("draw " + std::to_string(i))),
                          random.begin() + static_cast<std::ptrdiff_t>(64 * i));
    }
    return Blinders(random);
}

/// The circuit of small_circuit.py, in the order of its gates.
class GoldenCircuit {
public:
    GoldenCircuit() {
        const Witness x = witness(Fr(5)), y = witness(Fr(11)), z = witness(Fr(2 * 5 * 11 + 3 * 5 + 11 + 4 + 9));
        gate({x, y, z, zero_},
             {{Selector::arith, one_},
              {Selector::m, Fr(2)},
              {Selector::l, Fr(3)},
              {Selector::r, one_},
              {Selector::o, -one_},
              {Selector::c, Fr(4)}},
             Fr(9));
        gate({z, zero_, zero_, zero_}, {{Selector::arith, one_}, {Selector::l, -one_}}, value(z));
        add_range_and_logic();
        add_points();
    }

    Composer::Built built() && {
        const std::size_t witnesses = assignment_.witnesses.size();
        return {std::move(builder_).finish(witnesses), std::move(assignment_)};
    }

private:
    using Parts = std::vector<std::pair<Selector, Fr>>;

    Witness witness(const Fr& value) {
        assignment_.witnesses.push_back(value);
        return {static_cast<std::uint32_t>(assignment_.witnesses.size() - 1)};
    }
    const Fr& value(Witness of) const { return assignment_.witnesses[of.index]; }
    void gate(const Wires& wires, const Parts& parts, const std::optional<Fr>& input = std::nullopt) {
        Selectors selectors{};
        for (const auto& [which, factor] : parts) coefficient(selectors, which) = factor;
        builder_.append(selectors, wires, input.has_value());
        if (input) assignment_.inputs.push_back(*input);
    }

    void add_range_and_logic() {
        constexpr std::uint64_t kBits = 0b1101100011100100;  // eight numbers of two bits each
        std::array<Witness, 9> sums;
        for (unsigned i = 0; i < sums.size(); ++i) sums[i] = witness(Fr(kBits >> (16 - 2 * i)));
        gate({sums[3], sums[2], sums[1], sums[0]}, {{Selector::range, one_}});
        gate({sums[7], sums[6], sums[5], sums[4]}, {{Selector::range, one_}});
        gate({zero_, zero_, zero_, sums[8]}, {});
        constexpr std::uint64_t kLeft[] = {3, 3 * 4 + 1}, kRight[] = {2, 2 * 4 + 3};
        const Witness left = witness(Fr(kLeft[0])), right = witness(Fr(kRight[0]));
        const Witness product = witness(Fr(1 * 3)), first = witness(Fr(kLeft[0] ^ kRight[0]));
        gate({left, right, product, first}, {{Selector::logic, one_}, {Selector::c, -one_}});
        const Witness left_end = witness(Fr(kLeft[1])), right_end = witness(Fr(kRight[1]));
        const Witness last = witness(Fr(kLeft[1] ^ kRight[1]));
        gate({left_end, right_end, zero_, last}, {});
    }

    /// 2G + G, then 3G + G, 3G - G and 3G with the fixed base G.
    void add_points() {
        const JubJubPoint& g = crypto::jubjub_generator();
        const auto one = g.affine(), two = (g + g).affine(), three = (g + g + g).affine();
        const Witness u2 = witness(two.u), v2 = witness(two.v), u1 = witness(one.u), v1 = witness(one.v);
        gate({u2, v2, u1, v1}, {{Selector::variable, one_}});
        const Witness u3 = witness(three.u), v3 = witness(three.v), cross = witness(two.u * one.v);
        gate({u3, v3, zero_, cross}, {});
        const JubJubPoint ends[] = {g + g + g + g, g + g, g + g + g};
        const Fr table[][2] = {{one.u, one.v}, {-one.u, one.v}, {Fr(), one_}};
        const std::uint64_t digits[] = {13, 11, 12};
        for (std::size_t i = 0; i < std::size(ends); ++i) {
            const Witness added = witness(table[i][0] * table[i][1]), before = witness(Fr(6));
            gate({u3, v3, added, before},
                 {{Selector::fixed, one_}, {Selector::l, one.u}, {Selector::r, one.v}, {Selector::c, one.u * one.v}});
            const auto end = ends[i].affine();
            const Witness u = witness(end.u), v = witness(end.v), digit = witness(Fr(digits[i]));
            gate({u, v, zero_, digit}, {});
        }
    }

    const Fr one_{1};
    CircuitBuilder builder_;
    Assignment assignment_;
    const Witness zero_ = witness(Fr());
};

/// The engine by definition: each value of a transform is the whole polynomial at one point, each commitment a sum of
/// single products. It shares nothing with `CpuEngine`.
class NaiveEngine final : public Engine {
public:
    explicit NaiveEngine(std::span<const blst_p1_affine> powers) : powers_(powers) {}

    std::size_t powers() const noexcept override { return powers_.size(); }
    void evaluate(const Domain& domain, std::span<const std::span<Fr>> polynomials, const Fr& shift) const override {
        for (const auto polynomial : polynomials) {
            const std::vector<Fr> coefficients(polynomial.begin(), polynomial.end());
            Fr x = shift;
            for (Fr& value : polynomial) {
                value = at(coefficients, x);
                x = x * Fr::root_of_unity(domain.log_size());
            }
        }
    }
    /// The coefficients are the values, at the inverse points, of the polynomial that has the values as coefficients.
    void interpolate(const Domain& domain, std::span<const std::span<Fr>> values, const Fr& shift) const override {
        const Fr root = Fr::root_of_unity(domain.log_size()).inverse();
        const Fr size = Fr(domain.size()).inverse();
        for (const auto each : values) {
            const std::vector<Fr> coefficients(each.begin(), each.end());
            Fr x(1), scale(1);
            for (Fr& out : each) {
                out = at(coefficients, x) * size * scale;
                x = x * root;
                scale = scale * shift.inverse();
            }
        }
    }
    std::vector<crypto::G1Point> commit(std::span<const std::span<const Fr>> polynomials) const override {
        std::vector<crypto::G1Point> out;
        for (const auto polynomial : polynomials) {
            blst_p1 sum{};
            for (std::size_t i = 0; i < polynomial.size(); ++i) {
                blst_p1 product;
                blst_p1_from_affine(&product, &powers_[i]);
                const auto factor = polynomial[i].bytes();
                blst_p1_mult(&product, &product, base::u8(base::ByteView(factor)), 255);
                blst_p1_add_or_double(&sum, &sum, &product);
            }
            out.emplace_back(crypto::affine(sum));
        }
        return out;
    }

private:
    static Fr at(std::span<const Fr> coefficients, const Fr& x) {
        Fr out;
        for (std::size_t i = coefficients.size(); i-- > 0;) out = out * x + coefficients[i];
        return out;
    }

    std::span<const blst_p1_affine> powers_;
};

void expect_golden_proofs(const Engine& engine) {
    const auto built = GoldenCircuit().built();
    ASSERT_EQ(built.circuit.gates().size(), 15U);
    ASSERT_EQ(first_unsatisfied(built.circuit, built.assignment), std::nullopt);
    const auto compiled = compile(built.circuit, base::view("small circuit"), opening_key_of(tau()), engine);
    ASSERT_TRUE(compiled.has_value());
    EXPECT_EQ(
        base::to_hex(compiled->verifier_data),
        recorded::read_file(RUES_TEST_DATA "/plonk/small_circuit.txt").substr(0, 2 * compiled->verifier_data.size()));
    const Executor executor = in_order;
    for (const auto& [version, golden] : golden::small_circuit().proofs) {
        EXPECT_EQ(golden.values(), built.assignment.inputs);
        const auto proof = prove(compiled->key, built.assignment, golden_blinders(), version, {engine, executor});
        ASSERT_TRUE(proof.has_value());
        EXPECT_EQ(base::to_hex(proof->encode()), base::to_hex(golden.proof)) << static_cast<int>(version);
    }
}

TEST(Engines, the_cpu_makes_the_golden_proofs) {
    const auto powers = powers_of(tau(), powers_needed(15), in_order);
    expect_golden_proofs(CpuEngine(powers, in_order));
}

TEST(Engines, one_that_shares_no_code_with_it_makes_the_golden_proofs) {
    const auto powers = powers_of(tau(), powers_needed(15), in_order);
    expect_golden_proofs(NaiveEngine(powers));
}

TEST(Engines, one_that_knows_tau_makes_the_golden_proofs) {
    expect_golden_proofs(KnownTauEngine(tau(), powers_needed(15), in_order));
}

}  // namespace
}  // namespace rues::plonk
