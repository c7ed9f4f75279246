#include "crypto/poseidon.hpp"

#include "base/endian.hpp"
#include "crypto/hash.hpp"

namespace rues::crypto {
namespace {

constexpr std::size_t kWidth = 5;
constexpr std::size_t kRate = 4;
constexpr std::size_t kHalfOfFullRounds = 4;
constexpr std::size_t kPartialRounds = 60;
constexpr std::size_t kRounds = 2 * kHalfOfFullRounds + kPartialRounds;
constexpr std::uint64_t kOther = 0x0;
constexpr std::uint64_t kMerkle4 = 0xf;

/// Round constants and matrix. Both carry a factor of 2^256: the network's files hold Montgomery limbs, and its code
/// reads them as plain integers (docs/reference/phoenix-and-plonk.md 2.1).
struct Constants {
    std::array<Fr, kWidth * kRounds> round;
    std::array<std::array<Fr, kWidth>, kWidth> matrix;

    Constants() {
        const Fr factor = Fr(2).squared(8);
        Fr sum(1);
        base::Bytes seed = base::to_bytes(std::string_view("poseidon-for-plonk"));
        for (Fr& constant : round) {
            const ByteArray<64> digest = sha512(seed);
            sum += Fr::from_wide(digest);
            constant = sum * factor;
            seed = base::to_bytes(ByteView(digest));
        }
        for (std::size_t i = 0; i < kWidth; ++i) {
            for (std::size_t j = 0; j < kWidth; ++j) matrix[i][j] = Fr(i + j + kWidth).inverse() * factor;
        }
    }
};

const Constants& constants() noexcept {
    static const Constants all;
    return all;
}

Fr fifth_power(const Fr& x) noexcept {
    return x.squared(2) * x;
}

void multiply_by_matrix(const Constants& with, PoseidonState& state) noexcept {
    PoseidonState out;
    for (std::size_t i = 0; i < kWidth; ++i) {
        for (std::size_t j = 0; j < kWidth; ++j) out[i] += with.matrix[i][j] * state[j];
    }
    state = out;
}

/// The first element of the state, from the shape of the input and the domain (docs/reference/phoenix-and-plonk.md
/// 2.2).
Fr tag(std::size_t elements, std::uint64_t domain) {
    ByteArray<16> shape;
    base::store_be(shape.data(), static_cast<std::uint32_t>(0x80000000U + elements));
    base::store_be(shape.data() + 4, std::uint32_t{1});
    base::store_be(shape.data() + 8, domain);
    return Fr::from_wide(blake2b_512(shape));
}

Fr sponge(std::span<const Fr> elements, std::uint64_t domain) noexcept {
    PoseidonState state{tag(elements.size(), domain)};
    std::size_t at = 0;
    for (const Fr& element : elements) {
        if (at == kRate) {
            poseidon_permute(state);
            at = 0;
        }
        state[1 + at++] += element;
    }
    poseidon_permute(state);
    return state[1];
}

}  // namespace

void poseidon_permute(PoseidonState& state) noexcept {
    const Constants& with = constants();
    for (std::size_t round = 0; round < kRounds; ++round) {
        for (std::size_t i = 0; i < kWidth; ++i) state[i] += with.round[kWidth * round + i];
        if (round < kHalfOfFullRounds || round >= kHalfOfFullRounds + kPartialRounds) {
            for (Fr& element : state) element = fifth_power(element);
        } else {
            state.back() = fifth_power(state.back());
        }
        multiply_by_matrix(with, state);
    }
}

Fr poseidon_hash(std::span<const Fr> elements) noexcept {
    return sponge(elements, kOther);
}

Fl poseidon_truncated(std::span<const Fr> elements) noexcept {
    auto bytes = poseidon_hash(elements).bytes();
    bytes[31] &= std::byte{0x03};  // 2^250 is below l
    return *Fl::from_bytes(bytes);
}

Fr poseidon_node(const std::array<Fr, 4>& children) noexcept {
    return sponge(children, kMerkle4);
}

}  // namespace rues::crypto
