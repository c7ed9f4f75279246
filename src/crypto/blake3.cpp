#include <bit>

#include "base/endian.hpp"
#include "crypto/hash.hpp"

/// BLAKE3 in hash mode, 32 bytes of output: the portable form of the specification (section 2), one chunk after the
/// other.
namespace rues::crypto {
namespace {

using Words = std::array<std::uint32_t, 8>;

constexpr std::size_t kBlock = 64;
constexpr std::size_t kChunk = 1024;
constexpr std::uint32_t kChunkStart = 1, kChunkEnd = 2, kParent = 4, kRoot = 8;
constexpr Words kIv{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
constexpr std::array<std::size_t, 16> kPermutation{2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8};

using Message = std::array<std::uint32_t, 16>;

void mix(Message& v, std::size_t a, std::size_t b, std::size_t c, std::size_t d, std::uint32_t x, std::uint32_t y) {
    v[a] += v[b] + x;
    v[d] = std::rotr(v[d] ^ v[a], 16);
    v[c] += v[d];
    v[b] = std::rotr(v[b] ^ v[c], 12);
    v[a] += v[b] + y;
    v[d] = std::rotr(v[d] ^ v[a], 8);
    v[c] += v[d];
    v[b] = std::rotr(v[b] ^ v[c], 7);
}

Words compress(const Words& chaining, Message m, std::uint64_t counter, std::size_t length, std::uint32_t flags) {
    Message v{};
    std::ranges::copy(chaining, v.begin());
    std::copy_n(kIv.begin(), 4, v.begin() + 8);
    v[12] = static_cast<std::uint32_t>(counter);
    v[13] = static_cast<std::uint32_t>(counter >> 32);
    v[14] = static_cast<std::uint32_t>(length);
    v[15] = flags;
    for (int round = 0; round < 7; ++round) {
        mix(v, 0, 4, 8, 12, m[0], m[1]);
        mix(v, 1, 5, 9, 13, m[2], m[3]);
        mix(v, 2, 6, 10, 14, m[4], m[5]);
        mix(v, 3, 7, 11, 15, m[6], m[7]);
        mix(v, 0, 5, 10, 15, m[8], m[9]);
        mix(v, 1, 6, 11, 12, m[10], m[11]);
        mix(v, 2, 7, 8, 13, m[12], m[13]);
        mix(v, 3, 4, 9, 14, m[14], m[15]);
        Message next;
        for (std::size_t i = 0; i < 16; ++i) next[i] = m[kPermutation[i]];
        m = next;
    }
    Words out;
    for (std::size_t i = 0; i < 8; ++i) out[i] = v[i] ^ v[i + 8];
    return out;
}

Message load(ByteView block) {
    ByteArray<kBlock> padded{};
    std::ranges::copy(block, padded.begin());
    Message m;
    for (std::size_t i = 0; i < 16; ++i) m[i] = base::load_le<std::uint32_t>(padded.data() + 4 * i);
    return m;
}

/// A node of the hash tree before its last compression, so that the last node can be compressed with the root flag.
struct Node {
    Words chaining;
    Message message;
    std::uint64_t counter;
    std::size_t length;
    std::uint32_t flags;

    Words value(std::uint32_t more = 0) const { return compress(chaining, message, counter, length, flags | more); }
};

Node chunk_node(ByteView chunk, std::uint64_t counter) {
    Words chaining = kIv;
    std::uint32_t start = kChunkStart;
    while (chunk.size() > kBlock) {
        chaining = compress(chaining, load(chunk.first(kBlock)), counter, kBlock, start);
        chunk = chunk.subspan(kBlock);
        start = 0;
    }
    return {chaining, load(chunk), counter, chunk.size(), start | kChunkEnd};
}

Node parent_node(const Words& left, const Words& right) {
    Message m;
    std::ranges::copy(left, m.begin());
    std::ranges::copy(right, m.begin() + 8);
    return {kIv, m, 0, kBlock, kParent};
}

/// The left subtree holds the largest power of two of chunks that leaves at least one byte for the right. The recursion
/// is as deep as log2 of the number of chunks.
Node tree(ByteView message, std::uint64_t counter) {
    if (message.size() <= kChunk) return chunk_node(message, counter);
    const std::size_t chunks = std::bit_floor((message.size() - 1) / kChunk);
    const Node left = tree(message.first(chunks * kChunk), counter);
    const Node right = tree(message.subspan(chunks * kChunk), counter + chunks);
    return parent_node(left.value(), right.value());
}

}  // namespace

Hash32 blake3(ByteView message) {
    const Words root = tree(message, 0).value(kRoot);
    Hash32 out;
    for (std::size_t i = 0; i < 8; ++i) base::store_le(out.data() + 4 * i, root[i]);
    return out;
}

}  // namespace rues::crypto
