#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/compaction_filter.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>

#include "base/endian.hpp"
#include "store/files.hpp"
#include "store/open_tables.hpp"
#include "store/rocks.hpp"

namespace rues::store {
namespace {

Result<std::uint64_t> random_u64(const base::RandomSource& random) {
    base::ByteArray<8> bytes{};
    if (!random(bytes)) return base::failure(Error::Kind::io, "the system provides no randomness");
    return base::load_le<std::uint64_t>(bytes.data());
}

/// Sends RocksDB's warnings to the program's log. With a log file of its own, a full disk could break that file too,
/// and RocksDB 7.8 then ends the process at the next write to it.
class Diary final : public rocksdb::Logger {
public:
    explicit Diary(base::Log log) : rocksdb::Logger(rocksdb::WARN_LEVEL), log_(std::move(log)) {}
    using rocksdb::Logger::Logv;
    void Logv(const char* format, std::va_list arguments) override { Logv(rocksdb::WARN_LEVEL, format, arguments); }
    void Logv(const rocksdb::InfoLogLevel level, const char* format, std::va_list arguments) override {
        if (level < rocksdb::WARN_LEVEL || level == rocksdb::HEADER_LEVEL) return;
        std::array<char, 1'024> text;
        const int size = std::vsnprintf(text.data(), text.size(), format, arguments);
        // A store that closes stops its flushes and compactions, and RocksDB calls each of them an error.
        if (size <= 0 || std::string_view(text.data()).contains("Shutdown in progress")) return;
        log_(base::LogLevel::warning, fmt::format("RocksDB: {}", text.data()));
    }

private:
    base::Log log_;
};

/// The process's current limit of open files. A program that raises the limit must do so before it opens the store.
std::size_t allowed_files() {
    rlimit limit{};
    return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : kMostTables;
}

/// Bounds that keep an idle server small: 16 MB for all memtables, and indexes and filters inside the block cache.
rocksdb::Options settings_of(const Options& options) {
    rocksdb::Options out;
    if (options.env != nullptr) out.env = options.env;
    out.create_if_missing = true;
    out.create_missing_column_families = true;
    out.max_open_files = static_cast<int>(open_tables(allowed_files()));
    out.max_background_jobs = 2;
    out.write_buffer_size = 8 << 20;      // for one family
    out.db_write_buffer_size = 16 << 20;  // for all families together
    out.arena_block_size = 128 << 10;
    out.max_total_wal_size = 32 << 20;  // bounds the time to open after a kill
    out.max_manifest_file_size = 4 << 20;
    // There is one writer, so support for concurrent writers would only cost time.
    out.allow_concurrent_memtable_write = false;
    out.enable_write_thread_adaptive_yield = false;
    out.info_log = std::make_shared<Diary>(options.log);
    out.stats_dump_period_sec = 0;
    out.stats_persist_period_sec = 0;
    // After a power cut the end of the write-ahead log can hold anything. RocksDB keeps the records before the damage,
    // in order.
    out.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
    // All families reach the disk together. Otherwise a family that was written there earlier is ahead of a damaged
    // write-ahead log, and RocksDB does not open the store, also when the operator accepts the loss.
    out.atomic_flush = true;
    return out;
}

/// Drops entries of the index by entity whose events are no longer kept. It runs when RocksDB merges files anyway.
class DropOutdated final : public rocksdb::CompactionFilter {
public:
    explicit DropOutdated(std::shared_ptr<const std::atomic<std::uint64_t>> first) noexcept
        : first_(std::move(first)) {}
    const char* Name() const override { return "rues.entity_events"; }
    bool Filter(int, const rocksdb::Slice& key, const rocksdb::Slice&, std::string*, bool*) const override {
        const auto seq = layout::seq_of_entity_key(bytes_of(key));
        return seq && *seq < *first_;
    }

private:
    std::shared_ptr<const std::atomic<std::uint64_t>> first_;
};

std::vector<rocksdb::ColumnFamilyDescriptor> families_of(const rocksdb::Options& settings, std::size_t cache_bytes,
                                                         const rocksdb::CompactionFilter* outdated) {
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = rocksdb::NewLRUCache(cache_bytes, 2);
    table.cache_index_and_filter_blocks = true;
    table.pin_l0_filter_and_index_blocks_in_cache = true;
    rocksdb::ColumnFamilyOptions in_order(settings);
    in_order.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    rocksdb::ColumnFamilyOptions packed(in_order);  // each piece of a page is compressed already
    packed.compression = rocksdb::kNoCompression;
    table.block_size = 64 << 10;  // pages are read all together, at the start
    packed.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    table.block_size = rocksdb::BlockBasedTableOptions().block_size;
    // A filter pays off only in families where many look-ups find nothing.
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    rocksdb::ColumnFamilyOptions by_id(settings);
    by_id.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    // Most look-ups by entity find nothing. So these filters hold prefixes, and memtables have one too.
    table.whole_key_filtering = false;
    rocksdb::ColumnFamilyOptions by_prefix(settings);
    by_prefix.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    by_prefix.prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(layout::kEntityPrefix));
    by_prefix.memtable_prefix_bloom_size_ratio = 0.1;
    by_prefix.compaction_filter = outdated;

    std::vector<rocksdb::ColumnFamilyDescriptor> out;
    for (std::size_t family = 0; family < layout::kFamilies; ++family) {
        const bool looked_up =
            family == Family::kBlockHashes || family == Family::kTransactions || family == Family::kBlobs;
        out.emplace_back(layout::kFamilyNames[family], family == Family::kEntityEvents ? by_prefix
                                                       : family == Family::kPages      ? packed
                                                       : looked_up                     ? by_id
                                                                                       : in_order);
    }
    return out;
}

std::unexpected<Error> other_format(const std::string& directory, std::uint32_t found) {
    return base::failure(
        Error::Kind::invalid,
        fmt::format("the store {} has format {}, this program reads format {}; use another data folder or the "
                    "program that wrote it",
                    directory, found, layout::kFormat));
}

Result<std::uint32_t> format_of(ByteView stored) {
    if (stored.size() != 4) return corrupt("format number");
    return base::load_le<std::uint32_t>(stored.data());
}

std::unexpected<Error> not_opened(const rocksdb::Status& status, const std::string& directory) {
    auto out = disk_failure(status, fmt::format("opening the store {}", directory));
    if (out.error().kind == Error::Kind::corrupt)
        out.error().text += "; put an undamaged copy of the data folder in its place";
    return out;
}

/// Refuses a store of another format, without changing it. Another format may have other column families. RocksDB
/// refuses unknown families before the format number can be read, and our families must not be created in such a store.
/// The number is written when all families are there, so a store with only some of them and a number has another
/// format, and one without a number is one whose creation was interrupted.
Result<void> check_families(const rocksdb::Options& settings, const std::string& directory) {
    if (!settings.env->FileExists(directory + "/CURRENT").ok()) return {};
    std::vector<std::string> found;
    const auto listed = rocksdb::DB::ListColumnFamilies(settings, directory, &found);
    if (!listed.ok()) return not_opened(listed, directory);
    const auto ours = [](const std::string& name) { return std::ranges::count(layout::kFamilyNames, name) != 0; };
    const bool all_ours = std::ranges::all_of(found, ours);
    if (all_ours && found.size() == layout::kFamilies) return {};

    const auto without_number = [&]() -> Result<void> {
        if (all_ours) return {};
        return base::failure(Error::Kind::invalid, fmt::format("{} is not a store of this program", directory));
    };
    const char* const meta = layout::kFamilyNames[Family::kMeta];
    if (std::ranges::count(found, meta) == 0) return without_number();
    const rocksdb::ColumnFamilyOptions family(settings);
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* opened = nullptr;
    const auto status = rocksdb::DB::OpenForReadOnly(
        settings, directory, {{rocksdb::kDefaultColumnFamilyName, family}, {meta, family}}, &handles, &opened);
    if (!status.ok()) return not_opened(status, directory);
    const std::unique_ptr<rocksdb::DB> db(opened);
    std::string value;
    const auto read = db->Get({}, handles[1], layout::kFormatName, &value);
    for (auto* handle : handles) db->DestroyColumnFamilyHandle(handle);
    if (!read.ok()) return without_number();
    const auto number = format_of(base::view(value));
    return number ? other_format(directory, *number) : std::unexpected(number.error());
}

/// True when the store is open already. RocksDB has no status code for this, only two texts: one for another process,
/// one for a second store in this process.
bool is_locked(const rocksdb::Status& status) {
    const auto text = status.ToString();
    return status.IsIOError() && (text.find("While lock file") != std::string::npos ||
                                  text.find("lock hold by current process") != std::string::npos);
}

std::unexpected<Error> in_use(const std::string& directory) {
    return base::failure(Error::Kind::io, fmt::format("the store {} is in use by another process", directory));
}

/// The error for a store that does not match its head file, with the ways to repair it. The store is not changed.
std::unexpected<Error> refused(std::string_view what_is_wrong) {
    return base::failure(Error::Kind::corrupt,
                         fmt::format("{}; put an undamaged copy of the data folder in its place, or start the node "
                                     "once with --accept-lost-events true to continue without these events",
                                     what_is_wrong));
}

}  // namespace

std::unexpected<Error> disk_failure(const rocksdb::Status& status, std::string_view what) {
    if (status.IsIncomplete()) return base::failure(Error::Kind::would_block, fmt::format("{} needs the disk", what));
    if (status.IsNoSpace()) {
        return base::failure(Error::Kind::no_space, fmt::format("no space left on the disk while {}", what));
    }
    return base::failure(status.IsCorruption() ? Error::Kind::corrupt : Error::Kind::io,
                         fmt::format("{} failed: {}", what, status.ToString()));
}

std::unexpected<Error> corrupt(std::string_view what) {
    return base::failure(Error::Kind::corrupt, fmt::format("the stored {} is malformed", what));
}

Result<std::unique_ptr<Store>> RocksStore::open(const Options& options) {
    const std::string directory = options.directory.string();
    std::error_code error;
    std::filesystem::create_directories(options.directory, error);
    if (error) {
        return base::failure(error == std::errc::no_space_on_device ? Error::Kind::no_space : Error::Kind::io,
                             fmt::format("{} cannot be created: {}", directory, error.message()));
    }
    const auto settings = settings_of(options);
    if (const auto checked = check_families(settings, directory); !checked) return std::unexpected(checked.error());
    const std::string boot_id = options.boot_id.empty() ? system_boot_id() : options.boot_id;
    const auto loss = check_head(options, settings, boot_number(boot_id));
    if (!loss) return std::unexpected(loss.error());

    auto out = std::make_unique<RocksStore>();
    out->sync_blocks_ = options.sync_blocks;
    out->retention_ = options.retention;
    out->blob_blocks_ = options.blob_blocks;
    out->outdated_ = std::make_unique<DropOutdated>(out->first_seq_);
    rocksdb::DB* db = nullptr;
    const auto status =
        rocksdb::DB::Open(settings, directory, families_of(settings, options.block_cache_bytes, out->outdated_.get()),
                          &out->families_, &db);
    if (is_locked(status)) return in_use(directory);
    if (!status.ok()) return not_opened(status, directory);
    out->db_.reset(db);
    if (const auto loaded = out->load(boot_id, *loss, options); !loaded) return std::unexpected(loaded.error());
    if (*loss != Loss::nothing) {
        options.log(base::LogLevel::warning,
                    fmt::format("the store {} may have lost events after number {}; its log continues under {} epoch",
                                directory, out->last_seq(), options.epoch ? "the same" : "a new"));
    }
    // Opening the database has written and synced everything that it recovered.
    const std::uint64_t last = out->last_seq();
    auto head =
        HeadFile::create(HeadFile::path_of(options.directory), {out->epoch(), last, last, boot_number(boot_id)});
    if (!head) return std::unexpected(head.error());
    out->head_ = std::move(*head);
    out->log_ = options.log;
    return std::unique_ptr<Store>(std::move(out));
}

/// Reads the epochs and the end of the log from a read-only database. Opening for writing would cut a damaged
/// write-ahead log for good, so the store is checked before that.
Result<RocksStore::Contents> RocksStore::contents(const Options& options, const rocksdb::Options& settings) {
    const std::string directory = options.directory.string();
    if (!settings.env->FileExists(directory + "/CURRENT").ok()) return Contents{};
    // The lock keeps other processes from writing meanwhile.
    rocksdb::FileLock* lock = nullptr;
    if (const auto locked = settings.env->LockFile(directory + "/LOCK", &lock); !locked.ok())
        return is_locked(locked) ? in_use(directory) : not_opened(locked, directory);
    const std::unique_ptr<rocksdb::FileLock, std::function<void(rocksdb::FileLock*)>> unlock(
        lock, [&settings](rocksdb::FileLock* held) { (void)settings.env->UnlockFile(held); });
    std::vector<std::string> found;
    const auto listed = rocksdb::DB::ListColumnFamilies(settings, directory, &found);
    if (!listed.ok()) return not_opened(listed, directory);
    if (found.size() < layout::kFamilies) return Contents{};  // the store's creation was interrupted

    RocksStore store;
    rocksdb::DB* db = nullptr;
    const auto status = rocksdb::DB::OpenForReadOnly(
        settings, directory, families_of(settings, options.block_cache_bytes, nullptr), &store.families_, &db);
    if (!status.ok()) return not_opened(status, directory);
    store.db_.reset(db);
    const auto format = store.meta(layout::kFormatName);
    if (!format) return std::unexpected(format.error());
    if (!*format) return Contents{};
    if (const auto checked = store.check_format(); !checked) return std::unexpected(checked.error());
    if (const auto read = store.load_log(); !read) return std::unexpected(read.error());
    if (const auto read = store.load_epochs(); !read) return std::unexpected(read.error());
    return Contents{std::move(store.epochs_), store.last_seq_};
}

/// Compares the store with its head file. A store without a head file comes from an earlier version of the program and
/// is accepted as it is.
Result<Loss> RocksStore::check_head(const Options& options, const rocksdb::Options& settings, std::uint64_t boot) {
    const std::string directory = options.directory.string();
    const auto path = HeadFile::path_of(options.directory);
    const auto head = HeadFile::read(path);
    if (!head && head.error().kind != Error::Kind::corrupt) return std::unexpected(head.error());
    if (!head && options.accept_lost_events) return Loss::synced;
    if (!head)
        return refused(
            fmt::format("{}, so it is not known which events the store {} must have", head.error().text, directory));
    if (!*head) return Loss::nothing;
    const auto stored = contents(options, settings);
    if (!stored) return std::unexpected(stored.error());
    const auto loss = loss_of(**head, stored->epochs, stored->last_seq, boot);
    if (loss != Loss::synced || options.accept_lost_events) return loss;
    const bool is_known = std::ranges::count(stored->epochs, (*head)->epoch, &layout::Epochs::value_type::first) > 0;
    if (!is_known)
        return refused(fmt::format("the store {} is not the one that {} belongs to", directory, path.string()));
    return refused(
        fmt::format("the store {} has lost events: its log ends with number {}, and number {} had been synced",
                    directory, stored->last_seq, (*head)->synced));
}

RocksStore::~RocksStore() {
    if (!db_) return;
    if (loaded_ && !broken_) {  // the write below syncs all earlier writes too, so a power cut loses nothing after it
        rocksdb::WriteBatch batch;
        put(batch, Family::kMeta, base::view(layout::kCleanName), base::view("1"));
        // A failure needs no handling: without the mark the next start assumes an unclean stop.
        if (write(batch, true, "closing the store")) note_head(true);
    }
    for (auto* family : families_) db_->DestroyColumnFamilyHandle(family);
    (void)db_->Close();
}

Result<void> RocksStore::load(const std::string& boot_id, Loss loss, const Options& options) {
    if (auto checked = check_format(); !checked) return checked;
    if (auto read = load_log(); !read) return read;
    const auto tip = meta(layout::kTipName);
    if (!tip) return std::unexpected(tip.error());
    has_chain_ = tip->has_value();
    const auto pooled = pooled_in_order();
    if (!pooled) return std::unexpected(pooled.error());
    if (!pooled->empty()) admissions_ = pooled->back().order + 1;
    if (auto read = load_archive(); !read) return read;
    if (auto read = load_blobs(); !read) return read;
    if (auto read = load_statistics(); !read) return read;
    if (auto read = load_epochs(); !read) return read;
    if (auto read = load_fates(); !read) return read;
    auto done = begin_run(boot_id, loss, options);
    loaded_ = done.has_value();
    return done;
}

Result<void> RocksStore::check_format() {
    const auto stored = meta(layout::kFormatName);
    if (!stored) return std::unexpected(stored.error());
    if (!*stored) {
        rocksdb::WriteBatch batch;
        put(batch, Family::kMeta, base::view(layout::kFormatName), base::Writer().put(layout::kFormat).bytes());
        return write(batch, true, "writing the format number");
    }
    const auto found = format_of(**stored);
    if (!found) return std::unexpected(found.error());
    if (*found != layout::kFormat) return other_format(db_->GetName(), *found);
    return {};
}

Result<void> RocksStore::load_epochs() {
    const auto stored = meta(layout::kEpochsName);
    if (!stored) return std::unexpected(stored.error());
    if (!*stored) return {};
    auto decoded = layout::decode_epochs(**stored);
    if (!decoded) return corrupt("table of epochs");
    epochs_ = std::move(*decoded);
    return {};
}

/// Starts a new epoch for a new log, after the machine stopped while the store was open, and after a loss of events. In
/// the last two cases events may be gone, and new events get their numbers. A given epoch stays, because there the lost
/// events get their numbers again.
Result<void> RocksStore::begin_epoch(bool is_lossy, const Options& options) {
    if (options.epoch && !epochs_.empty() && (epochs_.size() > 1 || epochs_.back().first != *options.epoch))
        return base::failure(Error::Kind::invalid, "the log of the store has another epoch than is wanted");
    if (!epochs_.empty() && (!is_lossy || options.epoch)) return {};
    const auto next = options.epoch ? Result<std::uint64_t>(*options.epoch) : random_u64(options.random);
    if (!next) return std::unexpected(next.error());
    if (!epochs_.empty()) epochs_.back().second = last_seq_;
    epochs_.emplace_back(*next, 0);
    return {};
}

Result<void> RocksStore::begin_run(const std::string& boot_id, Loss loss, const Options& options) {
    const auto boot = meta(layout::kBootName);
    const auto clean = meta(layout::kCleanName);
    for (const auto* read : {&boot, &clean}) {
        if (!*read) return std::unexpected(read->error());
    }
    const bool same_boot = !boot_id.empty() && *boot && base::text(**boot) == boot_id;
    const bool is_lossy = (!*clean && !same_boot) || loss != Loss::nothing;
    if (const auto begun = begin_epoch(is_lossy, options); !begun) return begun;
    rocksdb::WriteBatch batch;
    put(batch, Family::kMeta, base::view(layout::kEpochsName), layout::encode(epochs_));
    put(batch, Family::kMeta, base::view(layout::kBootName), base::view(boot_id));
    batch.Delete(families_[Family::kMeta], layout::kCleanName);
    return write(batch, true, "writing the epoch");
}

}  // namespace rues::store
