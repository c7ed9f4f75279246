#include <fmt/format.h>
#include <rocksdb/convenience.h>

#include <algorithm>
#include <limits>

#include "base/endian.hpp"
#include "store/rocks.hpp"

/// The event log: the writer appends to it, sessions that catch up scan it, and the retention removes its oldest
/// records. docs/formats/event-log.md.
namespace rues::store {
namespace {

/// The log gets a mark after this many bytes or seconds. Old records are removed in pieces of this size.
constexpr std::uint64_t kMarkBytes = 1 << 20;
constexpr std::uint64_t kMarkSeconds = 60;

constexpr auto kEnd = std::numeric_limits<std::uint64_t>::max();

}  // namespace

// --- reading ---

std::optional<std::uint64_t> RocksStore::last_seq_of(std::uint64_t of_epoch) const noexcept {
    if (of_epoch == epoch()) return last_seq();
    const auto at = std::ranges::find(epochs_, of_epoch, &layout::Epochs::value_type::first);
    return at == epochs_.end() ? std::nullopt : std::optional(at->second);
}

Result<Store::Scan> RocksStore::scan_log(std::uint64_t from, std::uint64_t to, ScanLimits limits,
                                         const std::function<bool(const LogRecord&)>& want) const {
    // Read before the iterator is made: every record up to this number is visible, and a batch that is being committed
    // is not shown early.
    const std::uint64_t last = std::min(to, last_seq_.load());
    Scan out;
    out.next = std::max<std::uint64_t>(from, 1);
    const auto gone = [&] {
        return base::failure(Error::Kind::not_found, fmt::format("record {} of the log is no longer kept", out.next));
    };
    if (out.next < first_seq()) return gone();
    if (out.next > last) return out;
    rocksdb::ReadOptions options;
    options.fill_cache = false;  // a client that catches up must not evict data that everybody reads
    const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(options, families_[Family::kLog]));
    std::size_t scanned = 0;
    for (at->Seek(slice(layout::number_key(out.next))); at->Valid() && out.next <= last; at->Next()) {
        const auto record = layout::decode_record(bytes_of(at->key()), bytes_of(at->value()));
        if (!record || record->seq != out.next) break;
        const std::size_t size = record->message.size();
        if (scanned > 0 && scanned + size > limits.scanned_bytes) return out;
        scanned += size;
        if (want(*record)) {
            const std::size_t kept = out.records.message_bytes();
            if (!out.records.empty() && kept + size > limits.kept_bytes) return out;
            out.records.add(*record);
            if (out.records.size() >= limits.kept_records) {
                ++out.next;
                return out;
            }
        }
        ++out.next;
    }
    if (!at->status().ok()) return disk_failure(at->status(), "reading the log");
    if (out.next > last) return out;
    if (out.next < first_seq()) return gone();  // removed while it was read
    return corrupt("log");
}

Result<LogRecords> Store::read_log(std::uint64_t from, std::size_t max_bytes) const {
    auto scan = scan_log(from, kEnd, {max_bytes, kNoLimit}, [](const LogRecord&) { return true; });
    if (!scan) return std::unexpected(scan.error());
    return std::move(scan->records);
}

Result<std::vector<std::uint64_t>> RocksStore::past_events(const EventFilter& of, std::size_t most, Reads reads) const {
    rocksdb::ReadOptions options;
    options.prefix_same_as_start = true;
    if (reads == Reads::memory) options.read_tier = rocksdb::kBlockCacheTier;
    const std::uint64_t last = last_seq_;
    std::vector<std::uint64_t> out;
    const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(options, families_[Family::kEntityEvents]));
    for (at->Seek(slice(layout::entity_key(of, first_seq()))); at->Valid() && out.size() < most; at->Next()) {
        const auto seq = layout::seq_of_entity_key(bytes_of(at->key()));
        if (!seq) return corrupt("index of events");
        if (*seq > last) break;
        out.push_back(*seq);
    }
    if (!at->status().ok()) return disk_failure(at->status(), "reading the index of events");
    return out;
}

// --- writing ---

RocksStore::NewRecord RocksStore::record_of(const ledger::Event& event, std::uint64_t seq) const {
    EventFilter filter{event.component, wire::text_hash(event.topic), wire::text_hash(event.entity), event.height};
    if (event.block_hash) filter.tie = Tie::block;
    return {filter, ledger::encode_message(event, {epoch(), seq})};
}

std::shared_ptr<const LogRecords> RocksStore::append(rocksdb::WriteBatch& batch,
                                                     const std::vector<NewRecord>& records) {
    std::size_t bytes = 0;
    for (const NewRecord& record : records) bytes += record.message.size();
    auto out = std::make_shared<LogRecords>();
    out->reserve(records.size(), bytes);
    std::uint64_t seq = last_seq_;
    for (const auto& [filter, message] : records) {
        ++seq;
        out->add({seq, filter, message});
        const Bytes key = layout::number_key(seq);
        const Bytes prefix = layout::encode(filter);
        const rocksdb::Slice keys[] = {slice(key)};
        const rocksdb::Slice values[] = {slice(prefix), slice(message)};
        batch.Put(families_[Family::kLog], {keys, 1}, {values, 2});
        // Late subscribers get an entity's events, not the copies that retract them.
        if (filter.component != wire::Component::contracts && filter.tie != Tie::retraction)
            put(batch, Family::kEntityEvents, layout::entity_key(filter, seq), {});
    }
    return out;
}

std::shared_ptr<const LogRecords> RocksStore::append(rocksdb::WriteBatch& batch,
                                                     const std::vector<ledger::Event>& events) {
    std::vector<NewRecord> records;
    records.reserve(events.size());
    for (const ledger::Event& event : events) records.push_back(record_of(event, last_seq_ + records.size() + 1));
    return append(batch, records);
}

void RocksStore::appended(const LogRecords& records, bool synced) {
    last_seq_ += records.size();
    bytes_since_mark_ += records.message_bytes();
    note_head(synced);
}

/// Called after the store's own write. When the head file cannot be written, it says less than the store holds. That
/// does no harm now, but a later loss of events may go unnoticed.
void RocksStore::note_head(bool synced) {
    if (!head_) return;
    const auto noted = synced ? head_->synced(last_seq_) : head_->written(last_seq_);
    if (!noted && !std::exchange(head_failed_, true)) {
        log_(base::LogLevel::error,
             fmt::format("the head file cannot be written, so a loss of events may go unnoticed: {}",
                         noted.error().text));
    }
}

RocksStore::LogCare RocksStore::care_for_log(rocksdb::WriteBatch& batch, const LogRecords& records,
                                             std::uint64_t timestamp) const {
    LogCare out;
    const std::uint64_t since = bytes_since_mark_ + records.message_bytes();
    const bool is_due = since >= kMarkBytes || marks_.empty() || timestamp >= marks_.back().timestamp + kMarkSeconds;
    if (since > 0 && is_due) {
        out.mark = {last_seq_ + records.size(), timestamp, since};
        put(batch, Family::kMeta, layout::mark_key(out.mark->seq), layout::encode(*out.mark));
    }
    std::uint64_t kept = since;
    for (const auto& mark : marks_) kept += mark.bytes;
    const auto age = static_cast<std::uint64_t>(retention_.age.count());
    for (const auto& mark : marks_) {
        const bool too_old = age > 0 && mark.timestamp + age < timestamp;
        const bool too_much = retention_.bytes > 0 && kept > retention_.bytes;
        if (!too_old && !too_much) break;
        kept -= mark.bytes;
        batch.Delete(families_[Family::kMeta], slice(layout::mark_key(mark.seq)));
        ++out.outdated;
    }
    if (out.outdated > 0) {
        const std::uint64_t first = marks_[out.outdated - 1].seq + 1;
        batch.DeleteRange(families_[Family::kLog], slice(layout::number_key(first_seq())),
                          slice(layout::number_key(first)));
        put(batch, Family::kMeta, base::view(layout::kFirstName), layout::encode_u64(first));
        for (const auto& block : fates_.taken_back()->blocks()) {
            if (block.last_seq < first)
                batch.Delete(families_[Family::kMeta], slice(layout::taken_back_key(block.first_seq)));
        }
    }
    return out;
}

void RocksStore::keep(const LogCare& care) {
    if (care.outdated > 0) {
        *first_seq_ = marks_[care.outdated - 1].seq + 1;
        fates_.forget_before(first_seq());
        marks_.erase(marks_.begin(), marks_.begin() + static_cast<std::ptrdiff_t>(care.outdated));
        // Files that hold only removed records are deleted now; RocksDB drops the other records when it merges their
        // files. A failure only costs space.
        const Bytes end = layout::number_key(first_seq());
        const rocksdb::Slice before_end = slice(end);
        (void)rocksdb::DeleteFilesInRange(db_.get(), families_[Family::kLog], nullptr, &before_end, false);
    }
    if (care.mark) {
        marks_.push_back(*care.mark);
        bytes_since_mark_ = 0;
    }
}

Result<void> RocksStore::load_log() {
    const std::unique_ptr<rocksdb::Iterator> log(db_->NewIterator({}, families_[Family::kLog]));
    log->SeekToLast();
    if (log->Valid()) {
        const auto seq = layout::number_of(bytes_of(log->key()));
        if (!seq) return corrupt("log");
        last_seq_ = *seq;
    }
    if (!log->status().ok()) return disk_failure(log->status(), "reading the log");

    const auto first = meta(layout::kFirstName);
    if (!first) return std::unexpected(first.error());
    if (*first) {
        const auto seq = layout::decode_u64(**first);
        if (!seq) return corrupt("beginning of the log");
        *first_seq_ = *seq;
        last_seq_ = std::max(last_seq_.load(), first_seq() - 1);  // the whole log may have been removed
    }
    const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator({}, families_[Family::kMeta]));
    for (at->Seek(slice(base::view(layout::kMarkName)));
         at->Valid() && base::text(bytes_of(at->key())).starts_with(layout::kMarkName); at->Next()) {
        const auto mark = layout::decode_mark(bytes_of(at->key()), bytes_of(at->value()));
        if (!mark) return corrupt("mark of the log");
        marks_.push_back(*mark);
    }
    if (!at->status().ok()) return disk_failure(at->status(), "reading the marks of the log");
    const std::uint64_t marked = marks_.empty() ? first_seq() - 1 : marks_.back().seq;
    if (marked > last_seq_) return corrupt("mark of the log");
    const auto rest = scan_log(marked + 1, kEnd, {0, kNoLimit}, [this](const LogRecord& record) {
        bytes_since_mark_ += record.message.size();
        return false;
    });
    // A gap does not stop the opening: the scan that reaches it returns an error.
    return rest || rest.error().kind == Error::Kind::corrupt ? Result<void>() : std::unexpected(rest.error());
}

}  // namespace rues::store
