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

/// The replaced pages of this many blocks are kept, so that the blocks can be taken back.
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
