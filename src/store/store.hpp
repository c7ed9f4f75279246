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
#include "ledger/state.hpp"
#include "store/archive.hpp"
#include "store/log_records.hpp"

namespace rocksdb {
class Env;
}

/// RocksDB: blocks, transactions, state and the event log, each block in one atomic batch. Layouts: docs/formats/.
namespace rues::store {

struct StoredTransaction {
    Bytes raw;  ///< ledger (Boreas) envelope
    std::uint64_t height = 0;
    std::uint32_t index = 0;  ///< in the block
    std::uint64_t gas_spent = 0;
    std::optional<std::string> error;
};

struct StoredBlock {
    ledger::Header header;
    std::vector<ledger::TxId> transactions;
    ledger::Label label;
};

struct PooledTransaction {
    ledger::TxId id{};
    Bytes raw;                          ///< ledger envelope
    std::uint64_t entered_unix_ms = 0;  ///< when it was admitted
};

/// A new block and everything that becomes true with it. A block becomes final once, not before its parent.
struct BlockCommit {
    const ledger::Block* block = nullptr;
    ledger::Label label;
    std::vector<std::pair<std::uint64_t, ledger::Label>> relabelled;  ///< heights of older blocks whose label changed
    ledger::StateChanges changes;
    ledger::StateCommitment commitment;                  ///< after the changes
    std::vector<ledger::ContractEvent> contract_events;  ///< in order of execution; those of one origin together
    std::vector<ledger::TxId> unpooled;                  ///< leave the mempool with this block
    std::vector<ledger::Event> events;                   ///< appended to the log in this order
};

/// Changes of the mempool between blocks.
struct MempoolCommit {
    std::vector<PooledTransaction> added;
    std::vector<ledger::TxId> removed;
    std::vector<ledger::Event> events;
};

/// What a chain was begun with. It can only go on with the same.
struct ChainOrigin {
    std::uint8_t chain_id = 0;
    ledger::GenesisDigest genesis;
    friend bool operator==(const ChainOrigin&, const ChainOrigin&) = default;
};

/// How much of the event log is kept; 0: all of it. What is older goes some minutes late, and in whole pieces of about
/// a megabyte or a minute.
struct Retention {
    std::chrono::seconds age{0};  ///< by the time of blocks
    std::uint64_t bytes = 0;      ///< of messages
};

struct Options {
    std::filesystem::path directory;  ///< the store's own folder; created
    bool sync_blocks = true;          ///< fsync every block before anybody hears of it
    std::size_t block_cache_bytes = 8 << 20;
    Retention retention{};
    base::Log log = base::no_log();  ///< for what RocksDB itself warns of
    rocksdb::Env* env = nullptr;     ///< for fault tests; null = the system's
    std::string boot_id{};           ///< for fault tests; empty = what the system says of this boot of the machine
    /// Opens a store that has lost events as well; it goes on under a new epoch. Without it such a store is refused.
    bool accept_lost_events = false;
    base::RandomSource random = base::system_random;  ///< of epochs; without randomness the store does not open
};

/// Numbers that are kept up to date with every block.
struct Statistics {
    std::uint64_t accounts = 0;          ///< entries of public accounts in the state
    std::uint64_t public_transfers = 0;  ///< `moonlight` events of the transfer contract in final blocks
    friend bool operator==(const Statistics&, const Statistics&) = default;
};

/// Reads at one moment. Any thread; cheap to make; keep it short-lived: it must go before its store does. A failed disk
/// read is an Error of kind io or corrupt, and makes `failed()` true for good.
///
/// One of `snapshot_in_memory` never waits, neither for a disk nor for who writes. A read of what is not in memory, or
/// once something was written since it was made, makes `missed()` true for good, and from then on nothing it answered
/// means anything: ask a snapshot that may wait.
class Snapshot : public ledger::StateReader, public Archive {
public:
    virtual bool missed() const noexcept { return false; }
    virtual std::uint64_t height() const = 0;
    virtual Result<std::optional<StoredBlock>> block(std::uint64_t height) const = 0;
    virtual Result<std::optional<std::uint64_t>> height_of(const Hash32& block_hash) const = 0;
    /// Those from `first` to `last` that there are, ascending.
    virtual Result<std::vector<StoredBlock>> blocks(std::uint64_t first, std::uint64_t last) const = 0;
    virtual Result<std::optional<StoredTransaction>> transaction(const ledger::TxId& id) const = 0;
    /// One for each height or id, in their order.
    virtual Result<std::vector<std::optional<StoredBlock>>> blocks(std::span<const std::uint64_t> heights) const = 0;
    virtual Result<std::vector<std::optional<StoredTransaction>>> transactions(
        std::span<const ledger::TxId> ids) const = 0;
    /// The last `most` transactions: those of the highest block first, those of one block in its order.
    virtual Result<std::vector<ledger::TxId>> last_transactions(std::size_t most) const = 0;
    /// The mempool, by id. Not of `snapshot_in_memory`.
    virtual Result<std::vector<PooledTransaction>> pooled() const = 0;
    virtual Result<std::optional<PooledTransaction>> pooled(const ledger::TxId& id) const = 0;
    /// Of one block, in order of execution.
    virtual Result<std::vector<ledger::ContractEvent>> contract_events(std::uint64_t height) const = 0;
    /// Every state entry in key order (`ledger::state_key`), until `visit` returns false.
    virtual Result<void> for_each_state(const std::function<bool(ByteView key, ByteView value)>& visit) const = 0;
    /// The same for entries of one tag.
    virtual Result<void> for_each_state(char tag,
                                        const std::function<bool(ByteView key, ByteView value)>& visit) const = 0;
};

/// Writers: only the chain thread. Readers: any thread.
class Store {
public:
    /// Opens or creates. Refuses with a clear text, and without changing anything: a store of another format number,
    /// one that another process holds, and one that is shorter than its head file says (docs/formats/store.md).
    static Result<std::unique_ptr<Store>> open(const Options& options);
    virtual ~Store() = default;

    /// False until a genesis was committed.
    virtual bool has_chain() const = 0;
    /// Block 0: its header and state. REQUIRES: !has_chain(). No events.
    virtual Result<void> commit_genesis(const ledger::Header& header, const ledger::StateChanges& state,
                                        const ledger::StateCommitment& commitment) = 0;
    /// One atomic, fsynced batch. On success the appended records. On failure readers see nothing of it and the store
    /// refuses further writes; whether the disk holds all of it or nothing is known after it was reopened (a log with
    /// an unknown end must not be continued). A failed sync reports lost data: what was not synced before may be gone
    /// too.
    virtual Result<LogBatch> commit_block(const BlockCommit& commit) = 0;
    /// One atomic batch without fsync: survives a killed process, not a power cut.
    virtual Result<LogBatch> commit_mempool(const MempoolCommit& commit) = 0;

    /// What the chain was begun with; nullopt where a version of the program began it that did not write this. A store
    /// that serves no chain need not override it.
    virtual Result<std::optional<ChainOrigin>> origin() const { return std::nullopt; }
    /// One fsynced write.
    virtual Result<void> set_origin(const ChainOrigin&) { return {}; }
    /// By how many seconds the chain's clock is ahead of the wall clock, because somebody moved it; 0 when nobody did.
    virtual Result<std::uint64_t> clock_ahead() const { return 0; }
    /// Without fsync, as `commit_mempool`. A store that serves no chain need not override it.
    virtual Result<void> commit_clock(std::uint64_t /*ahead_seconds*/) { return {}; }

    virtual std::unique_ptr<Snapshot> snapshot() const = 0;
    /// For threads that must not block. A store that is all in memory need not override it.
    virtual std::unique_ptr<Snapshot> snapshot_in_memory() const { return snapshot(); }
    virtual Result<ledger::StateCommitment> commitment() const = 0;
    /// As of the last block. Any thread. A store that serves no chain need not override it.
    virtual Statistics statistics() const noexcept { return {}; }
    /// Admitted transactions that were not in a block yet, oldest first.
    virtual Result<std::vector<PooledTransaction>> pooled() const = 0;

    /// The log.
    virtual std::uint64_t epoch() const noexcept = 0;
    /// Last sequence number in the log, 0 when empty. Any thread.
    virtual std::uint64_t last_seq() const noexcept = 0;
    /// Last sequence number that a position of this epoch can name: positions up to it still stand for the same events.
    /// nullopt: no epoch of this log. A store that knows one epoch only need not override it.
    virtual std::optional<std::uint64_t> last_seq_of(std::uint64_t of_epoch) const noexcept {
        return of_epoch == epoch() ? std::optional(last_seq()) : std::nullopt;
    }
    /// First sequence number that is still kept: `last_seq() + 1` when none is. Any thread.
    virtual std::uint64_t first_seq() const noexcept { return 1; }

    static constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();
    struct ScanLimits {
        std::size_t kept_bytes = 0;           ///< most bytes of messages in the result
        std::size_t scanned_bytes = 0;        ///< most bytes of messages that are looked at
        std::size_t kept_records = kNoLimit;  ///< most records in the result
    };
    struct Scan {
        LogRecords records;      ///< the records that `want` said yes to, in order
        std::uint64_t next = 0;  ///< the scan is complete up to the record before this one
    };
    /// Reads the log from `from` (0 is read as 1) to `to`, but not beyond what `last_seq()` was when the call began,
    /// and returns the records that `want` says yes to.
    ///
    /// `next` says where the scan ended: every record from `from` to `next - 1` was looked at, and those of them that
    /// were wanted are in `records`. Nothing of the records from `next` on is in `records`. So the caller goes on with
    /// a scan from `next`, loses nothing and gets nothing twice. The scan has reached its end when `next` is greater
    /// than `to` or than `last_seq()`. Where there is nothing to read (`from` lies beyond), `next` is `from`.
    ///
    /// It ends early at the first limit it meets:
    /// - kept_records: behind the record that fills the result. That record is included; nothing behind it is read.
    /// - kept_bytes: before the wanted record that would not fit. That record is not included and `next` names it.
    ///   `want` has said yes to it and will be asked again by the next scan: so `want` must not count its answers.
    /// - scanned_bytes: before the record that would be too much. `want` was not asked.
    /// However small the limits are, one record is looked at and one wanted record is kept: a caller that goes on with
    /// `next` always comes to an end.
    ///
    /// Any thread; may wait for the disk. `want` is called on the caller's thread, in order, with views that hold
    /// during its call only. Errors: kind `not_found` when record `from` was cut off by the retention, also while it
    /// was read; kind `corrupt` when a record is missing or not of our form; kind `io`. An error returns no records.
    virtual Result<Scan> scan_log(std::uint64_t from, std::uint64_t to, ScanLimits limits,
                                  const std::function<bool(const LogRecord&)>& want) const = 0;
    /// A scan from `from` on that wants every record: at most `max_bytes` of messages, but one record if there is any.
    /// The next read begins behind the last record returned. Empty: there is no record `from` yet.
    Result<LogRecords> read_log(std::uint64_t from, std::size_t max_bytes) const;

    /// Whether a look-up may wait for the disk; `memory`: kind `would_block` instead.
    enum class Reads : std::uint8_t { disk, memory };
    /// What happened to one transaction or block: sequence numbers of the kept events with this component, topic and
    /// entity, oldest first, at most `most` of them. Events of contracts are not found this way.
    virtual Result<std::vector<std::uint64_t>> past_events(const EventFilter& of, std::size_t most,
                                                           Reads reads) const = 0;
};

}  // namespace rues::store
