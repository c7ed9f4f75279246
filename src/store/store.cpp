#include "store/store.hpp"

#include <fmt/format.h>
#include <openssl/rand.h>
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

#include <atomic>
#include <fstream>

#include "base/endian.hpp"
#include "store/layout.hpp"

namespace rues::store {
namespace {

using base::Error;
using layout::Family;

rocksdb::Slice slice(ByteView bytes) {
    return {base::text(bytes).data(), bytes.size()};
}
ByteView bytes_of(const rocksdb::Slice& s) {
    return base::view({s.data(), s.size()});
}

std::unexpected<Error> failed(const rocksdb::Status& status, std::string_view what) {
    const bool full = status.IsNoSpace() || status.subcode() == rocksdb::Status::kNoSpace;
    const auto kind = full ? Error::Kind::no_space : status.IsCorruption() ? Error::Kind::corrupt : Error::Kind::io;
    return base::failure(kind, full ? fmt::format("no space left on the disk while {}", what)
                                    : fmt::format("{} failed: {}", what, status.ToString()));
}

std::unexpected<Error> corrupt(std::string_view what) {
    return base::failure(Error::Kind::corrupt, fmt::format("the stored {} is not of this program's form", what));
}

std::uint64_t random_u64() {
    base::ByteArray<8> bytes{};
    RAND_bytes(base::u8(bytes), 8);
    return base::load_le<std::uint64_t>(bytes.data());
}

/// Changes with every boot of the machine; empty where the system does not say.
std::string boot_id() {
    std::string out;
    std::ifstream("/proc/sys/kernel/random/boot_id") >> out;
    return out;
}

class RocksStore;

class RocksSnapshot final : public Snapshot {
public:
    explicit RocksSnapshot(const RocksStore& store);
    ~RocksSnapshot() override;
    RocksSnapshot(const RocksSnapshot&) = delete;

    std::optional<ledger::Account> account(const ledger::AccountKey& key) const override;
    std::optional<ledger::Stake> stake(const ledger::AccountKey& key) const override;
    std::optional<std::uint64_t> contract_balance(const ledger::ContractId& id) const override;
    bool transaction_exists(const ledger::TxId& id) const override;
    bool failed() const noexcept override { return failed_; }

    std::uint64_t height() const override { return height_; }
    Result<std::optional<StoredBlock>> block(std::uint64_t height) const override;
    Result<std::optional<std::uint64_t>> height_of(const Hash32& block_hash) const override;
    Result<std::optional<StoredTransaction>> transaction(const ledger::TxId& id) const override;
    Result<std::vector<ledger::ContractEvent>> contract_events(std::uint64_t height) const override;
    Result<void> for_each_state(const std::function<bool(ByteView, ByteView)>& visit) const override;

private:
    template <typename T, typename Decode>
    Result<std::optional<T>> read(Family family, ByteView key, std::string_view what, Decode decode) const;
    template <typename T, typename Decode>
    std::optional<T> state(char tag, ByteView id, Decode decode) const;

    const RocksStore& store_;
    const rocksdb::Snapshot* snapshot_;
    std::uint64_t height_ = 0;
    mutable std::atomic<bool> failed_{false};
};

class RocksStore final : public Store {
public:
    static Result<std::unique_ptr<Store>> open(const Options& options);
    ~RocksStore() override;

    bool has_chain() const override { return has_chain_; }
    Result<void> commit_genesis(const ledger::Header& header, const ledger::StateChanges& state,
                                const ledger::StateCommitment& commitment) override;
    Result<LogBatch> commit_block(const BlockCommit& commit) override;
    Result<LogBatch> commit_mempool(const MempoolCommit& commit) override;
    std::unique_ptr<Snapshot> snapshot() const override { return std::make_unique<RocksSnapshot>(*this); }
    Result<ledger::StateCommitment> commitment() const override;
    Result<std::vector<PooledTransaction>> pooled() const override;
    std::uint64_t epoch() const noexcept override { return epoch_; }
    std::uint64_t last_seq() const noexcept override { return last_seq_; }
    Result<std::vector<LogRecord>> read_log(std::uint64_t from, std::size_t max_bytes) const override;

private:
    friend class RocksSnapshot;

    Result<std::string> get(Family family, ByteView key, const rocksdb::Snapshot* at, bool& found) const;
    Result<std::optional<std::string>> meta(std::string_view key) const;
    void put(rocksdb::WriteBatch& batch, Family family, ByteView key, ByteView value) {
        batch.Put(families_[family], slice(key), slice(value));
    }
    void put_state(rocksdb::WriteBatch& batch, const ledger::StateChanges& changes);
    void put_block(rocksdb::WriteBatch& batch, const StoredBlock& block);
    std::shared_ptr<std::vector<LogRecord>> append(rocksdb::WriteBatch& batch,
                                                   const std::vector<ledger::Event>& events);
    Result<void> write(rocksdb::WriteBatch& batch, bool sync, std::string_view what);
    Result<void> load();
    Result<void> check_format();
    Result<void> load_epoch();

    std::unique_ptr<rocksdb::DB> db_;
    std::vector<rocksdb::ColumnFamilyHandle*> families_;
    bool sync_blocks_ = true;
    bool has_chain_ = false;
    bool broken_ = false;  // a write failed: what is on disk is known again only after it was reopened
    std::uint64_t epoch_ = 0;
    std::atomic<std::uint64_t> last_seq_{0};
};

// --- snapshot ---

RocksSnapshot::RocksSnapshot(const RocksStore& store) : store_(store), snapshot_(store.db_->GetSnapshot()) {
    bool found = false;
    const auto tip = store_.get(Family::kMeta, base::view("tip"), snapshot_, found);
    if (!tip || (found && tip->size() != 8)) {
        failed_ = true;
    } else if (found) {
        height_ = base::load_le<std::uint64_t>(base::view(*tip).data());
    }
}

RocksSnapshot::~RocksSnapshot() {
    store_.db_->ReleaseSnapshot(snapshot_);
}

template <typename T, typename Decode>
Result<std::optional<T>> RocksSnapshot::read(Family family, ByteView key, std::string_view what, Decode decode) const {
    bool found = false;
    const auto value = store_.get(family, key, snapshot_, found);
    if (!value) {
        failed_ = true;
        return std::unexpected(value.error());
    }
    if (!found) return std::optional<T>();
    auto out = decode(base::view(*value));
    if (!out) {
        failed_ = true;
        return corrupt(what);
    }
    return std::optional<T>(std::move(*out));
}

template <typename T, typename Decode>
std::optional<T> RocksSnapshot::state(char tag, ByteView id, Decode decode) const {
    return read<T>(Family::kState, ledger::state_key(tag, id), "state", decode).value_or(std::nullopt);
}

std::optional<ledger::Account> RocksSnapshot::account(const ledger::AccountKey& key) const {
    return state<ledger::Account>('a', key, ledger::decode_account);
}
std::optional<ledger::Stake> RocksSnapshot::stake(const ledger::AccountKey& key) const {
    return state<ledger::Stake>('s', key, ledger::decode_stake);
}
std::optional<std::uint64_t> RocksSnapshot::contract_balance(const ledger::ContractId& id) const {
    return state<std::uint64_t>('c', id, ledger::decode_balance);
}
bool RocksSnapshot::transaction_exists(const ledger::TxId& id) const {
    bool found = false;
    if (!store_.get(Family::kTransactions, id, snapshot_, found)) failed_ = true;
    return found;
}

Result<std::optional<StoredBlock>> RocksSnapshot::block(std::uint64_t height) const {
    return read<StoredBlock>(Family::kBlocks, layout::number_key(height), "block", layout::decode_block);
}
Result<std::optional<std::uint64_t>> RocksSnapshot::height_of(const Hash32& block_hash) const {
    return read<std::uint64_t>(Family::kBlockHashes, block_hash, "block height", ledger::decode_balance);
}
Result<std::optional<StoredTransaction>> RocksSnapshot::transaction(const ledger::TxId& id) const {
    return read<StoredTransaction>(Family::kTransactions, id, "transaction", layout::decode_transaction);
}
Result<std::vector<ledger::ContractEvent>> RocksSnapshot::contract_events(std::uint64_t height) const {
    auto found = read<std::vector<ledger::ContractEvent>>(Family::kContractEvents, layout::number_key(height),
                                                          "contract events", layout::decode_contract_events);
    if (!found) return std::unexpected(found.error());
    return std::move(*found).value_or(std::vector<ledger::ContractEvent>());
}

Result<void> RocksSnapshot::for_each_state(const std::function<bool(ByteView, ByteView)>& visit) const {
    rocksdb::ReadOptions options;
    options.snapshot = snapshot_;
    const std::unique_ptr<rocksdb::Iterator> at(store_.db_->NewIterator(options, store_.families_[Family::kState]));
    for (at->SeekToFirst(); at->Valid(); at->Next()) {
        if (!visit(bytes_of(at->key()), bytes_of(at->value()))) return {};
    }
    if (!at->status().ok()) return store::failed(at->status(), "reading the state");
    return {};
}

// --- opening ---

Result<std::unique_ptr<Store>> RocksStore::open(const Options& options) {
    std::error_code error;
    std::filesystem::create_directories(options.directory, error);
    if (error) {
        return base::failure(Error::Kind::io,
                             fmt::format("{} cannot be created: {}", options.directory.string(), error.message()));
    }
    rocksdb::Options settings;
    settings.create_if_missing = true;
    settings.create_missing_column_families = true;
    if (options.env != nullptr) settings.env = options.env;
    settings.max_open_files = 256;
    settings.max_background_jobs = 2;
    settings.keep_log_file_num = 2;
    settings.max_total_wal_size = 64 << 20;
    settings.info_log_level = rocksdb::WARN_LEVEL;
    settings.write_buffer_size = 8 << 20;  // a family
    settings.db_write_buffer_size = 32 << 20;
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = rocksdb::NewLRUCache(options.block_cache_bytes, 4);
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    settings.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));

    std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
    for (const char* name : layout::kFamilyNames)
        descriptors.emplace_back(name, rocksdb::ColumnFamilyOptions(settings));
    auto out = std::make_unique<RocksStore>();
    out->sync_blocks_ = options.sync_blocks;
    rocksdb::DB* db = nullptr;
    const auto status = rocksdb::DB::Open(settings, options.directory.string(), descriptors, &out->families_, &db);
    if (!status.ok()) {
        if (status.ToString().find("lock") != std::string::npos) {
            return base::failure(Error::Kind::io,
                                 fmt::format("{} is in use by another process", options.directory.string()));
        }
        return store::failed(status, fmt::format("opening the store {}", options.directory.string()));
    }
    out->db_.reset(db);
    if (const auto loaded = out->load(); !loaded) return std::unexpected(loaded.error());
    return std::unique_ptr<Store>(std::move(out));
}

RocksStore::~RocksStore() {
    if (!db_) return;
    if (!broken_) {  // nothing is lost by a power cut from here on, so positions stay valid
        rocksdb::WriteBatch batch;
        put(batch, Family::kMeta, base::view("clean"), base::view("1"));
        rocksdb::WriteOptions options;
        options.sync = true;
        db_->Write(options, &batch);
    }
    for (auto* family : families_) db_->DestroyColumnFamilyHandle(family);
    db_->Close();
}

Result<void> RocksStore::check_format() {
    const auto format = meta("format");
    if (!format) return std::unexpected(format.error());
    if (!*format) {
        rocksdb::WriteBatch batch;
        put(batch, Family::kMeta, base::view("format"), base::Writer().put(layout::kFormat).bytes());
        return write(batch, true, "writing the format number");
    }
    const auto bytes = base::view(**format);
    const auto found = bytes.size() == 4 ? base::load_le<std::uint32_t>(bytes.data()) : 0;
    if (found == layout::kFormat) return {};
    return base::failure(Error::Kind::invalid,
                         fmt::format("the store has format {}, this program reads format {}; start it with another "
                                     "data folder or with the program that wrote it",
                                     found, layout::kFormat));
}

/// A new epoch begins with a new log, and after the machine stopped without the store being closed: mempool events that
/// were not synced may be gone, and their numbers are given to others.
Result<void> RocksStore::load_epoch() {
    const auto stored = meta("epochs");
    const auto boot = meta("boot");
    const auto clean = meta("clean");
    for (const auto* read : {&stored, &boot, &clean}) {
        if (!*read) return std::unexpected(read->error());
    }
    std::vector<std::pair<std::uint64_t, std::uint64_t>> epochs;
    if (*stored) {
        auto decoded = layout::decode_epochs(base::view(**stored));
        if (!decoded) return corrupt("table of epochs");
        epochs = std::move(*decoded);
    }
    const std::string current = boot_id();
    const bool torn = !epochs.empty() && !*clean && (!*boot || **boot != current);
    if (epochs.empty() || torn) {
        if (torn) epochs.back().second = last_seq_;
        epochs.emplace_back(random_u64(), 0);
    }
    epoch_ = epochs.back().first;
    rocksdb::WriteBatch batch;
    put(batch, Family::kMeta, base::view("epochs"), layout::encode(epochs));
    put(batch, Family::kMeta, base::view("boot"), base::view(current));
    batch.Delete(families_[Family::kMeta], "clean");
    return write(batch, true, "writing the epoch");
}

Result<void> RocksStore::load() {
    if (auto checked = check_format(); !checked) return checked;
    const std::unique_ptr<rocksdb::Iterator> log(db_->NewIterator({}, families_[Family::kLog]));
    log->SeekToLast();
    if (log->Valid()) {
        const auto seq = layout::number_of(bytes_of(log->key()));
        if (!seq) return corrupt("log");
        last_seq_ = *seq;
    }
    if (!log->status().ok()) return failed(log->status(), "reading the log");
    const auto tip = meta("tip");
    if (!tip) return std::unexpected(tip.error());
    has_chain_ = tip->has_value();
    return load_epoch();
}

// --- reading ---

Result<std::string> RocksStore::get(Family family, ByteView key, const rocksdb::Snapshot* at, bool& found) const {
    rocksdb::ReadOptions options;
    options.snapshot = at;
    std::string value;
    const auto status = db_->Get(options, families_[family], slice(key), &value);
    found = status.ok();
    if (!status.ok() && !status.IsNotFound()) return failed(status, "reading the store");
    return value;
}

Result<std::optional<std::string>> RocksStore::meta(std::string_view key) const {
    bool found = false;
    auto value = get(Family::kMeta, base::view(key), nullptr, found);
    if (!value) return std::unexpected(value.error());
    return found ? std::optional(std::move(*value)) : std::nullopt;
}

Result<ledger::StateCommitment> RocksStore::commitment() const {
    const auto stored = meta("commitment");
    if (!stored) return std::unexpected(stored.error());
    if (!*stored || (*stored)->size() != 2048) return corrupt("commitment");
    return ledger::StateCommitment::decode(base::to_array<2048>(base::view(**stored)));
}

Result<std::vector<PooledTransaction>> RocksStore::pooled() const {
    std::vector<PooledTransaction> out;
    const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator({}, families_[Family::kMempool]));
    for (at->SeekToFirst(); at->Valid(); at->Next()) {
        auto tx = layout::decode_pooled(bytes_of(at->key()), bytes_of(at->value()));
        if (!tx) return corrupt("mempool");
        out.push_back(std::move(*tx));
    }
    if (!at->status().ok()) return failed(at->status(), "reading the mempool");
    std::ranges::stable_sort(out, {}, &PooledTransaction::entered_unix_ms);
    return out;
}

Result<std::vector<LogRecord>> RocksStore::read_log(std::uint64_t from, std::size_t max_bytes) const {
    std::vector<LogRecord> out;
    std::size_t bytes = 0;
    const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator({}, families_[Family::kLog]));
    for (at->Seek(slice(layout::number_key(from))); at->Valid() && (out.empty() || bytes < max_bytes); at->Next()) {
        auto record = layout::decode_record(bytes_of(at->key()), bytes_of(at->value()));
        if (!record) return corrupt("log");
        bytes += record->message.size();
        out.push_back(std::move(*record));
    }
    if (!at->status().ok()) return failed(at->status(), "reading the log");
    return out;
}

// --- writing ---

Result<void> RocksStore::write(rocksdb::WriteBatch& batch, bool sync, std::string_view what) {
    if (broken_) return base::failure(Error::Kind::io, "an earlier write failed; the store must be opened again");
    rocksdb::WriteOptions options;
    options.sync = sync;
    const auto status = db_->Write(options, &batch);
    if (status.ok()) return {};
    broken_ = true;
    return failed(status, what);
}

void RocksStore::put_state(rocksdb::WriteBatch& batch, const ledger::StateChanges& changes) {
    for (const auto& [key, account] : changes.accounts)
        put(batch, Family::kState, ledger::state_key('a', key), ledger::encode(account));
    for (const auto& [key, stake] : changes.stakes) {
        const auto name = ledger::state_key('s', key);
        if (stake) {
            put(batch, Family::kState, name, ledger::encode(*stake));
        } else {
            batch.Delete(families_[Family::kState], slice(name));
        }
    }
    for (const auto& [id, balance] : changes.contract_balances) {
        put(batch, Family::kState, ledger::state_key('c', id), ledger::encode_balance(balance));
    }
}

void RocksStore::put_block(rocksdb::WriteBatch& batch, const StoredBlock& block) {
    const Bytes height = base::Writer().put(block.header.height).take();
    put(batch, Family::kBlocks, layout::number_key(block.header.height), layout::encode(block));
    put(batch, Family::kBlockHashes, block.header.hash, height);
    put(batch, Family::kMeta, base::view("tip"), height);
}

std::shared_ptr<std::vector<LogRecord>> RocksStore::append(rocksdb::WriteBatch& batch,
                                                           const std::vector<ledger::Event>& events) {
    auto out = std::make_shared<std::vector<LogRecord>>();
    out->reserve(events.size());
    std::uint64_t seq = last_seq_;
    for (const ledger::Event& event : events) {
        ++seq;
        const EventFilter filter{event.component, wire::text_hash(event.topic), wire::text_hash(event.entity),
                                 event.height};
        out->push_back({seq, filter, ledger::encode_message(event, {epoch_, seq})});
        put(batch, Family::kLog, layout::number_key(seq), layout::encode(filter, out->back().message));
    }
    return out;
}

Result<void> RocksStore::commit_genesis(const ledger::Header& header, const ledger::StateChanges& state,
                                        const ledger::StateCommitment& commitment) {
    rocksdb::WriteBatch batch;
    put_block(batch, {header, {}, {ledger::Label::Kind::final, 0}});
    put_state(batch, state);
    put(batch, Family::kMeta, base::view("commitment"), commitment.encode());
    auto done = write(batch, true, "writing the genesis");
    if (done) has_chain_ = true;
    return done;
}

Result<LogBatch> RocksStore::commit_block(const BlockCommit& commit) {
    const ledger::Block& block = *commit.block;
    rocksdb::WriteBatch batch;
    StoredBlock stored{block.header, {}, commit.label};
    for (std::uint32_t i = 0; i < block.transactions.size(); ++i) {
        const auto& tx = block.transactions[i];
        stored.transactions.push_back(tx.inner.id());
        put(batch, Family::kTransactions, tx.inner.id(),
            layout::encode(StoredTransaction{tx.inner.encode(ledger::Envelope::boreas), tx.block_height, i,
                                             tx.gas_spent, tx.error}));
    }
    put_block(batch, stored);
    const auto reader = snapshot();
    for (const auto& [height, label] : commit.relabelled) {
        auto older = reader->block(height);
        if (!older) return std::unexpected(older.error());
        if (!*older) return base::failure(Error::Kind::corrupt, fmt::format("block {} is missing", height));
        (*older)->label = label;
        put(batch, Family::kBlocks, layout::number_key(height), layout::encode(**older));
    }
    put_state(batch, commit.changes);
    put(batch, Family::kMeta, base::view("commitment"), commit.commitment.encode());
    put(batch, Family::kContractEvents, layout::number_key(block.header.height),
        layout::encode(commit.contract_events));
    for (const auto& id : commit.unpooled) batch.Delete(families_[Family::kMempool], slice(id));
    auto records = append(batch, commit.events);
    if (const auto done = write(batch, sync_blocks_, "writing a block"); !done) return std::unexpected(done.error());
    last_seq_ += records->size();
    return LogBatch(std::move(records));
}

Result<LogBatch> RocksStore::commit_mempool(const MempoolCommit& commit) {
    rocksdb::WriteBatch batch;
    for (const auto& tx : commit.added) put(batch, Family::kMempool, tx.id, layout::encode(tx));
    for (const auto& id : commit.removed) batch.Delete(families_[Family::kMempool], slice(id));
    auto records = append(batch, commit.events);
    if (const auto done = write(batch, false, "writing the mempool"); !done) return std::unexpected(done.error());
    last_seq_ += records->size();
    return LogBatch(std::move(records));
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(const Options& options) {
    return RocksStore::open(options);
}

}  // namespace rues::store
