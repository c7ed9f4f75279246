#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "ledger/block.hpp"

/// The messages of a cluster's stream: docs/formats/stream.md. Pure.
namespace rues::gateway::cluster {

/// The first message: where the log of the cluster begins.
struct LogBegin {
    std::uint64_t epoch = 0;  ///< of the log, on every machine
    std::uint8_t chain_id = 0;
    ledger::Header header;  ///< of the block after which the log begins

    base::Bytes encode() const;
    /// nullopt: the bytes are not of this form, or the header's hash is not its own.
    static std::optional<LogBegin> decode(base::ByteView bytes);
};

/// Names a commit. No two commits have the same one.
struct CommitId {
    base::ByteArray<16> writer{};  ///< drawn by each start of a machine
    std::uint64_t number = 0;
    friend bool operator==(const CommitId&, const CommitId&) = default;
    /// The message id of one of its pieces.
    std::string of_piece(std::size_t index) const;
};

/// One of the messages that a commit is written in.
struct Piece {
    std::uint64_t epoch = 0;
    CommitId id;
    std::uint32_t index = 0;
    std::uint32_t count = 1;
    base::ByteView payload;  ///< in the message

    /// nullopt: the bytes are not of this form.
    static std::optional<Piece> decode(base::ByteView message);
};
inline constexpr std::size_t kPieceHead = 42;
/// Most bytes of a commit that is put together, and the most pieces that it may have.
inline constexpr std::size_t kMostCommit = 256 << 20;
inline constexpr std::uint32_t kMostPieces = 65'536;

/// The messages of a commit, none larger than `most`. REQUIRES: `most` > kPieceHead, and kMostPieces are enough.
std::vector<base::Bytes> pieces_of(base::ByteView commit, std::uint64_t epoch, const CommitId& id, std::size_t most);

/// Puts commits together from pieces in the order of the stream. A commit whose next piece is not the next message is
/// incomplete for ever: its writer died, or lost the right to write.
class Assembler {
public:
    /// The commit that this piece completes.
    std::optional<base::Bytes> add(const Piece& piece);
    /// How many pieces of this commit are the last messages; 0 when it is complete, too.
    std::uint32_t pending(const CommitId& id) const noexcept { return has_ > 0 && id_ == id ? has_ : 0; }

private:
    void forget();

    CommitId id_;
    std::uint32_t count_ = 0;
    std::uint32_t has_ = 0;
    base::Bytes bytes_;
};

}  // namespace rues::gateway::cluster
