#include "crypto/poseidon.hpp"

#include "base/endian.hpp"
#include "crypto/hash.hpp"

namespace rues::crypto {
namespace {

constexpr std::size_t kWidth = PoseidonConstants::kWidth;
constexpr std::size_t kRate = PoseidonConstants::kRate;

/// The constants and the matrix carry a factor of 2^256: the network's files hold Montgomery limbs, and its code reads
/// them as plain integers (docs/reference/phoenix-and-plonk.md 2.1).
PoseidonConstants make_constants() {
    PoseidonConstants out;
    const Fr factor = Fr(2).squared(8);
    Fr sum(1);
    base::Bytes seed = base::to_bytes(std::string_view("poseidon-for-plonk"));
    for (Fr& constant : out.round) {
        const ByteArray<64> digest = sha512(seed);
        sum += Fr::from_wide(digest);
        constant = sum * factor;
        seed = base::to_bytes(ByteView(digest));
    }
    for (std::size_t i = 0; i < kWidth; ++i) {
        for (std::size_t j = 0; j < kWidth; ++j) out.matrix[i][j] = Fr(i + j + kWidth).inverse() * factor;
    }
    return out;
}

Fr fifth_power(const Fr& x) noexcept {
    return x.squared(2) * x;
}

void multiply_by_matrix(const PoseidonConstants& with, PoseidonState& state) noexcept {
    PoseidonState out;
    for (std::size_t i = 0; i < kWidth; ++i) {
        for (std::size_t j = 0; j < kWidth; ++j) out[i] += with.matrix[i][j] * state[j];
    }
    state = out;
}

Fr sponge(std::span<const Fr> elements, PoseidonDomain domain) noexcept {
    PoseidonState state{poseidon_tag(elements.size(), domain)};
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

const PoseidonConstants& poseidon_constants() noexcept {
    static const PoseidonConstants all = make_constants();
    return all;
}

Fr poseidon_tag(std::size_t elements, PoseidonDomain domain) {
    ByteArray<16> shape;
    base::store_be(shape.data(), static_cast<std::uint32_t>(0x80000000U + elements));
    base::store_be(shape.data() + 4, std::uint32_t{1});
    base::store_be(shape.data() + 8, static_cast<std::uint64_t>(domain));
    return Fr::from_wide(blake2b_512(shape));
}

void poseidon_permute(PoseidonState& state) noexcept {
    const PoseidonConstants& with = poseidon_constants();
    for (std::size_t round = 0; round < PoseidonConstants::kRounds; ++round) {
        for (std::size_t i = 0; i < kWidth; ++i) state[i] += with.round[kWidth * round + i];
        if (PoseidonConstants::is_full(round)) {
            for (Fr& element : state) element = fifth_power(element);
        } else {
            state.back() = fifth_power(state.back());
        }
        multiply_by_matrix(with, state);
    }
}

Fr poseidon_hash(std::span<const Fr> elements) noexcept {
    return sponge(elements, PoseidonDomain::other);
}

Fl poseidon_truncated(std::span<const Fr> elements) noexcept {
    auto bytes = poseidon_hash(elements).bytes();
    bytes[31] &= std::byte{0x03};  // 2^250 is below l
    return *Fl::from_bytes(bytes);
}

Fr poseidon_node(const std::array<Fr, 4>& children) noexcept {
    return sponge(children, PoseidonDomain::merkle4);
}

}  // namespace rues::crypto
