#include "gateway/cluster/pieces.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/encoding.hpp"
#include "base/endian.hpp"

namespace rues::gateway::cluster {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kBegin = 0;
constexpr std::uint8_t kPiece = 1;

/// Whether a message is one of this version and kind.
bool takes_kind(base::Reader& in, std::uint8_t kind) {
    const auto version = in.take<std::uint8_t>();
    const auto found = in.take<std::uint8_t>();
    return version && *version == kVersion && found && *found == kind;
}

}  // namespace

base::Bytes LogBegin::encode() const {
    base::Writer out;
    out.put(kVersion).put(kBegin).put(epoch).put(chain_id).put(base::ByteView(header.encode()));
    return out.take();
}

std::optional<LogBegin> LogBegin::decode(base::ByteView bytes) {
    base::Reader in(bytes);
    if (!takes_kind(in, kBegin)) return std::nullopt;
    const auto epoch = in.take<std::uint64_t>();
    const auto chain_id = in.take<std::uint8_t>();
    if (!epoch || !chain_id) return std::nullopt;
    auto header = ledger::Header::decode(in.rest());
    if (!header || header->compute_hash() != header->hash) return std::nullopt;
    return LogBegin{*epoch, *chain_id, std::move(*header)};
}

std::string CommitId::of_piece(std::size_t index) const {
    return fmt::format("{}-{}-{}", base::to_hex(writer), number, index);
}

std::optional<Piece> Piece::decode(base::ByteView message) {
    base::Reader in(message);
    if (message.size() < kPieceHead || !takes_kind(in, kPiece)) return std::nullopt;
    Piece out;
    out.epoch = *in.take<std::uint64_t>();
    out.id.writer = *in.take_array<16>();
    out.id.number = *in.take<std::uint64_t>();
    out.index = *in.take<std::uint32_t>();
    out.count = *in.take<std::uint32_t>();
    out.payload = in.rest();
    if (out.count == 0 || out.count > kMostPieces || out.index >= out.count) return std::nullopt;
    return out;
}

std::vector<base::Bytes> pieces_of(base::ByteView commit, std::uint64_t epoch, const CommitId& id, std::size_t most) {
    const auto room = most - kPieceHead;
    const auto count = std::max<std::size_t>(1, (commit.size() + room - 1) / room);
    std::vector<base::Bytes> out;
    for (std::size_t i = 0; i < count; ++i) {
        const auto part = commit.subspan(i * room, std::min(room, commit.size() - i * room));
        base::Writer piece;
        piece.put(kVersion).put(kPiece).put(epoch).put(base::ByteView(id.writer)).put(id.number);
        piece.put(static_cast<std::uint32_t>(i)).put(static_cast<std::uint32_t>(count)).put(part);
        out.push_back(piece.take());
    }
    return out;
}

void Assembler::forget() {
    has_ = count_ = 0;
    bytes_.clear();
}

std::optional<base::Bytes> Assembler::add(const Piece& piece) {
    if (piece.index == 0) {
        forget();
        id_ = piece.id;
        count_ = piece.count;
    }
    const bool is_next = has_ == piece.index && id_ == piece.id && count_ == piece.count;
    if (!is_next || bytes_.size() + piece.payload.size() > kMostCommit) {
        forget();
        return std::nullopt;
    }
    base::append(bytes_, piece.payload);
    if (++has_ < count_) return std::nullopt;
    auto out = std::exchange(bytes_, {});
    forget();
    return out;
}

}  // namespace rues::gateway::cluster
