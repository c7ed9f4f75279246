#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

/// The inner loops of BLAKE3 (specification, section 2), for one message or for `N` at once in vectors of `N` words.
/// Only for blake3.cpp. The vector functions are always inlined, so that they take the instruction set of the function
/// that uses them; vectors are passed by reference, because their calling convention depends on that set.
namespace rues::crypto::blake3_detail {

inline constexpr std::size_t kBlock = 64;
inline constexpr std::size_t kChunk = 1024;
inline constexpr std::uint32_t kChunkStart = 1, kChunkEnd = 2, kParent = 4, kRoot = 8;

using Words = std::array<std::uint32_t, 8>;
inline constexpr Words kIv{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                           0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

/// Words of the message in the order in which each of the seven rounds takes them.
inline constexpr auto kSchedule = [] {
    constexpr std::array<std::uint8_t, 16> permutation{2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8};
    std::array<std::array<std::uint8_t, 16>, 7> out{};
    for (std::size_t i = 0; i < 16; ++i) out[0][i] = static_cast<std::uint8_t>(i);
    for (std::size_t round = 1; round < out.size(); ++round) {
        for (std::size_t i = 0; i < 16; ++i) out[round][i] = out[round - 1][permutation[i]];
    }
    return out;
}();

/// `Bits` to the right in each word. `T` is a word or a vector of words.
template <int Bits, typename T>
[[gnu::always_inline]] inline void rotate(T& x) noexcept {
    x = (x >> Bits) | (x << (32 - Bits));
}

template <typename T>
[[gnu::always_inline]] inline void mix(T& a, T& b, T& c, T& d, const T& x, const T& y) noexcept {
    a += b + x;
    d ^= a;
    rotate<16>(d);
    c += d;
    b ^= c;
    rotate<12>(b);
    a += b + y;
    d ^= a;
    rotate<8>(d);
    c += d;
    b ^= c;
    rotate<7>(b);
}

template <std::size_t Round, typename T>
[[gnu::always_inline]] inline void one_round(T (&v)[16], const T (&m)[16]) noexcept {
    constexpr auto& at = kSchedule[Round];
    mix(v[0], v[4], v[8], v[12], m[at[0]], m[at[1]]);
    mix(v[1], v[5], v[9], v[13], m[at[2]], m[at[3]]);
    mix(v[2], v[6], v[10], v[14], m[at[4]], m[at[5]]);
    mix(v[3], v[7], v[11], v[15], m[at[6]], m[at[7]]);
    mix(v[0], v[5], v[10], v[15], m[at[8]], m[at[9]]);
    mix(v[1], v[6], v[11], v[12], m[at[10]], m[at[11]]);
    mix(v[2], v[7], v[8], v[13], m[at[12]], m[at[13]]);
    mix(v[3], v[4], v[9], v[14], m[at[14]], m[at[15]]);
}

template <typename T>
[[gnu::always_inline]] inline void all_rounds(T (&v)[16], const T (&m)[16]) noexcept {
    one_round<0>(v, m);
    one_round<1>(v, m);
    one_round<2>(v, m);
    one_round<3>(v, m);
    one_round<4>(v, m);
    one_round<5>(v, m);
    one_round<6>(v, m);
}

template <std::size_t N>
using Vector [[gnu::vector_size(4 * N)]] = std::uint32_t;

/// Exchanges the blocks of `Size` words off the diagonal of each square of 2·Size words.
template <std::size_t N, std::size_t Size, std::size_t... Lane>
[[gnu::always_inline]] inline void exchange(Vector<N>& a, Vector<N>& b, std::index_sequence<Lane...>) noexcept {
    const Vector<N> upper =
        __builtin_shufflevector(a, b, static_cast<int>((Lane & Size) != 0 ? N + Lane - Size : Lane)...);
    b = __builtin_shufflevector(a, b, static_cast<int>((Lane & Size) != 0 ? N + Lane : Lane + Size)...);
    a = upper;
}

template <std::size_t N, std::size_t Size>
[[gnu::always_inline]] inline void transpose_by(Vector<N>* rows) noexcept {
    for (std::size_t i = 0; i < N; ++i) {
        if ((i & Size) == 0) exchange<N, Size>(rows[i], rows[i + Size], std::make_index_sequence<N>());
    }
    if constexpr (Size > 1) transpose_by<N, Size / 2>(rows);
}

/// N messages of `blocks` · 64 bytes each: chaining values to `out`, one message after the other. Message i is at
/// in[i] and has the counter counters[i].
struct Batch {
    const std::byte* const* in;
    const std::uint64_t* counters;
    std::size_t blocks;
    std::uint32_t flags;        ///< of every block
    std::uint32_t first_flags;  ///< more flags of the first block
    std::uint32_t last_flags;   ///< more flags of the last block
    Words* out;
};

template <std::size_t N>
[[gnu::always_inline]] inline void hash_lanes(const Batch& batch) noexcept {
    using V = Vector<N>;
    constexpr std::size_t kWords = 16;
    V counter_low, counter_high;
    for (std::size_t lane = 0; lane < N; ++lane) {
        counter_low[lane] = static_cast<std::uint32_t>(batch.counters[lane]);
        counter_high[lane] = static_cast<std::uint32_t>(batch.counters[lane] >> 32);
    }
    V chaining[N < 8 ? 8 : N];  // N vectors, because a transposition takes a square
    for (std::size_t i = 0; i < 8; ++i) chaining[i] = V{} + kIv[i];
    for (std::size_t block = 0; block < batch.blocks; ++block) {
        V m[kWords];
        for (std::size_t part = 0; part < kWords; part += N) {
            for (std::size_t lane = 0; lane < N; ++lane) {
                std::memcpy(&m[part + lane], batch.in[lane] + block * kBlock + 4 * part, sizeof(V));
            }
            transpose_by<N, N / 2>(m + part);
        }
        const std::uint32_t flags =
            batch.flags | (block == 0 ? batch.first_flags : 0) | (block + 1 == batch.blocks ? batch.last_flags : 0);
        V v[kWords]{chaining[0],  chaining[1],  chaining[2], chaining[3],  chaining[4],
                    chaining[5],  chaining[6],  chaining[7], V{} + kIv[0], V{} + kIv[1],
                    V{} + kIv[2], V{} + kIv[3], counter_low, counter_high, V{} + static_cast<std::uint32_t>(kBlock),
                    V{} + flags};
        all_rounds(v, m);
        for (std::size_t i = 0; i < 8; ++i) chaining[i] = v[i] ^ v[i + 8];
    }
    if constexpr (N < 8) {
        for (std::size_t part = 0; part < 8; part += N) {
            transpose_by<N, N / 2>(chaining + part);
            for (std::size_t lane = 0; lane < N; ++lane) {
                std::memcpy(batch.out[lane].data() + part, &chaining[part + lane], sizeof(V));
            }
        }
    } else {
        for (std::size_t i = 8; i < N; ++i) chaining[i] = V{};
        transpose_by<N, N / 2>(chaining);
        for (std::size_t lane = 0; lane < N; ++lane) {
            std::memcpy(batch.out[lane].data(), &chaining[lane], sizeof(Words));
        }
    }
}

}  // namespace rues::crypto::blake3_detail
