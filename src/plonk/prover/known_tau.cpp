#include "plonk/prover/known_tau.hpp"

#include "plonk/prover/polynomial.hpp"

namespace rues::plonk {
namespace {

/// Products of the generator with any scalar: a multiple for each value of each of the scalar's bytes. 768 KiB.
class GeneratorTable {
public:
    GeneratorTable() {
        std::vector<blst_p1> multiples;
        multiples.reserve(kBytes * kValues);
        blst_p1 unit = *blst_p1_generator();
        for (std::size_t at = 0; at < kBytes; ++at) {
            blst_p1 multiple = unit;
            for (std::size_t value = 0; value < kValues; ++value) {
                multiples.push_back(multiple);
                blst_p1_add_or_double(&multiple, &multiple, &unit);
            }
            unit = multiple;
        }
        std::vector<const blst_p1*> pointers{multiples.data(), nullptr};
        table_.resize(multiples.size());
        blst_p1s_to_affine(table_.data(), pointers.data(), multiples.size());
    }

    blst_p1 operator*(const Fr& scalar) const {
        const auto bytes = scalar.bytes();
        blst_p1 out{};
        for (std::size_t at = 0; at < kBytes; ++at) {
            const auto value = std::to_integer<std::size_t>(bytes[at]);
            if (value != 0) blst_p1_add_or_double_affine(&out, &out, &table_[at * kValues + value - 1]);
        }
        return out;
    }

private:
    static constexpr std::size_t kBytes = 32, kValues = 255;
    std::vector<blst_p1_affine> table_;  ///< [at · 255 + value - 1] is value · 256^at
};

}  // namespace

std::vector<blst_p1_affine> powers_of(const Fr& tau, std::size_t count, const Executor& executor) {
    const GeneratorTable generator;
    std::vector<blst_p1_affine> out(count);
    in_ranges(executor, count, [&](std::size_t begin, std::size_t end) {
        std::vector<blst_p1> points;
        points.reserve(end - begin);
        Fr power = tau.power(begin);
        for (std::size_t i = begin; i < end; ++i, power = power * tau) points.push_back(generator * power);
        const blst_p1* const pointers[] = {points.data(), nullptr};
        blst_p1s_to_affine(out.data() + begin, pointers, points.size());
    });
    return out;
}

OpeningKeyBytes opening_key_of(const Fr& tau) noexcept {
    OpeningKeyBytes out;
    blst_p1_compress(base::u8(out), blst_p1_generator());
    blst_p2_compress(base::u8(out) + 48, blst_p2_generator());
    const auto scalar = tau.bytes();
    blst_p2 x_h;
    blst_p2_mult(&x_h, blst_p2_generator(), base::u8(base::ByteView(scalar)), 8 * scalar.size());
    blst_p2_compress(base::u8(out) + 144, &x_h);
    return out;
}

KnownTauEngine::KnownTauEngine(const Fr& tau, std::size_t powers, Executor executor)
    : tau_(tau), powers_(powers), executor_(std::move(executor)), transforms_({}, executor_) {}

void KnownTauEngine::evaluate(const Domain& domain, std::span<const std::span<Fr>> polynomials, const Fr& shift) const {
    transforms_.evaluate(domain, polynomials, shift);
}

void KnownTauEngine::interpolate(const Domain& domain, std::span<const std::span<Fr>> values, const Fr& shift) const {
    transforms_.interpolate(domain, values, shift);
}

std::vector<crypto::G1Point> KnownTauEngine::commit(std::span<const std::span<const Fr>> polynomials) const {
    std::vector<crypto::G1Point> out(polynomials.size());
    executor_(polynomials.size(), [&](std::size_t i) {
        const auto scalar = evaluated(polynomials[i], tau_).bytes();
        blst_p1 product;
        blst_p1_mult(&product, blst_p1_generator(), base::u8(base::ByteView(scalar)), 8 * scalar.size());
        out[i] = crypto::G1Point(crypto::affine(product));
    });
    return out;
}

}  // namespace rues::plonk
