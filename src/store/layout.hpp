#pragma once

#include <optional>

#include "base/endian.hpp"
#include "store/store.hpp"

/// Keys and values on disk, but for the archive (archive_layout.hpp). docs/formats/store.md and
/// docs/formats/event-log.md say the same in prose; change them together, and the number.
namespace rues::store::layout {

inline constexpr std::uint32_t kFormat = 3;

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
    kEntityEvents,
    kArchive,
    kFamilies
};
inline constexpr const char* kFamilyNames[kFamilies] = {"default", "blocks",          "block_hashes", "transactions",
                                                        "state",   "contract_events", "log",          "mempool",
                                                        "meta",    "entity_events",   "archive"};

/// A u32 length, then the bytes.
void put_sized(base::Writer& out, ByteView bytes);
std::optional<ByteView> take_sized(base::Reader& in);

/// Numbers in keys are big endian, so that their order is the order of the keys.
Bytes number_key(std::uint64_t number);
std::optional<std::uint64_t> number_of(ByteView key);

Bytes encode(const StoredBlock& block);
std::optional<StoredBlock> decode_block(ByteView bytes);

Bytes encode(const StoredTransaction& tx);
std::optional<StoredTransaction> decode_transaction(ByteView bytes);

/// `order` grows with every admission: the clock alone does not tell what came first.
struct Pooled {
    std::uint64_t order = 0;
    PooledTransaction transaction;
};
Bytes encode(const PooledTransaction& tx, std::uint64_t order);
std::optional<Pooled> decode_pooled(ByteView key, ByteView bytes);

/// What stands before the message in a record of the log.
Bytes encode(const EventFilter& filter);
/// Its message is a view into `bytes`.
std::optional<LogRecord> decode_record(ByteView key, ByteView bytes);

/// Key of an event in the index by entity: its first `kEntityPrefix` bytes say what happened to whom, then comes the
/// sequence number. The value is empty.
inline constexpr std::size_t kEntityPrefix = 17;
Bytes entity_key(const EventFilter& filter, std::uint64_t seq);
std::optional<std::uint64_t> seq_of_entity_key(ByteView key);

/// A place up to which the log can be cut off: every so many bytes, or so much time.
struct LogMark {
    std::uint64_t seq = 0;        ///< last record before the place
    std::uint64_t timestamp = 0;  ///< of the block that set it, in seconds
    std::uint64_t bytes = 0;      ///< of messages since the mark before
    friend bool operator==(const LogMark&, const LogMark&) = default;
};
inline constexpr std::string_view kMarkName = "mark";  ///< of a name in `meta`; the sequence number in BE follows
Bytes mark_key(std::uint64_t seq);
Bytes encode(const LogMark& mark);
std::optional<LogMark> decode_mark(ByteView key, ByteView bytes);

inline constexpr std::string_view kOriginName = "origin";  ///< in `meta`
Bytes encode(const ChainOrigin& origin);
std::optional<ChainOrigin> decode_origin(ByteView bytes);

/// Which log positions belong to which epoch: epoch, then the last sequence number before the next epoch began.
/// Oldest first; the current one's end is not known and written as 0.
using Epochs = std::vector<std::pair<std::uint64_t, std::uint64_t>>;
Bytes encode(const Epochs& epochs);
std::optional<Epochs> decode_epochs(ByteView bytes);

}  // namespace rues::store::layout
