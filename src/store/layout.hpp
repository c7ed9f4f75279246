#pragma once

#include <optional>

#include "store/store.hpp"

/// Keys and values on disk. docs/formats/store.md and docs/formats/event-log.md say the same in prose; change them
/// together, and the number.
namespace rues::store::layout {

inline constexpr std::uint32_t kFormat = 1;

enum Family : std::size_t {
    kDefault,
    kBlocks,
    kBlockHashes,
    kTransactions,
    kState,
    kContractEvents,
    kLog,
    kMempool,
    kMeta,
    kFamilies
};
inline constexpr const char* kFamilyNames[kFamilies] = {
    "default", "blocks", "block_hashes", "transactions", "state", "contract_events", "log", "mempool", "meta"};

/// Numbers in keys are big endian, so that their order is the order of the keys.
Bytes number_key(std::uint64_t number);
std::optional<std::uint64_t> number_of(ByteView key);

Bytes encode(const StoredBlock& block);
std::optional<StoredBlock> decode_block(ByteView bytes);

Bytes encode(const StoredTransaction& tx);
std::optional<StoredTransaction> decode_transaction(ByteView bytes);

Bytes encode(const std::vector<ledger::ContractEvent>& events);
std::optional<std::vector<ledger::ContractEvent>> decode_contract_events(ByteView bytes);

Bytes encode(const PooledTransaction& tx);
std::optional<PooledTransaction> decode_pooled(ByteView key, ByteView bytes);

Bytes encode(const EventFilter& filter, ByteView message);
std::optional<LogRecord> decode_record(ByteView key, ByteView bytes);

/// Which log positions belong to which epoch: epoch, then the last sequence number before the next epoch began.
Bytes encode(const std::vector<std::pair<std::uint64_t, std::uint64_t>>& epochs);
std::optional<std::vector<std::pair<std::uint64_t, std::uint64_t>>> decode_epochs(ByteView bytes);

}  // namespace rues::store::layout
