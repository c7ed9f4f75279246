#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <span>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "ledger/event.hpp"
#include "ledger/genesis.hpp"
#include "store/archive.hpp"
#include "store/contract_memory.hpp"
#include "store/fates.hpp"
#include "store/log_records.hpp"

namespace rocksdb {
class Env;
}

/// The store: blocks, transactions, blobs, contract memory, mempool and the event log in RocksDB. A block, what it
/// changes in the memory of contracts, its blobs and its events are one atomic batch. Layouts: docs/formats/.
namespace rues::store {

struct StoredTransaction {
    Bytes raw;  ///< in the ledger's envelope (Boreas)
    std::uint64_t height = 0;
    std::uint32_t index = 0;  ///< position in the block
    std::uint64_t gas_spent = 0;
    /// The error of the execution; nullopt when it succeeded.
    std::optional<std::string> error;
};

struct StoredBlock {
    ledger::Header header;
    std::vector<ledger::TxId> transactions;
    ledger::Label label;
};

struct PooledTransaction {
    ledger::TxId id{};
    Bytes raw;                          ///< in the ledger's envelope
    std::uint64_t entered_unix_ms = 0;  ///< when it was admitted
};

/// A blob that a block includes. The sidecar must live until the commit is done.
struct NewBlob {
    Hash32 hash{};
    const ledger::BlobSidecar* sidecar = nullptr;
};

/// A blob whose data is kept.
struct StoredBlob {
    Hash32 hash{};
    std::uint64_t height = 0;  ///< of the last block that included it
    ledger::BlobSidecar sidecar;
};

/// A new block and everything that changes with it. A block becomes final once, and never before its parent.
struct BlockCommit {
    const ledger::Block* block = nullptr;
    ledger::Label label;
    /// Height and new label of each older block whose label changed.
    std::vector<std::pair<std::uint64_t, ledger::Label>> relabelled;
    MemoryChanges memory;
    /// In order of execution; the events of one origin stand together.
    std::vector<ledger::ContractEvent> contract_events;
    std::vector<NewBlob> blobs;          ///< of its transactions, whose own bytes have only the hashes
    std::vector<ledger::TxId> unpooled;  ///< transactions that this block removes from the mempool
    std::vector<ledger::Event> events;   ///< appended to the log, in this order
    std::optional<Bytes> note{};         ///< replaces `Store::note`
};

/// Changes of the mempool between two blocks, and their events.
struct MempoolCommit {
    std::vector<PooledTransaction> added;
    std::vector<ledger::TxId> removed;
    std::vector<ledger::Event> events;
    std::optional<Bytes> note{};  ///< replaces `Store::note`
};

/// Blocks that are taken back: all above `to`, which becomes the tip.
struct TakeBack {
    std::uint64_t to = 0;
    /// Changes of the mempool in the same write. Its events follow those of the blocks in the log.
    MempoolCommit pool;
};

/// The parameters that a chain was started with. The chain must always be continued with the same values.
struct ChainOrigin {
    std::uint8_t chain_id = 0;
    ledger::GenesisDigest genesis;
    Hash32 contracts{};         ///< of the genesis contracts
    bool contract_log = false;  ///< contracts may log, which no network allows
    friend bool operator==(const ChainOrigin&, const ChainOrigin&) = default;
};

/// How much of the event log is kept; 0 means no limit. Older records are removed with a delay of up to some minutes,
/// in pieces of about a megabyte or a minute.
struct Retention {
    std::chrono::seconds age{0};  ///< measured in block timestamps
    std::uint64_t bytes = 0;      ///< of all kept messages together
};

struct Options {
    std::filesystem::path directory;          ///< the store's own folder; it is created when missing
    bool sync_blocks = true;                  ///< fsync every block before its events are delivered
    std::size_t block_cache_bytes = 8 << 20;  ///< of the cache that also holds indexes and filters
    Retention retention{};
    /// The sidecar of a blob is removed when so many blocks follow the last one that included it. 0: never.
    std::uint64_t blob_blocks = 0;
    base::Log log = base::no_log();  ///< receives RocksDB's own warnings, and the store's
    rocksdb::Env* env = nullptr;     ///< for fault tests; null = the system's
    std::string boot_id{};           ///< for fault tests; empty = the boot id that the system reports
    /// True: a store that has lost events is opened too, and its log continues under a new epoch. False: such a store
    /// is refused.
    bool accept_lost_events = false;
    base::RandomSource random = base::system_random;  ///< draws the epochs; the store does not open when it fails
    /// The one epoch of the log, also after a loss: for a writer that appends lost records again as they were. A store
    /// of another epoch is refused. nullopt: epochs are drawn.
    std::optional<std::uint64_t> epoch{};
};

/// Counters that every block updates.
struct Statistics {
    std::uint64_t public_transfers = 0;    ///< `moonlight` events of the transfer contract in final blocks
    std::uint64_t shielded_transfers = 0;  ///< its `phoenix` events there
    friend bool operator==(const Statistics&, const Statistics&) = default;
};

/// Reads the store as it was at one moment. Any thread may make one and read from it. It is cheap to make. Keep it only
/// for a short time, and destroy it before its store. When a disk read fails, the call returns an Error of kind `io` or
/// `corrupt`, and `failed()` stays true from then on.
///
/// A snapshot from `snapshot_in_memory` never waits for the disk or for the writer. When the data is not in memory, or
/// the store was written to after the snapshot was made, the read returns an Error of kind `would_block` and `missed()`
/// stays true from then on. The caller must then discard everything that it read from this snapshot, and ask again with
/// `snapshot()` on a thread that may wait.
class Snapshot : public Archive {
public:
    ~Snapshot() override = default;
    /// True when a read has failed since this snapshot was made.
    virtual bool failed() const noexcept = 0;
    /// Always false for a snapshot from `snapshot()`.
    virtual bool missed() const noexcept { return false; }
    /// Height of the tip; 0 when there is no chain yet, or when the read failed.
    virtual std::uint64_t height() const = 0;
    /// nullopt when there is no block of this height. The other reads of one object do the same.
    virtual Result<std::optional<StoredBlock>> block(std::uint64_t height) const = 0;
    /// Height of the block with this hash.
    virtual Result<std::optional<std::uint64_t>> height_of(const Hash32& block_hash) const = 0;
    /// The blocks from height `first` to `last`, both included, in ascending order. The result is shorter when the
    /// chain ends before `last`.
    virtual Result<std::vector<StoredBlock>> blocks(std::uint64_t first, std::uint64_t last) const = 0;
    virtual Result<std::optional<StoredTransaction>> transaction(const ledger::TxId& id) const = 0;
    /// True when a block contains the transaction. False also when the read failed.
    virtual bool transaction_exists(const ledger::TxId& id) const = 0;
    /// One result for each height or id, in the order of the argument; nullopt where the store has none.
    virtual Result<std::vector<std::optional<StoredBlock>>> blocks(std::span<const std::uint64_t> heights) const = 0;
    virtual Result<std::vector<std::optional<StoredTransaction>>> transactions(
        std::span<const ledger::TxId> ids) const = 0;
    /// Ids of the last `most` transactions. The highest block comes first; within one block the order is the block's.
    virtual Result<std::vector<ledger::TxId>> last_transactions(std::size_t most) const = 0;
    /// The whole mempool, in order of id. Do not call it on a snapshot from `snapshot_in_memory`.
    virtual Result<std::vector<PooledTransaction>> pooled() const = 0;
    virtual Result<std::optional<PooledTransaction>> pooled(const ledger::TxId& id) const = 0;
    /// Contract events of one block, in order of execution.
    virtual Result<std::vector<ledger::ContractEvent>> contract_events(std::uint64_t height) const = 0;
    /// The sidecar of a blob that a block included; nullopt also when it has expired.
    virtual Result<std::optional<ledger::BlobSidecar>> blob(const Hash32& hash) const = 0;
    /// Visits every blob that is kept, in order of hash, until `visit` returns false.
    virtual Result<void> for_each_blob(const std::function<bool(const StoredBlob&)>& visit) const = 0;
    /// Visits every contract in order of its id, until `visit` returns false.
    virtual Result<void> for_each_contract(const std::function<bool(const StoredContract&)>& visit) const = 0;
    /// Visits the present version of every page, in order of contract and number, until `visit` returns false.
    virtual Result<void> for_each_page(const std::function<bool(const StoredPage&)>& visit) const = 0;
    /// From now on `for_each_contract` and `for_each_page` visit what there was after block `height`. An Error of kind
    /// `not_found`: what later blocks replaced is not kept. A snapshot without old versions need not override it.
    virtual Result<void> rewind_memory(std::uint64_t height) {
        return base::failure(base::Error::Kind::not_found,
                             "no older state is kept; asked for block " + std::to_string(height));
    }
};

/// The open store.
///
/// Threads: only the chain thread calls `commit_genesis`, `commit_block`, `commit_mempool`, `take_back`, `commit_clock`
/// and `set_origin`. Any thread may call everything else, also while the chain thread writes. Calls that return a
/// Result may wait for the disk; `past_events` waits only when it is told to.
///
/// When a write fails, the store refuses every further write with an Error of kind `io`. Reads still work and show the
/// state before the failed write. Only a new `open` finds out what the disk holds.
class Store {
public:
    /// Opens the store, or creates it. Waits for the disk. It refuses a store of another format number, a store that
    /// another process has open, and a store whose log is shorter than its head file says (docs/formats/store.md). The
    /// error text then names the reason, and the store on disk is not changed.
    static Result<std::unique_ptr<Store>> open(const Options& options);
    virtual ~Store() = default;

    /// False until the genesis is committed.
    virtual bool has_chain() const = 0;
    /// Writes block 0 (its header, contracts and pages) in one atomic, fsynced batch. It appends no events. REQUIRES:
    /// `has_chain()` is false.
    virtual Result<void> commit_genesis(const ledger::Header& header, const MemoryChanges& memory) = 0;
    /// Writes a block in one atomic batch, fsynced unless `Options::sync_blocks` is false. Returns the appended log
    /// records, in the order of `commit.events`; they are readable when this returns.
    ///
    /// After a failed write, readers see nothing of the block, and the store refuses every further write: a log with an
    /// unknown end must not be continued. The disk holds the whole block or nothing of it, and only reopening tells
    /// which. A failed fsync can also lose earlier writes that were not synced yet. An Error of kind `invalid` means
    /// that the commit breaks a rule of BlockCommit: nothing was written, and the store accepts further writes.
    virtual Result<LogBatch> commit_block(const BlockCommit& commit) = 0;
    /// Writes changes of the mempool in one atomic batch without fsync: they survive a killed process, not a power cut.
    /// Returns the appended log records, in the order of `commit.events`. Failure is the same as for `commit_block`.
    virtual Result<LogBatch> commit_mempool(const MempoolCommit& commit) = 0;

    /// Takes back all blocks above `what.to` in one atomic batch, fsynced as a block. Afterwards the store holds what
    /// it held after block `what.to`, but for the log, which only grows, and the mempool. Blobs that expired meanwhile
    /// stay away. Returns the appended records: for each block, from the tip down, one `reverted` and then a retraction
    /// of each of its events, the last one first; then `what.pool.events`. Events of these blocks that the log does not
    /// keep any more are not retracted.
    ///
    /// An Error of kind `not_found`: no block is above `what.to`, or one of them cannot be taken back (any more);
    /// nothing was written, and the store accepts further writes. Other failures are the same as for `commit_block`.
    virtual Result<LogBatch> take_back(const TakeBack& /*what*/) {
        return base::failure(base::Error::Kind::not_found, "this store cannot take back blocks");
    }
    /// The lowest block that can be taken back, with all above it; the height after the tip when none can. At most
    /// `kUndoBlocks` blocks can be.
    virtual Result<std::uint64_t> lowest_to_take_back() const { return snapshot()->height() + 1; }

    /// What has become of the events of blocks. Any thread; does not wait. Null: no block was taken back, and every
    /// block is final at once.
    virtual const Fates* fates() const noexcept { return nullptr; }

    /// The parameters that the chain was started with; nullopt before they were set. A store that serves no chain need
    /// not override it.
    virtual Result<std::optional<ChainOrigin>> origin() const { return std::nullopt; }
    /// Stores the parameters of the chain in one fsynced write.
    virtual Result<void> set_origin(const ChainOrigin&) { return {}; }
    /// Seconds by which the chain's clock is ahead of the wall clock because somebody moved it; 0 when nobody did.
    virtual Result<std::uint64_t> clock_ahead() const { return 0; }
    /// Stores the value of `clock_ahead`, without fsync, as `commit_mempool` does. A store that serves no chain need
    /// not override it.
    virtual Result<void> commit_clock(std::uint64_t /*ahead_seconds*/) { return {}; }

    /// Bytes that the writer keeps with its commits, such as where it reads what it commits; nullopt before a commit
    /// had any. They are written in the commit's own batch. A store without such a writer need not override it.
    virtual Result<std::optional<Bytes>> note() const { return std::nullopt; }

    /// A snapshot of this moment. Its reads may wait for the disk; making and destroying it may wait for a lock. Never
    /// null. Destroy it before the store.
    virtual std::unique_ptr<Snapshot> snapshot() const = 0;
    /// A snapshot for threads that must not block, such as event loops; see Snapshot. A store that is entirely in
    /// memory need not override it.
    virtual std::unique_ptr<Snapshot> snapshot_in_memory() const { return snapshot(); }
    /// The counters of the last block. Does not wait. A store that serves no chain need not override it.
    virtual Statistics statistics() const noexcept { return {}; }
    /// Admitted transactions that no block contains yet, in order of admission.
    virtual Result<std::vector<PooledTransaction>> pooled() const = 0;

    /// The current epoch of the log. It never changes while the store is open.
    virtual std::uint64_t epoch() const noexcept = 0;
    /// Sequence number of the last record in the log; 0 when the log is empty.
    virtual std::uint64_t last_seq() const noexcept = 0;
    /// The last sequence number that is valid in epoch `of_epoch`: a position of that epoch with a number up to it
    /// still names the same event. nullopt when the log never had this epoch. A store with only one epoch need not
    /// override it.
    virtual std::optional<std::uint64_t> last_seq_of(std::uint64_t of_epoch) const noexcept {
        return of_epoch == epoch() ? std::optional(last_seq()) : std::nullopt;
    }
    /// The first sequence number that is still kept; `last_seq() + 1` when no record is kept.
    virtual std::uint64_t first_seq() const noexcept { return 1; }

    static constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();
    struct ScanLimits {
        std::size_t kept_bytes = 0;           ///< most bytes of messages in the result
        std::size_t scanned_bytes = 0;        ///< most bytes of messages that are examined
        std::size_t kept_records = kNoLimit;  ///< most records in the result
    };
    struct Scan {
        LogRecords records;      ///< the records that `want` accepted, in order
        std::uint64_t next = 0;  ///< the scan is complete up to the record before this one
    };
    /// Reads the log from `from` (0 is read as 1) to `to`, but not beyond the value of `last_seq()` when the call
    /// began, and returns the records that `want` accepts.
    ///
    /// `next` says where the scan ended: every record from `from` to `next - 1` was examined, and `records` holds the
    /// accepted ones. `records` holds no record from `next` on. So a caller that continues with a scan from `next`
    /// loses no record and gets no record twice. The scan is finished when `next` is greater than `to` or than
    /// `last_seq()`. When there is nothing to read (`from` lies beyond the end), `next` is `from`.
    ///
    /// The scan ends early at the first limit that it reaches:
    /// - kept_records: after the record that fills the result. That record is included; no record after it is read.
    /// - kept_bytes: before the accepted record that does not fit. That record is not included, and `next` names it.
    ///   `want` has accepted it and is asked again by the next scan, so `want` must not count its answers.
    /// - scanned_bytes: before the record that would exceed the limit. `want` was not asked about it.
    ///
    /// However small the limits are, a scan examines at least one record, and keeps the first accepted one: a caller
    /// that continues with `next` always reaches the end.
    ///
    /// Any thread; may wait for the disk. `want` is called on the caller's thread, in order; the record's views are
    /// valid only during the call. Errors: kind `not_found` when the retention has removed record `from`, or removes a
    /// record while the scan reads it; kind `corrupt` when a record is missing or not of our form; kind `io` when the
    /// disk fails. An error returns no records.
    virtual Result<Scan> scan_log(std::uint64_t from, std::uint64_t to, ScanLimits limits,
                                  const std::function<bool(const LogRecord&)>& want) const = 0;
    /// Reads every record from `from` on: at most `max_bytes` of messages, but always one record if there is one. The
    /// caller's next read begins after the last returned record. The result is empty when record `from` does not exist
    /// yet. Threads and errors are those of `scan_log`.
    Result<LogRecords> read_log(std::uint64_t from, std::size_t max_bytes) const;

    /// Whether a look-up may wait for the disk. With `memory` it returns an Error of kind `would_block` instead.
    enum class Reads : std::uint8_t { disk, memory };
    /// Stored events of one transaction or block: the sequence numbers of the kept events that have the component,
    /// topic and entity of `of` (its height is ignored), oldest first. Returns the oldest `most` of them and does not
    /// say whether there are more. It does not find events of contracts. Any thread.
    virtual Result<std::vector<std::uint64_t>> past_events(const EventFilter& of, std::size_t most,
                                                           Reads reads) const = 0;
};

}  // namespace rues::store
