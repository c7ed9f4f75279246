#pragma once

#include "store/contract_memory.hpp"

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

/// @name The family `pages`. Versions of one page stand together, the newest first.
/// @{
inline constexpr std::size_t kPagePrefix = 36;  ///< contract and number: the part that all versions share
Bytes page_key(const ledger::ContractId& contract, std::uint32_t number, std::uint64_t height);
struct PageVersion {
    ledger::ContractId contract{};
    std::uint32_t number = 0;
    std::uint64_t height = 0;  ///< of the block that wrote it
};
std::optional<PageVersion> version_of(ByteView key);
Bytes encode(const StoredPage& page);
/// The hash of a stored page, and its bytes, which are written to `bytes`. nullopt when they do not give a whole page.
/// REQUIRES: `bytes` has `kPageBytes`.
std::optional<Hash32> decode_page(ByteView stored, std::span<std::byte> bytes);
/// @}

/// What one block replaced. The family `undo` has it under the block's height.
struct Replaced {
    struct Size {
        ledger::ContractId contract{};
        std::uint32_t memory_pages = 0;  ///< before the block
        friend bool operator==(const Size&, const Size&) = default;
    };
    struct Page {
        ledger::ContractId contract{};
        std::uint32_t number = 0;
        /// Height of the version that the block replaced; nullopt: there was none.
        std::optional<std::uint64_t> before;
        friend bool operator==(const Page&, const Page&) = default;
    };
    std::vector<ledger::ContractId> deployed;
    std::vector<Size> resized;
    std::vector<Page> pages;
    friend bool operator==(const Replaced&, const Replaced&) = default;
};
Bytes encode(const Replaced& replaced);
std::optional<Replaced> decode_replaced(ByteView bytes);

}  // namespace rues::store::layout
