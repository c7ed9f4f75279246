#pragma once

#include <rocksdb/compaction_filter.h>
#include <rocksdb/db.h>

#include <atomic>
#include <cstring>
#include <deque>
#include <map>
#include <set>

#include "store/archive_index.hpp"
#include "store/head_file.hpp"
#include "store/layout.hpp"
#include "store/memory_layout.hpp"
#include "store/recent_blocks.hpp"

/// The one implementation of Store. Private to the room: opening.cpp opens and closes the store; snapshot.cpp and
/// archive_reads.cpp are the snapshots; event_log.cpp is the log; memory.cpp has the contracts and their pages;
/// blobs.cpp has the sidecars of blobs; finality.cpp writes the labels and the archive; take_back.cpp takes back blocks
/// and knows what became of their events; statistics.cpp keeps the counters; store.cpp does all other reads and writes.
namespace rues::store {

using base::Error;
using layout::Family;

inline rocksdb::Slice slice(ByteView bytes) {
    const std::string_view text = base::text(bytes);
    return {text.data(), text.size()};
}
inline ByteView bytes_of(const rocksdb::Slice& s) {
    return base::view({s.data(), s.size()});
}

/// `what` names the work that failed, as in "writing a block".
std::unexpected<Error> disk_failure(const rocksdb::Status& status, std::string_view what);
std::unexpected<Error> corrupt(std::string_view what);
/// The error of a snapshot in memory when the store was written to after the snapshot was made.
std::unexpected<Error> overtaken();

class RocksStore;

/// A snapshot that may wait for the disk holds a snapshot of RocksDB. Taking and releasing that one takes a lock that
/// flushes and writers hold too, and a thread that must not block cannot wait for it. So a snapshot in memory reads the
/// newest data, and misses as soon as something was written after it was made.
class RocksSnapshot final : public Snapshot {
public:
    RocksSnapshot(const RocksStore& store, Store::Reads reads);
    ~RocksSnapshot() override;
    RocksSnapshot(const RocksSnapshot&) = delete;
    RocksSnapshot& operator=(const RocksSnapshot&) = delete;

    bool transaction_exists(const ledger::TxId& id) const override;
    bool failed() const noexcept override { return failed_; }
    bool missed() const noexcept override { return missed_; }

    std::uint64_t height() const override;
    Result<std::optional<StoredBlock>> block(std::uint64_t height) const override;
    Result<std::optional<std::uint64_t>> height_of(const Hash32& block_hash) const override;
    Result<std::vector<StoredBlock>> blocks(std::uint64_t first, std::uint64_t last) const override;
    Result<std::optional<StoredTransaction>> transaction(const ledger::TxId& id) const override;
    Result<std::vector<PooledTransaction>> pooled() const override;
    Result<std::optional<PooledTransaction>> pooled(const ledger::TxId& id) const override;

    // memory.cpp
    Result<void> for_each_contract(const std::function<bool(const StoredContract&)>& visit) const override;
    Result<void> for_each_page(const std::function<bool(const StoredPage&)>& visit) const override;
    Result<void> rewind_memory(std::uint64_t to) override;

    // blobs.cpp
    Result<std::optional<ledger::BlobSidecar>> blob(const Hash32& hash) const override;
    Result<void> for_each_blob(const std::function<bool(const StoredBlob&)>& visit) const override;

    // archive_reads.cpp
    Result<std::vector<std::optional<StoredBlock>>> blocks(std::span<const std::uint64_t> heights) const override;
    Result<std::vector<std::optional<StoredTransaction>>> transactions(
        std::span<const ledger::TxId> ids) const override;
    Result<std::vector<ledger::TxId>> last_transactions(std::size_t most) const override;
    Result<std::vector<ledger::ContractEvent>> contract_events(std::uint64_t height) const override;
    Result<std::optional<ArchiveEnd>> archive_end() const override;
    Result<std::vector<ledger::ContractEvent>> listed_events(std::uint64_t height) const override;
    Result<std::optional<std::uint64_t>> last_pending_events() const override;
    Result<FinalEvents> final_events(const ledger::ContractId& contract, std::uint64_t after,
                                     std::size_t most) const override;
    Result<FinalEvents> final_events_before(const ledger::ContractId& contract, std::uint64_t before,
                                            std::size_t most) const override;
    Result<std::optional<std::uint64_t>> next_phoenix(std::uint64_t from) const override;
    Result<History> history(const ledger::AccountKey& account, Flow flow, const HistoryPage& page) const override;
    Result<History> payments(const ledger::AccountKey& sender, const ledger::AccountKey& receiver,
                             const HistoryPage& page) const override;
    Result<History> with_memo(ByteView memo, const HistoryPage& page) const override;
    Result<std::vector<EventGroup>> groups(std::span<const TransactionPlace> of) const override;
    Result<std::optional<Deployment>> deployment(const ledger::ContractId& contract) const override;
    Result<Deployments> deployments_before(const BlockPlace& before, std::size_t most) const override;
    Result<ContractCalls> calls_before(const ledger::ContractId& contract, const BlockPlace& before,
                                       std::size_t most) const override;
    Result<void> for_each_index_entry(const std::function<bool(ByteView, ByteView)>& visit) const override;
    Result<std::optional<Bytes>> index_entry(ByteView key) const override;
    Result<void> for_each_events_place(const std::function<bool(ByteView)>& visit) const override;

private:
    /// Sets `missed_` or `failed_` and returns the error.
    std::unexpected<Error> refuse(Error error) const;
    /// False when there is no such key.
    Result<bool> get(Family family, ByteView key, rocksdb::PinnableSlice& value) const;
    /// Visits entries from `from` on until `visit` returns false. A snapshot in memory visits only entries that are in
    /// memory, and returns an error when others are needed. `what` names the work, as for `disk_failure`.
    Result<void> walk(Family family, ByteView from, std::string_view what,
                      const std::function<bool(ByteView key, ByteView value)>& visit) const;
    /// Visits all keys with `prefix`. It does not fill the cache, because it reads everything.
    Result<void> walk_all(Family family, std::string_view prefix, std::string_view what,
                          const std::function<bool(ByteView key, ByteView value)>& visit) const;
    /// True when a read may have returned data that was written after this snapshot was made.
    bool is_overtaken() const;
    template <typename T, typename Decode>
    Result<std::optional<T>> read(Family family, ByteView key, std::string_view what, Decode decode) const;
    template <typename T, typename Decode>
    Result<std::vector<std::optional<T>>> read_many(Family family, const std::vector<Bytes>& keys,
                                                    std::string_view what, Decode decode) const;
    class Walk;
    /// The next `most` events of a walk over the rows of one contract.
    Result<FinalEvents> final_events_at(Walk& at, std::size_t most) const;
    enum class Join : std::uint8_t { any, all };
    /// Transactions that have an index entry under any, or under all, of these prefixes.
    Result<History> find(std::vector<Bytes> prefixes, Join join, const HistoryPage& page) const;
    /// The entries of one index with places of transactions below `before`, newest first, at most `most` of them. True:
    /// at least one more follows. False from `take`: the entry is damaged.
    Result<bool> places_before(const Bytes& prefix, const BlockPlace& before, std::size_t most, std::string_view what,
                               const std::function<bool(const layout::IndexKey&, ByteView value)>& take) const;
    std::unexpected<Error> refuse_walk(const rocksdb::Status& status) const;

    const RocksStore& store_;
    rocksdb::ReadOptions options_;
    rocksdb::SequenceNumber begun_at_ = 0;
    /// @name Which memory is shown (`rewind_memory`).
    /// @{
    std::uint64_t memory_height_ = ~std::uint64_t{0};
    std::set<ledger::ContractId> deployed_after_;
    std::map<ledger::ContractId, std::uint32_t> sizes_;  ///< of contracts whose size has changed since
    /// @}
    mutable std::atomic<bool> failed_{false};
    mutable std::atomic<bool> missed_{false};
};

template <typename T, typename Decode>
Result<std::optional<T>> RocksSnapshot::read(Family family, ByteView key, std::string_view what, Decode decode) const {
    rocksdb::PinnableSlice value;
    const auto found = get(family, key, value);
    if (!found) return refuse(found.error());
    if (!*found) return std::optional<T>();
    std::optional<T> out = decode(bytes_of(value));
    if (!out) return refuse(corrupt(what).error());
    return out;
}

class RocksStore final : public Store {
public:
    static Result<std::unique_ptr<Store>> open(const Options& options);
    RocksStore() = default;
    ~RocksStore() override;
    RocksStore(const RocksStore&) = delete;
    RocksStore& operator=(const RocksStore&) = delete;

    bool has_chain() const override { return has_chain_; }
    Result<void> commit_genesis(const ledger::Header& header, const MemoryChanges& memory) override;
    Result<LogBatch> commit_block(const BlockCommit& commit) override;
    Result<LogBatch> commit_mempool(const MempoolCommit& commit) override;
    Result<LogBatch> take_back(const TakeBack& what) override;
    Result<std::uint64_t> lowest_to_take_back() const override;
    const Fates* fates() const noexcept override { return &fates_; }
    std::unique_ptr<Snapshot> snapshot() const override { return std::make_unique<RocksSnapshot>(*this, Reads::disk); }
    std::unique_ptr<Snapshot> snapshot_in_memory() const override {
        return std::make_unique<RocksSnapshot>(*this, Reads::memory);
    }
    Result<std::uint64_t> clock_ahead() const override;
    Result<void> commit_clock(std::uint64_t ahead_seconds) override;
    Result<std::vector<PooledTransaction>> pooled() const override;
    Result<std::optional<Bytes>> note() const override { return meta(layout::kNoteName); }
    Result<std::optional<ChainOrigin>> origin() const override;
    Result<void> set_origin(const ChainOrigin& origin) override;
    Statistics statistics() const noexcept override { return {public_transfers_, shielded_transfers_}; }
    std::uint64_t epoch() const noexcept override { return epochs_.back().first; }
    std::uint64_t last_seq() const noexcept override { return last_seq_; }
    std::optional<std::uint64_t> last_seq_of(std::uint64_t of_epoch) const noexcept override;
    std::uint64_t first_seq() const noexcept override { return first_seq_->load(); }
    Result<Scan> scan_log(std::uint64_t from, std::uint64_t to, ScanLimits limits,
                          const std::function<bool(const LogRecord&)>& want) const override;
    Result<std::vector<std::uint64_t>> past_events(const EventFilter& of, std::size_t most, Reads reads) const override;

private:
    friend class RocksSnapshot;

    /// A block that becomes final with a commit, and its contract events.
    struct Finalized {
        std::uint64_t height = 0;
        std::vector<ledger::ContractEvent> events;
    };

    // opening.cpp
    struct Contents {
        layout::Epochs epochs;  ///< empty when the store is new
        std::uint64_t last_seq = 0;
    };
    static Result<Contents> contents(const Options& options, const rocksdb::Options& settings);
    static Result<Loss> check_head(const Options& options, const rocksdb::Options& settings, std::uint64_t boot);
    Result<void> load(const std::string& boot_id, Loss loss, const Options& options);
    Result<void> check_format();
    Result<void> load_epochs();
    Result<void> begin_run(const std::string& boot_id, Loss loss, const Options& options);
    Result<void> begin_epoch(bool is_lossy, const Options& options);
    Result<void> load_statistics();
    static void uncount(Statistics& from, const std::vector<ledger::ContractEvent>& events);
    void put_statistics(rocksdb::WriteBatch& batch, const Statistics& statistics);
    void keep(const Statistics& statistics) noexcept;
    Statistics statistics_after(const std::vector<Finalized>& finalized) const;

    // finality.cpp
    Result<void> load_archive();
    /// Adds the changed labels to the batch. Returns the blocks that become final by them, and the new block if it is
    /// final, in order of height.
    Result<std::vector<Finalized>> put_labels(rocksdb::WriteBatch& batch, const BlockCommit& commit,
                                              const Snapshot& before) const;
    Result<RecentBlocks::Block> block_to_relabel(std::uint64_t height, const ledger::Label& label,
                                                 const Snapshot& before) const;
    Result<void> put_events(rocksdb::WriteBatch& batch, const BlockCommit& commit) const;
    /// Adds the index entries of the blocks that became final. Returns the new end of the archive.
    std::optional<ArchiveEnd> put_archive(rocksdb::WriteBatch& batch, const std::vector<Finalized>& finalized) const;

    /// False when there is no such key.
    Result<bool> get(Family family, ByteView key, const rocksdb::ReadOptions& options,
                     rocksdb::PinnableSlice& value) const;
    Result<std::optional<Bytes>> meta(std::string_view key) const;
    Result<std::vector<layout::Pooled>> pooled_in_order() const;

    void put(rocksdb::WriteBatch& batch, Family family, ByteView key, ByteView value) const {
        batch.Put(families_[family], slice(key), slice(value));
    }
    void put_block(rocksdb::WriteBatch& batch, const StoredBlock& block);

    // memory.cpp
    Result<std::optional<std::uint32_t>> memory_pages(const ledger::ContractId& contract) const;
    /// Returns what is replaced.
    Result<layout::Replaced> put_memory(rocksdb::WriteBatch& batch, std::uint64_t height, const MemoryChanges& changes);
    Result<void> put_page(rocksdb::WriteBatch& batch, std::uint64_t height, const StoredPage& page,
                          layout::Replaced& replaced);
    Result<std::optional<std::uint64_t>> newest_version(const layout::Piece& piece) const;
    void keep(std::uint64_t height, const layout::Replaced& replaced);
    Result<void> forget_replaced(rocksdb::WriteBatch& batch, std::uint64_t height);
    Result<std::optional<layout::Replaced>> undo_of(std::uint64_t height) const;

    // blobs.cpp
    Result<void> load_blobs();
    Result<std::optional<std::uint64_t>> blob_height(const Hash32& hash) const;
    /// Adds the block's blobs and removes expired ones. Returns the value of `oldest_blob_` after it.
    Result<std::uint64_t> put_blobs(rocksdb::WriteBatch& batch, const BlockCommit& commit) const;
    Result<std::uint64_t> expire_blobs(rocksdb::WriteBatch& batch, const BlockCommit& commit) const;

    Result<void> take_back_blobs(rocksdb::WriteBatch& batch, std::uint64_t to) const;

    // take_back.cpp
    /// A block that is not final: its records, and its label.
    struct Undecided {
        std::uint64_t height = 0;
        std::uint64_t first_seq = 0;
        ledger::Label::Kind label{};
    };
    struct Taking;
    Result<void> load_fates();
    Result<void> load_taken_back();
    static Fates::Decided decided_of(const std::deque<Undecided>& undecided, std::uint64_t last_seq);
    std::deque<Undecided> undecided_after(const BlockCommit& commit) const;
    Result<void> take_back_block(Taking& taking, std::uint64_t height) const;
    Result<void> take_back_transactions(Taking& taking, const StoredBlock& block) const;
    Result<void> take_back_final(Taking& taking, const StoredBlock& block) const;
    void take_back_memory(Taking& taking, std::uint64_t height, const layout::Replaced& replaced) const;
    Result<void> retract(Taking& taking, const StoredBlock& block, const layout::Replaced::Log& log) const;

    // event_log.cpp
    Result<void> load_log();
    /// A record that is appended, but for its number.
    struct NewRecord {
        EventFilter filter;
        Bytes message;
    };
    NewRecord record_of(const ledger::Event& event, std::uint64_t seq) const;
    std::shared_ptr<const LogRecords> append(rocksdb::WriteBatch& batch, const std::vector<NewRecord>& records);
    std::shared_ptr<const LogRecords> append(rocksdb::WriteBatch& batch, const std::vector<ledger::Event>& events);
    void appended(const LogRecords& records, bool synced);
    void note_head(bool synced);
    /// What a block at `timestamp` changes in the log besides appending `records`: it may set a mark, and may remove
    /// records that are too old.
    struct LogCare {
        std::optional<layout::LogMark> mark;
        std::size_t outdated = 0;  ///< number of the oldest marks; the records up to the last of them are removed
    };
    LogCare care_for_log(rocksdb::WriteBatch& batch, const LogRecords& records, std::uint64_t timestamp) const;
    void keep(const LogCare& care);

    Result<void> write(rocksdb::WriteBatch& batch, bool sync, std::string_view what);

    std::unique_ptr<rocksdb::CompactionFilter> outdated_;  // RocksDB keeps a plain pointer to it
    std::unique_ptr<rocksdb::DB> db_;
    std::vector<rocksdb::ColumnFamilyHandle*> families_;
    std::unique_ptr<HeadFile> head_;  // chain thread
    bool head_failed_ = false;        // the log already says that the head file cannot be written; chain thread
    base::Log log_ = base::no_log();
    bool sync_blocks_ = true;
    bool loaded_ = false;           // the store is of our format; only then may closing write to it
    bool broken_ = false;           // a write failed; chain thread
    std::uint64_t admissions_ = 0;  // `order` of the next pooled transaction; chain thread
    layout::Epochs epochs_;         // never empty and never changed once loaded
    std::atomic<bool> has_chain_{false};
    std::atomic<std::uint64_t> last_seq_{0};
    /// Shared with RocksDB's compactions, which drop the index entries of removed records.
    std::shared_ptr<std::atomic<std::uint64_t>> first_seq_ = std::make_shared<std::atomic<std::uint64_t>>(1);
    Retention retention_;
    std::deque<layout::LogMark> marks_;      // marks of the kept log; chain thread
    std::uint64_t bytes_since_mark_ = 0;     // chain thread
    std::optional<ArchiveEnd> archive_end_;  // chain thread
    std::uint64_t blob_blocks_ = 0;
    /// Height of the oldest block in the list of blobs; the largest number when the list is empty. Chain thread.
    std::uint64_t oldest_blob_ = 0;
    struct BytesLess {
        bool operator()(const layout::Piece& a, const layout::Piece& b) const noexcept {
            return std::memcmp(a.data(), b.data(), a.size()) < 0;
        }
    };
    /// Heights of the newest versions of pieces that were written since the store was opened. A piece that is not
    /// there is looked for on the disk. Chain thread.
    std::map<layout::Piece, std::uint64_t, BytesLess> versions_;
    static constexpr std::size_t kMostVersions = 65'536;  ///< some 6 MB; beyond, it begins anew
    RecentBlocks recent_blocks_;                          ///< chain thread
    std::deque<Undecided> undecided_;                     ///< the blocks that are not final, lowest first; chain thread
    Fates fates_;
    std::atomic<std::uint64_t> public_transfers_{0};
    std::atomic<std::uint64_t> shielded_transfers_{0};
};

}  // namespace rues::store
