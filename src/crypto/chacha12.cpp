#include <bit>

#include "base/endian.hpp"
#include "crypto/hash.hpp"

namespace rues::crypto {
namespace {

using Block = std::array<std::uint32_t, 16>;

void quarter_round(Block& s, std::size_t a, std::size_t b, std::size_t c, std::size_t d) {
    s[a] += s[b];
    s[d] = std::rotl(s[d] ^ s[a], 16);
    s[c] += s[d];
    s[b] = std::rotl(s[b] ^ s[c], 12);
    s[a] += s[b];
    s[d] = std::rotl(s[d] ^ s[a], 8);
    s[c] += s[d];
    s[b] = std::rotl(s[b] ^ s[c], 7);
}

}  // namespace

void chacha12(const Hash32& key, std::span<std::byte> out) {
    Block start{0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};  // "expand 32-byte k"
    for (std::size_t i = 0; i < 8; ++i) start[4 + i] = base::load_le<std::uint32_t>(key.data() + 4 * i);
    for (std::uint64_t counter = 0; !out.empty(); ++counter) {
        start[12] = static_cast<std::uint32_t>(counter);
        start[13] = static_cast<std::uint32_t>(counter >> 32);
        Block s = start;
        for (int round = 0; round < 12; round += 2) {
            quarter_round(s, 0, 4, 8, 12);
            quarter_round(s, 1, 5, 9, 13);
            quarter_round(s, 2, 6, 10, 14);
            quarter_round(s, 3, 7, 11, 15);
            quarter_round(s, 0, 5, 10, 15);
            quarter_round(s, 1, 6, 11, 12);
            quarter_round(s, 2, 7, 8, 13);
            quarter_round(s, 3, 4, 9, 14);
        }
        ByteArray<64> bytes;
        for (std::size_t i = 0; i < 16; ++i) base::store_le(bytes.data() + 4 * i, s[i] + start[i]);
        const std::size_t count = std::min(out.size(), bytes.size());
        std::ranges::copy(std::span(bytes).first(count), out.begin());
        out = out.subspan(count);
    }
}

Hash32 chacha12_key(std::uint64_t seed) noexcept {
    Hash32 out;
    for (std::size_t at = 0; at < out.size(); at += 4) {
        seed = seed * 6364136223846793005 + 11634580027462260723U;
        const auto word = static_cast<std::uint32_t>(((seed >> 18) ^ seed) >> 27);
        base::store_le(out.data() + at, std::rotr(word, static_cast<int>(seed >> 59)));
    }
    return out;
}

}  // namespace rues::crypto
