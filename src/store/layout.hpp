#pragma once

#include <optional>

#include "base/endian.hpp"
#include "store/store.hpp"

/// Keys and values on disk, except the archive's (archive_layout.hpp). docs/formats/store.md and
/// docs/formats/event-log.md say the same in prose; change them together with this file, and increase `kFormat`.
namespace rues::store::layout {

inline constexpr std::uint32_t kFormat = 7;

enum Family : std::uint8_t {
    kDefault,
    kBlocks,
    kBlockHashes,
    kTransactions,
    kContractEvents,
    kLog,
    kMempool,
    kMeta,
    kEntityEvents,
    kArchive,
    kContracts,
    kPages,
    kUndo,
    kBlobs,
    kFamilies
};
inline constexpr const char* kFamilyNames[kFamilies] = {
    "default", "blocks",        "block_hashes", "transactions", "contract_events", "log",  "mempool",
    "meta",    "entity_events", "archive",      "contracts",    "pages",           "undo", "blobs"};

/// A u32 length, then the bytes.
void put_sized(base::Writer& out, ByteView bytes);
std::optional<ByteView> take_sized(base::Reader& in);

/// A value that is one number, such as the height of a block.
Bytes encode_u64(std::uint64_t value);
std::optional<std::uint64_t> decode_u64(ByteView bytes);

/// Numbers in keys are big endian, so that keys sort in the order of the numbers.
Bytes number_key(std::uint64_t number);
std::optional<std::uint64_t> number_of(ByteView key);

Bytes encode(const StoredBlock& block);
std::optional<StoredBlock> decode_block(ByteView bytes);

Bytes encode(const StoredTransaction& tx);
std::optional<StoredTransaction> decode_transaction(ByteView bytes);

/// `order` grows with every admission: the clock alone cannot tell which transaction came first.
struct Pooled {
    std::uint64_t order = 0;
    PooledTransaction transaction;
};
Bytes encode(const PooledTransaction& tx, std::uint64_t order);
std::optional<Pooled> decode_pooled(ByteView key, ByteView bytes);

/// The prefix of a log record, before the message.
Bytes encode(const EventFilter& filter);
/// The record's message is a view into `bytes`.
std::optional<LogRecord> decode_record(ByteView key, ByteView bytes);

/// Key of an event in the index by entity. The first `kEntityPrefix` bytes are component, topic and entity; the
/// sequence number follows. The value is empty.
inline constexpr std::size_t kEntityPrefix = 17;
Bytes entity_key(const EventFilter& filter, std::uint64_t seq);
std::optional<std::uint64_t> seq_of_entity_key(ByteView key);

/// @name Keys in the family `meta`.
/// @{
inline constexpr std::string_view kFormatName = "format";
inline constexpr std::string_view kTipName = "tip";      ///< height of the tip
inline constexpr std::string_view kClockName = "clock";  ///< seconds by which the chain's clock is ahead
inline constexpr std::string_view kFirstName = "first";  ///< first record of the log that is kept
inline constexpr std::string_view kEpochsName = "epochs";
inline constexpr std::string_view kBootName = "boot";    ///< boot id of the last run
inline constexpr std::string_view kCleanName = "clean";  ///< only while the store is closed, after a clean stop
inline constexpr std::string_view kOriginName = "origin";
inline constexpr std::string_view kNoteName = "note";
/// Prefix of a mark's key; the sequence number follows, big endian.
inline constexpr std::string_view kMarkName = "mark";
/// Prefix of the key of a block that was taken back; the number of its first record follows, big endian.
inline constexpr std::string_view kTakenBackName = "back";
/// @}

/// A block that was taken back, by its place in the log.
Bytes taken_back_key(std::uint64_t first_seq);
Bytes encode(const TakenBlock& block);
std::optional<TakenBlock> decode_taken_block(ByteView key, ByteView bytes);

/// A place up to which the log can be removed. The log gets a mark after a number of bytes or seconds (event_log.cpp).
struct LogMark {
    std::uint64_t seq = 0;        ///< last record before the place
    std::uint64_t timestamp = 0;  ///< of the block that set the mark, in seconds
    std::uint64_t bytes = 0;      ///< of messages since the previous mark
    friend bool operator==(const LogMark&, const LogMark&) = default;
};
Bytes mark_key(std::uint64_t seq);
Bytes encode(const LogMark& mark);
std::optional<LogMark> decode_mark(ByteView key, ByteView bytes);

Bytes encode(const ChainOrigin& origin);
std::optional<ChainOrigin> decode_origin(ByteView bytes);

/// All epochs of the log, oldest first: the epoch, then the last sequence number before the next epoch began. The
/// current epoch has no end yet; it is written as 0.
using Epochs = std::vector<std::pair<std::uint64_t, std::uint64_t>>;
Bytes encode(const Epochs& epochs);
std::optional<Epochs> decode_epochs(ByteView bytes);

}  // namespace rues::store::layout
