#pragma once

#include <vector>

#include "ledger/transaction.hpp"

/// The state of the chain as the store has it: deployed contracts and the pages of their memory. The store knows
/// nothing of their meaning. docs/formats/store.md.
namespace rues::store {

using base::Bytes;
using base::ByteView;
using base::Hash32;

inline constexpr std::size_t kPageBytes = 65'536;
/// A page is stored in pieces, and a block writes those that it changed.
inline constexpr std::size_t kPieceBytes = 4'096;
inline constexpr std::uint8_t kPiecesOfPage = kPageBytes / kPieceBytes;
inline constexpr std::uint16_t kAllPieces = 0xffff;

/// What this many blocks replaced is kept, so that the blocks can be taken back.
inline constexpr std::uint64_t kUndoBlocks = 64;

/// A deployed contract. The views are valid during the call that passes it.
struct StoredContract {
    ledger::ContractId id{};
    std::uint32_t position = 0;  ///< of its leaf in the tree of contracts (docs/reference/machine.md 1.9)
    bool memory64 = false;
    std::uint32_t memory_pages = 0;  ///< size of its memory; pages that nobody wrote are not stored
    ByteView owner;
    ByteView code;
};

struct StoredPage {
    ledger::ContractId contract{};
    std::uint32_t number = 0;
    Hash32 hash{};
    ByteView bytes;  ///< `kPageBytes`; valid during the call that passes it
    /// Bit i: piece i may differ from the page as the store has it; all other pieces do not. Only pages that are
    /// written say so. A page that the store does not have is written whole; one without such a piece is not written.
    std::uint16_t changed = kAllPieces;
};

/// What a block, or the genesis, changes in the memory of contracts.
struct MemoryChanges {
    struct Size {
        ledger::ContractId contract{};
        std::uint32_t memory_pages = 0;
    };
    std::vector<StoredContract> deployed;
    std::vector<Size> resized;  ///< contracts that were deployed before and whose memory has another size now
    std::vector<StoredPage> pages;
};

}  // namespace rues::store
