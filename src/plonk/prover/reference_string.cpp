#include "plonk/prover/reference_string.hpp"

#include <atomic>

#include "base/encoding.hpp"
#include "crypto/hash.hpp"

namespace rues::plonk {
namespace {

constexpr std::size_t kG1 = 48, kG2 = 96;

/// `count` random coefficients of 128 bits.
std::vector<Fr> coefficients_of(const base::ByteArray<32>& seed, std::size_t count) {
    base::Bytes random(16 * count);
    crypto::chacha12(seed, random);
    std::vector<Fr> out(count);
    for (std::size_t i = 0; i < count; ++i) {
        base::ByteArray<32> scalar{};
        std::copy_n(random.begin() + static_cast<std::ptrdiff_t>(16 * i), 16, scalar.begin());
        out[i] = Fr::from_bytes(scalar).value_or(Fr());  // 128 bits are always below r
    }
    return out;
}

blst_p1_affine negative(blst_p1_affine point) noexcept {
    blst_fp_cneg(&point.y, &point.y, true);
    return point;
}

}  // namespace

base::Bytes ReferenceString::encode(const Executor& executor) const {
    base::Bytes out(opening_key.size() + kPowerBytes * powers.size());
    std::ranges::copy(opening_key, out.begin());
    in_ranges(executor, powers.size(), [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            const auto bytes = crypto::G1Point(powers[i]).bytes();
            std::ranges::copy(bytes, out.begin() + static_cast<std::ptrdiff_t>(opening_key.size() + kPowerBytes * i));
        }
    });
    return out;
}

base::Result<ReferenceString> ReferenceString::decode(base::ByteView file, const Executor& executor) {
    const auto invalid = [](std::string why) { return base::failure(base::Error::Kind::invalid, std::move(why)); };
    constexpr std::size_t kHeader = sizeof(OpeningKeyBytes);
    if (file.size() < kHeader + 2 * kPowerBytes || (file.size() - kHeader) % kPowerBytes != 0)
        return invalid("the size is not that of a common reference string");
    ReferenceString out;
    std::ranges::copy(file.first(kHeader), out.opening_key.begin());
    if (!crypto::G1Point::decode(file.first(kG1)) || !crypto::decode_g2(file.subspan(kG1, kG2)) ||
        !crypto::decode_g2(file.subspan(kG1 + kG2, kG2)))
        return invalid("the opening key has a point that is not of its group");
    out.powers.resize((file.size() - kHeader) / kPowerBytes);
    std::atomic<std::size_t> wrong = out.powers.size();
    in_ranges(executor, out.powers.size(), [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            const auto point = crypto::G1Point::decode(file.subspan(kHeader + kPowerBytes * i, kPowerBytes));
            if (point && !point->is_identity()) {
                out.powers[i] = point->point();
                continue;
            }
            std::size_t first = wrong;
            while (i < first && !wrong.compare_exchange_weak(first, i)) {
            }
            return;
        }
    });
    if (wrong < out.powers.size())
        return invalid("power " + std::to_string(wrong.load()) + " of tau is not a point of its group");
    return out;
}

bool is_consistent(const ReferenceString& string, const base::ByteArray<32>& seed) {
    const base::ByteView key(string.opening_key);
    const auto g = crypto::G1Point::decode(key.first(kG1));
    const auto h = crypto::decode_g2(key.subspan(kG1, kG2));
    const auto tau_h = crypto::decode_g2(key.subspan(kG1 + kG2, kG2));
    if (!g || !h || !tau_h || string.powers.size() < 2 || blst_p2_affine_is_inf(&*h)) return false;
    if (g->is_identity() || crypto::G1Point(string.powers.front()) != *g) return false;
    const auto coefficients = coefficients_of(seed, string.powers.size() - 1);
    const auto powers = std::span(string.powers);
    const auto without_first = crypto::affine(crypto::weighted_sum(powers.subspan(1), coefficients));
    const auto without_last = crypto::affine(crypto::weighted_sum(powers.first(powers.size() - 1), coefficients));
    return crypto::product_is_one(
        std::array{crypto::Pair{negative(without_first), *h}, crypto::Pair{without_last, *tau_h}});
}

Fr developer_tau() noexcept {
    static const Fr kTau = Fr::from_bytes(*base::array_from_hex<32>("1daab1b82d0e42f99ea66f8986069b4c1538e08c08147d0ba4"
                                                                    "129d4e1fcc5910"))
                               .value_or(Fr());
    return kTau;
}

}  // namespace rues::plonk
