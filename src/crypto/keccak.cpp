#include "crypto/keccak.hpp"

#include <bit>
#include <utility>

#include "base/endian.hpp"
#include "crypto/hash.hpp"

/// Keccak-256 as Ethereum uses it: SHA3-256 (FIPS 202) with the padding of the submission, one bit instead of three.
/// OpenSSL has it from 3.2 on, Debian 12 has 3.0.
namespace rues::crypto {
namespace {

constexpr std::size_t kRate = 136;
constexpr std::size_t kLanes = std::tuple_size_v<KeccakState>;

/// FIPS 202 3.2.5: the bits of the constants come from a shift register.
constexpr auto kRoundConstants = [] {
    std::array<std::uint64_t, 24> out{};
    unsigned shift = 1;
    for (auto& constant : out) {
        for (unsigned j = 0; j < 7; ++j) {
            if ((shift & 1) != 0) constant |= std::uint64_t{1} << ((1U << j) - 1);
            shift = (shift << 1) ^ ((shift >> 7) * 0x171);
        }
    }
    return out;
}();

/// A step of rho and pi (FIPS 202 3.2.2, 3.2.3): the lane at the previous step's place is rotated and moves to `to`.
struct Step {
    std::size_t to;
    int rotation;
};
constexpr auto kSteps = [] {
    std::array<Step, 24> out{};
    std::size_t x = 1, y = 0;
    for (std::size_t t = 0; t < out.size(); ++t) {
        const std::size_t next_y = (2 * x + 3 * y) % 5;
        x = y;
        y = next_y;
        out[t] = {x + 5 * y, static_cast<int>((t + 1) * (t + 2) / 2 % 64)};
    }
    return out;
}();

void absorb(KeccakState& state, ByteView block) noexcept {
    for (std::size_t i = 0; i < kRate / 8; ++i) state[i] ^= base::load_le<std::uint64_t>(block.data() + 8 * i);
    keccak_f1600(state);
}

}  // namespace

void keccak_f1600(KeccakState& a) noexcept {
    for (const std::uint64_t constant : kRoundConstants) {
        std::array<std::uint64_t, 5> parity{};
        for (std::size_t i = 0; i < kLanes; ++i) parity[i % 5] ^= a[i];
        for (std::size_t i = 0; i < kLanes; ++i) a[i] ^= parity[(i + 4) % 5] ^ std::rotl(parity[(i + 1) % 5], 1);
        std::uint64_t moving = a[1];
        for (const Step& step : kSteps) moving = std::exchange(a[step.to], std::rotl(moving, step.rotation));
        for (std::size_t y = 0; y < kLanes; y += 5) {
            const std::array<std::uint64_t, 5> row{a[y], a[y + 1], a[y + 2], a[y + 3], a[y + 4]};
            for (std::size_t x = 0; x < 5; ++x) a[y + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
        }
        a[0] ^= constant;
    }
}

Hash32 keccak256(ByteView message) {
    KeccakState state{};
    for (; message.size() >= kRate; message = message.subspan(kRate)) absorb(state, message.first(kRate));
    ByteArray<kRate> last{};
    std::ranges::copy(message, last.begin());
    last[message.size()] = std::byte{0x01};
    last.back() |= std::byte{0x80};
    absorb(state, last);
    Hash32 out;
    for (std::size_t i = 0; i < 4; ++i) base::store_le(out.data() + 8 * i, state[i]);
    return out;
}

}  // namespace rues::crypto
