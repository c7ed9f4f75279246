#include "base/siphash.hpp"

#include <bit>

#include "base/endian.hpp"

namespace rues::base {
namespace {

struct State {
    std::uint64_t v0, v1, v2, v3;

    void round() noexcept {
        v0 += v1;
        v2 += v3;
        v1 = std::rotl(v1, 13) ^ v0;
        v3 = std::rotl(v3, 16) ^ v2;
        v0 = std::rotl(v0, 32);
        v2 += v1;
        v0 += v3;
        v1 = std::rotl(v1, 17) ^ v2;
        v3 = std::rotl(v3, 21) ^ v0;
        v2 = std::rotl(v2, 32);
    }
    void take(std::uint64_t word) noexcept {
        v3 ^= word;
        round();
        round();
        v0 ^= word;
    }
};

}  // namespace

std::uint64_t siphash(const HashKey& key, ByteView bytes) noexcept {
    constexpr std::size_t kWord = sizeof(std::uint64_t);
    const auto k0 = load_le<std::uint64_t>(key.data());
    const auto k1 = load_le<std::uint64_t>(key.data() + kWord);
    // The constants are the text "somepseudorandomlygeneratedbytes".
    State state{k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573};
    const std::byte* at = bytes.data();
    for (std::size_t words = bytes.size() / kWord; words > 0; --words, at += kWord)
        state.take(load_le<std::uint64_t>(at));
    std::uint64_t last = static_cast<std::uint64_t>(bytes.size()) << 56;
    for (std::size_t i = 0; i < bytes.size() % kWord; ++i) last |= static_cast<std::uint64_t>(at[i]) << (8 * i);
    state.take(last);
    state.v2 ^= 0xff;
    for (int i = 0; i < 4; ++i) state.round();
    return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

}  // namespace rues::base
