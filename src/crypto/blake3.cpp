#include <bit>

#include "base/endian.hpp"
#include "crypto/blake3_lanes.hpp"
#include "crypto/blake3_paths.hpp"
#include "crypto/blake3_tree.hpp"

/// BLAKE3 in hash mode, 32 bytes of output. Whole chunks, and the parents above them, are hashed several at once; what
/// is left over is hashed one after the other.
namespace rues::crypto {
namespace {

using namespace blake3_detail;
using Message = std::uint32_t[16];

void four_lanes(const Batch& batch) noexcept {
    hash_lanes<4>(batch);
}
#if defined(__x86_64__)
[[gnu::target("avx2")]] void eight_lanes(const Batch& batch) noexcept {
    hash_lanes<8>(batch);
}
[[gnu::target("avx512f,avx512vl")]] void sixteen_lanes(const Batch& batch) noexcept {
    hash_lanes<16>(batch);
}
#endif

/// The functions of a path, from the widest down. They take as many messages as they have lanes.
struct Lanes {
    std::size_t count;
    void (*hash)(const Batch&) noexcept;
};

/// A subtree of at most this many chunks is hashed level by level. Larger ones are divided.
constexpr std::size_t kMaxLevel = 64;

class Hasher {
public:
    explicit Hasher(Blake3Path path) noexcept {
        const auto widest = static_cast<std::size_t>(path);
#if defined(__x86_64__)
        if (widest >= 16) lanes_[count_++] = {16, sixteen_lanes};
        if (widest >= 8) lanes_[count_++] = {8, eight_lanes};
#endif
        if (widest >= 4) lanes_[count_++] = {4, four_lanes};
    }

    Hash32 operator()(ByteView message) const noexcept { return bytes_of(tree(message, 0).value(kRoot)); }

    void parts(std::span<const Blake3Part> parts) const noexcept {
        if (parts.empty()) return;
        const std::size_t chunks = parts.front().bytes.size() / kChunk;
        const std::size_t at_once = kMaxLevel / chunks;
        for (; !parts.empty(); parts = parts.subspan(std::min(at_once, parts.size())))
            group(parts.first(std::min(at_once, parts.size())), chunks);
    }

    Hash32 of_parts(std::span<const Hash32> values) const noexcept {
        std::array<Words, kMaxLevel> level;
        std::size_t count = values.size();
        for (std::size_t i = 0; i < count; ++i) level[i] = words_of(values[i]);
        for (; count > 2; count /= 2) parents(level, count / 2);
        return bytes_of(parent_node(level[0], level[1]).value(kRoot));
    }

private:
    using Level = std::array<Words, kMaxLevel>;
    /// A message that is hashed beside others.
    struct Place {
        const std::byte* bytes;
        std::uint64_t counter;
    };

    static Hash32 bytes_of(const Words& words) noexcept {
        Hash32 out;
        for (std::size_t i = 0; i < 8; ++i) base::store_le(out.data() + 4 * i, words[i]);
        return out;
    }
    static Words words_of(const Hash32& bytes) noexcept {
        Words out;
        for (std::size_t i = 0; i < 8; ++i) out[i] = base::load_le<std::uint32_t>(bytes.data() + 4 * i);
        return out;
    }

    /// A node of the hash tree before its last compression, so that the last node can be compressed with the root flag.
    struct Node {
        Words chaining;
        Message message;
        std::uint64_t counter;
        std::size_t length;
        std::uint32_t flags;

        Words value(std::uint32_t more = 0) const noexcept {
            return compress(chaining, message, counter, length, flags | more);
        }
    };

    static Words compress(const Words& chaining, const Message& m, std::uint64_t counter, std::size_t length,
                          std::uint32_t flags) noexcept {
        std::uint32_t v[16];
        std::ranges::copy(chaining, v);
        std::copy_n(kIv.begin(), 4, v + 8);
        v[12] = static_cast<std::uint32_t>(counter);
        v[13] = static_cast<std::uint32_t>(counter >> 32);
        v[14] = static_cast<std::uint32_t>(length);
        v[15] = flags;
        all_rounds(v, m);
        Words out;
        for (std::size_t i = 0; i < 8; ++i) out[i] = v[i] ^ v[i + 8];
        return out;
    }

    static void load(ByteView block, Message& m) noexcept {
        ByteArray<kBlock> padded{};
        std::ranges::copy(block, padded.begin());
        for (std::size_t i = 0; i < 16; ++i) m[i] = base::load_le<std::uint32_t>(padded.data() + 4 * i);
    }

    static Node chunk_node(ByteView chunk, std::uint64_t counter) noexcept {
        Node out{.chaining = kIv, .message = {}, .counter = counter, .length = 0, .flags = kChunkStart};
        for (; chunk.size() > kBlock; chunk = chunk.subspan(kBlock)) {
            load(chunk.first(kBlock), out.message);
            out.chaining = compress(out.chaining, out.message, counter, kBlock, out.flags);
            out.flags = 0;
        }
        load(chunk, out.message);
        out.length = chunk.size();
        out.flags |= kChunkEnd;
        return out;
    }

    static Node parent_node(const Words& left, const Words& right) noexcept {
        Node out{.chaining = kIv, .message = {}, .counter = 0, .length = kBlock, .flags = kParent};
        std::ranges::copy(left, out.message);
        std::ranges::copy(right, out.message + 8);
        return out;
    }

    /// The left subtree holds the largest power of two of chunks that leaves at least one byte for the right. The
    /// recursion is as deep as log2 of the number of chunks.
    Node tree(ByteView message, std::uint64_t counter) const noexcept {
        if (message.size() <= kChunk) return chunk_node(message, counter);
        const std::size_t chunks = std::bit_floor((message.size() - 1) / kChunk);
        const Words left = full_subtree(message.first(chunks * kChunk), counter);
        const ByteView rest = message.subspan(chunks * kChunk);
        const bool full = rest.size() % kChunk == 0 && std::has_single_bit(rest.size() / kChunk);
        return parent_node(left, full ? full_subtree(rest, counter + chunks) : tree(rest, counter + chunks).value());
    }

    /// The value of a subtree of whole chunks, a power of two of them.
    Words full_subtree(ByteView message, std::uint64_t counter) const noexcept {
        std::size_t count = message.size() / kChunk;
        if (count > kMaxLevel) {
            const std::size_t half = message.size() / 2;
            return parent_node(full_subtree(message.first(half), counter),
                               full_subtree(message.subspan(half), counter + count / 2))
                .value();
        }
        Level level;
        chunk_values(level, count, [&](std::size_t i) { return Place{message.data() + i * kChunk, counter + i}; });
        for (; count > 1; count /= 2) parents(level, count / 2);
        return level[0];
    }

    /// The values of as many parts as have `kMaxLevel` chunks together.
    void group(std::span<const Blake3Part> parts, std::size_t chunks) const noexcept {
        Level level;
        std::size_t count = parts.size() * chunks;
        chunk_values(level, count, [&](std::size_t i) {
            const Blake3Part& part = parts[i / chunks];
            return Place{part.bytes.data() + i % chunks * kChunk, part.first_chunk + i % chunks};
        });
        for (; count > parts.size(); count /= 2) parents(level, count / 2);
        for (std::size_t i = 0; i < parts.size(); ++i) *parts[i].value = bytes_of(level[i]);
    }

    template <typename At>
    void chunk_values(Level& level, std::size_t count, const At& at) const noexcept {
        hash_all(count, at,
                 {.in = {},
                  .counters = {},
                  .blocks = kChunk / kBlock,
                  .flags = 0,
                  .first_flags = kChunkStart,
                  .last_flags = kChunkEnd,
                  .out = level.data()});
    }

    /// Replaces the first 2 · `count` nodes of a level by their parents. A parent's message is the values of its two
    /// children, which lie side by side. Values are written behind what has been read.
    void parents(Level& level, std::size_t count) const noexcept {
        static_assert(sizeof(Words) * 2 == kBlock);
        const auto* const values = reinterpret_cast<const std::byte*>(level.data());
        hash_all(count, [values](std::size_t i) { return Place{values + i * kBlock, 0}; },
                 {.in = {},
                  .counters = {},
                  .blocks = 1,
                  .flags = kParent,
                  .first_flags = 0,
                  .last_flags = 0,
                  .out = level.data()});
    }

    /// `count` messages of `batch.blocks` blocks; `at(i)` is the Place of message i.
    template <typename At>
    void hash_all(std::size_t count, const At& at, Batch batch) const noexcept {
        std::array<const std::byte*, 16> in;
        std::array<std::uint64_t, 16> counters;
        batch.in = in.data();
        batch.counters = counters.data();
        std::size_t next = 0;
        for (const Lanes& lanes : std::span(lanes_).first(count_)) {
            for (; count - next >= lanes.count; next += lanes.count) {
                for (std::size_t i = 0; i < lanes.count; ++i) {
                    const Place place = at(next + i);
                    in[i] = place.bytes;
                    counters[i] = place.counter;
                }
                lanes.hash(batch);
                batch.out += lanes.count;
            }
        }
        for (; next < count; ++next) *batch.out++ = hash_one(at(next), batch);
    }

    static Words hash_one(const Place& place, const Batch& batch) noexcept {
        Words chaining = kIv;
        for (std::size_t block = 0; block < batch.blocks; ++block) {
            Message m;
            load({place.bytes + block * kBlock, kBlock}, m);
            chaining = compress(chaining, m, place.counter, kBlock,
                                batch.flags | (block == 0 ? batch.first_flags : 0) |
                                    (block + 1 == batch.blocks ? batch.last_flags : 0));
        }
        return chaining;
    }

    std::array<Lanes, 3> lanes_{};
    std::size_t count_ = 0;
};

Blake3Path widest() noexcept {
    for (const auto path : {Blake3Path::sixteen, Blake3Path::eight}) {
        if (blake3_has(path)) return path;
    }
    return Blake3Path::four;
}

}  // namespace

bool blake3_has(Blake3Path path) noexcept {
#if defined(__x86_64__)
    if (path == Blake3Path::sixteen) {
        return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512vl") != 0;
    }
    if (path == Blake3Path::eight) return __builtin_cpu_supports("avx2") != 0;
#endif
    return path == Blake3Path::one || path == Blake3Path::four;
}

Hash32 blake3_by(Blake3Path path, ByteView message) noexcept {
    return Hasher(path)(message);
}

void blake3_parts_by(Blake3Path path, std::span<const Blake3Part> parts) noexcept {
    Hasher(path).parts(parts);
}

Hash32 blake3_of_parts_by(Blake3Path path, std::span<const Hash32> values) noexcept {
    return Hasher(path).of_parts(values);
}

namespace {

const Hasher& widest_hasher() noexcept {
    static const Hasher hasher(widest());
    return hasher;
}

}  // namespace

Hash32 blake3(ByteView message) {
    return widest_hasher()(message);
}

void blake3_parts(std::span<const Blake3Part> parts) noexcept {
    widest_hasher().parts(parts);
}

Hash32 blake3_of_parts(std::span<const Hash32> values) noexcept {
    return widest_hasher().of_parts(values);
}

}  // namespace rues::crypto
