#pragma once

#include "store/archive.hpp"

/// Keys and values of contract events and of the indexes into them. docs/formats/store.md says the same in prose;
/// change them together, and the number in layout.hpp.
namespace rues::store::layout {

/// @name Contract events. All events of one origin are one value; its key holds the position of the first event.
/// @{
Bytes events_key(std::uint64_t height, std::uint32_t position);
struct EventsPlace {
    std::uint64_t height = 0;
    std::uint32_t position = 0;
    friend auto operator<=>(const EventsPlace&, const EventsPlace&) = default;
};
std::optional<EventsPlace> place_of_events(ByteView key);

/// REQUIRES: `events` has one origin and is not empty.
Bytes encode(std::span<const ledger::ContractEvent> events);
std::optional<std::vector<ledger::ContractEvent>> decode_events(ByteView bytes);
/// @}

/// @name The indexes. All are in one column family; a key begins with the tag of its index.
/// @{
enum class Index : char {
    contract = 'e',      ///< contract 32, row → FinalPlace
    inflow = 'i',        ///< account 96, height, transaction id → position
    outflow = 'o',       ///< as for inflow
    memo = 'm',          ///< BLAKE2b-256 of the memo, height, transaction id → position
    phoenix = 'p',       ///< height → nothing
    transactions = 't',  ///< height → number of transactions; only blocks that have transactions
    calls = 'c',         ///< contract 32, height, index in the block → transaction id
    deployments = 'd',   ///< height, index in the block → contract 32, transaction id
    deployed = 'n',      ///< contract 32, height, index in the block → transaction id
};

/// The place of one event: `index` counts from the event at the position.
struct FinalPlace {
    EventsPlace events;
    std::uint32_t index = 0;
    friend auto operator<=>(const FinalPlace&, const FinalPlace&) = default;
};

/// The prefix of all keys of an index that have this id. `id` is empty for an index without ids.
Bytes index_prefix(Index index, ByteView id = {});
Bytes index_prefix_of_memo(ByteView memo);
/// A whole key: the prefix, then a row or a height, then a transaction id if the index has one.
Bytes index_key(Bytes prefix, std::uint64_t number, ByteView transaction = {});
/// The same for an index with places of transactions: the prefix, the height, the index in the block.
Bytes index_key(Bytes prefix, const BlockPlace& place);

struct IndexKey {
    Index index{};
    ByteView id;  ///< contract, account, or hash of the memo; a view into the key
    std::uint64_t number = 0;
    ByteView transaction;        ///< of an index that has transaction ids
    std::uint32_t position = 0;  ///< index in the block, of an index with places of transactions

    BlockPlace place() const noexcept { return {number, position}; }
};
std::optional<IndexKey> parse_index_key(ByteView key);

Bytes encode(const FinalPlace& place);
std::optional<FinalPlace> decode_final_place(ByteView bytes);
/// The value of the index of deployments.
struct DeployedBy {
    ledger::ContractId contract{};
    ledger::TxId transaction{};
    friend bool operator==(const DeployedBy&, const DeployedBy&) = default;
};
Bytes encode(const DeployedBy& value);
std::optional<DeployedBy> decode_deployed_by(ByteView bytes);
Bytes encode_u32(std::uint32_t value);
std::optional<std::uint32_t> decode_u32(ByteView bytes);

inline constexpr std::string_view kArchiveName = "archive";  ///< key in the family `meta`
Bytes encode(const ArchiveEnd& end);
std::optional<ArchiveEnd> decode_archive_end(ByteView bytes);
/// @}

}  // namespace rues::store::layout
