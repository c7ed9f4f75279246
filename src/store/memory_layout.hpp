#pragma once

#include "store/contract_memory.hpp"
#include "store/fates.hpp"

/// Keys and values of contracts, of the pages of their memory, and of what a block replaced in them.
/// docs/formats/store.md says the same in prose; change them together, and the number in layout.hpp.
namespace rues::store::layout {

/// @name The family `contracts`: one entry for what never changes, one for the size of the memory.
/// @{
enum class ContractEntry : char { code = 'c', size = 'm' };
Bytes contract_key(ContractEntry entry, const ledger::ContractId& contract);
std::optional<ledger::ContractId> contract_of(ByteView key);
Bytes encode(const StoredContract& contract);
/// `memory_pages` is not part of it. The views are views into `bytes`.
std::optional<StoredContract> decode_contract(ByteView key, ByteView bytes);
/// @}

/// @name The family `pages`. The pieces of a page stand together, in order; versions of one piece too, the newest
/// first.
/// @{
inline constexpr std::size_t kPagePrefix = 36;  ///< contract and number: what the keys of one page share
/// Contract, number of the page and number of the piece: what the keys of all versions of a piece share.
using Piece = base::ByteArray<kPagePrefix + 1>;
Piece piece_of(const ledger::ContractId& contract, std::uint32_t number, std::uint8_t piece);
Bytes page_key(const Piece& piece, std::uint64_t height);
struct PageVersion {
    ledger::ContractId contract{};
    std::uint32_t number = 0;
    std::uint8_t piece = 0;
    std::uint64_t height = 0;  ///< of the block that wrote it
};
std::optional<PageVersion> version_of(ByteView key);
/// A piece, or a whole page, with the hash of the page.
Bytes encode_page(const Hash32& hash, ByteView bytes);
/// The hash; the bytes are written to `bytes`. nullopt when they are not exactly as many.
std::optional<Hash32> decode_page(ByteView stored, std::span<std::byte> bytes);
/// @}

/// What one block replaced, and where its events are. The family `undo` has it under the block's height.
struct Replaced {
    struct Size {
        ledger::ContractId contract{};
        std::uint32_t memory_pages = 0;  ///< before the block
        friend bool operator==(const Size&, const Size&) = default;
    };
    struct Version {
        Piece piece{};
        /// Height of the version that the block replaced; nullopt: there was none.
        std::optional<std::uint64_t> before;
        friend bool operator==(const Version&, const Version&) = default;
    };
    /// The block's records in the log, and what was decided after it.
    struct Log {
        std::uint64_t first_seq = 0;
        std::uint64_t last_seq = 0;
        Fates::Decided decided;
        friend bool operator==(const Log&, const Log&) = default;
    };
    Log log;
    std::vector<ledger::ContractId> deployed;
    std::vector<Size> resized;
    std::vector<Version> pieces;  ///< all that the block wrote
    friend bool operator==(const Replaced&, const Replaced&) = default;
};
Bytes encode(const Replaced& replaced);
std::optional<Replaced> decode_replaced(ByteView bytes);

}  // namespace rues::store::layout
