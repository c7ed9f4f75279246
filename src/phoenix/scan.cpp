#include "phoenix/scan.hpp"

#include "base/endian.hpp"
#include "crypto/hash.hpp"
#include "crypto/jubjub_archive.hpp"

namespace rues::phoenix {
namespace {

/// One inversion serves as many leaves.
constexpr std::size_t kBatch = 64;
constexpr std::size_t kNonceAt = 328;
constexpr std::size_t kNoteKeyAt = kNonceAt + 160;

std::optional<JubJubPoint> point_at(ByteView leaf, std::size_t at) {
    const auto point = crypto::jubjub_from_archive(base::to_array<160>(leaf.subspan(at, 160)));
    return point && point->is_on_curve() ? point : std::nullopt;
}

/// Shared secrets of a batch, wiped at its end.
struct Batch {
    std::array<JubJubPoint, kBatch> shared;
    std::array<ByteArray<32>, kBatch> encoded{};
    std::array<JubJubPoint, kBatch> note_keys;
    ~Batch() {
        crypto::wipe(std::as_writable_bytes(std::span(shared)));
        crypto::wipe(std::as_writable_bytes(std::span(encoded)));
    }
};

}  // namespace

std::optional<Leaf> Leaf::from_archive(ByteView archived) {
    if (archived.size() != kLeafBytes) return std::nullopt;
    const auto note = Note::from_archive(archived.first(kArchivedNoteBytes));
    if (!note) return std::nullopt;
    return Leaf{*note, base::load_le<std::uint64_t>(archived.data() + kArchivedNoteBytes)};
}

std::expected<std::vector<FoundNote>, std::size_t> scan(const ViewKey& key, ByteView leaves) {
    std::vector<FoundNote> out;
    const std::size_t count = leaves.size() / kLeafBytes;
    Batch batch;
    for (std::size_t begin = 0; begin < count; begin += kBatch) {
        const std::size_t size = std::min(kBatch, count - begin);
        for (std::size_t i = 0; i < size; ++i) {
            const ByteView leaf = leaves.subspan((begin + i) * kLeafBytes, kLeafBytes);
            const auto nonce = point_at(leaf, kNonceAt);
            const auto note_key = point_at(leaf, kNoteKeyAt);
            if (!nonce || !note_key) return std::unexpected(begin + i);
            batch.shared[i] = key.shared_secret(*nonce);
            batch.note_keys[i] = *note_key;
        }
        crypto::jubjub_encode(std::span(batch.shared).first(size), std::span(batch.encoded).first(size));
        for (std::size_t i = 0; i < size; ++i) {
            const crypto::Secret hidden(crypto::hash_to_fl(batch.encoded[i]));
            if (crypto::jubjub_generator_multiples() * *hidden + JubJubPoint(key.b()) != batch.note_keys[i]) continue;
            auto leaf = Leaf::from_archive(leaves.subspan((begin + i) * kLeafBytes, kLeafBytes));
            if (!leaf) return std::unexpected(begin + i);
            auto opened = open(leaf->note, key);
            out.push_back({std::move(*leaf), opened});
        }
    }
    if (leaves.size() % kLeafBytes != 0) return std::unexpected(count);
    return out;
}

}  // namespace rues::phoenix
