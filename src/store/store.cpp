#include <fmt/format.h>

#include <algorithm>

#include "base/endian.hpp"
#include "store/rocks.hpp"

namespace rues::store {

// --- reading ---

Result<bool> RocksStore::get(Family family, ByteView key, const rocksdb::ReadOptions& options,
                             rocksdb::PinnableSlice& value) const {
    const auto status = db_->Get(options, families_[family], slice(key), &value);
    if (!status.ok() && !status.IsNotFound()) return disk_failure(status, "reading the store");
    return status.ok();
}

Result<std::optional<Bytes>> RocksStore::meta(std::string_view key) const {
    rocksdb::PinnableSlice value;
    const auto found = get(Family::kMeta, base::view(key), {}, value);
    if (!found) return std::unexpected(found.error());
    return *found ? std::optional(base::to_bytes(bytes_of(value))) : std::nullopt;
}

Result<std::uint64_t> RocksStore::clock_ahead() const {
    const auto stored = meta(layout::kClockName);
    if (!stored) return std::unexpected(stored.error());
    if (!*stored) return 0;
    const auto out = layout::decode_u64(**stored);
    if (!out) return corrupt("clock");
    return *out;
}

Result<void> RocksStore::commit_clock(std::uint64_t ahead_seconds) {
    rocksdb::WriteBatch batch;
    put(batch, Family::kMeta, base::view(layout::kClockName), layout::encode_u64(ahead_seconds));
    return write(batch, false, "writing the clock");
}

Result<std::vector<layout::Pooled>> RocksStore::pooled_in_order() const {
    std::vector<layout::Pooled> out;
    const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator({}, families_[Family::kMempool]));
    for (at->SeekToFirst(); at->Valid(); at->Next()) {
        auto tx = layout::decode_pooled(bytes_of(at->key()), bytes_of(at->value()));
        if (!tx) return corrupt("mempool");
        out.push_back(std::move(*tx));
    }
    if (!at->status().ok()) return disk_failure(at->status(), "reading the mempool");
    std::ranges::sort(out, {}, &layout::Pooled::order);
    return out;
}

Result<std::vector<PooledTransaction>> RocksStore::pooled() const {
    auto in_order = pooled_in_order();
    if (!in_order) return std::unexpected(in_order.error());
    std::vector<PooledTransaction> out;
    out.reserve(in_order->size());
    for (auto& tx : *in_order) out.push_back(std::move(tx.transaction));
    return out;
}

Result<std::optional<ChainOrigin>> RocksStore::origin() const {
    const auto stored = meta(layout::kOriginName);
    if (!stored) return std::unexpected(stored.error());
    if (!*stored) return std::nullopt;
    const auto out = layout::decode_origin(**stored);
    if (!out) return corrupt("origin of the chain");
    return out;
}

// --- writing ---

Result<void> RocksStore::set_origin(const ChainOrigin& origin) {
    rocksdb::WriteBatch batch;
    put(batch, Family::kMeta, base::view(layout::kOriginName), layout::encode(origin));
    return write(batch, true, "writing the origin of the chain");
}

Result<void> RocksStore::write(rocksdb::WriteBatch& batch, bool sync, std::string_view what) {
    if (broken_) return base::failure(Error::Kind::io, "an earlier write failed; the store must be opened again");
    rocksdb::WriteOptions options;
    options.sync = sync;
    const auto status = db_->Write(options, &batch);
    if (status.ok()) return {};
    broken_ = true;
    return disk_failure(status, what);
}

void RocksStore::put_block(rocksdb::WriteBatch& batch, const StoredBlock& block) {
    const Bytes height = layout::encode_u64(block.header.height);
    put(batch, Family::kBlocks, layout::number_key(block.header.height), layout::encode(block));
    put(batch, Family::kBlockHashes, block.header.hash, height);
    put(batch, Family::kMeta, base::view(layout::kTipName), height);
}

Result<void> RocksStore::commit_genesis(const ledger::Header& header, const MemoryChanges& memory) {
    rocksdb::WriteBatch batch;
    put_block(batch, {header, {}, {ledger::Label::Kind::final, 0}});
    if (const auto put = put_memory(batch, header.height, memory); !put) return std::unexpected(put.error());
    put_statistics(batch, {});
    const ArchiveEnd archive_end{header.height, 0};
    put(batch, Family::kMeta, base::view(layout::kArchiveName), layout::encode(archive_end));
    auto done = write(batch, true, "writing the genesis");
    if (!done) return done;
    has_chain_ = true;
    archive_end_ = archive_end;
    keep(Statistics{});
    return done;
}

Result<LogBatch> RocksStore::commit_block(const BlockCommit& commit) {
    const ledger::Block& block = *commit.block;
    rocksdb::WriteBatch batch;
    StoredBlock stored{block.header, {}, commit.label};
    std::vector<IndexedTransaction> indexed;
    for (std::uint32_t i = 0; i < block.transactions.size(); ++i) {
        const auto& tx = block.transactions[i];
        stored.transactions.push_back(tx.inner.id());
        indexed.push_back(IndexedTransaction::of(tx.inner.id(), tx.inner, !tx.error));
        put(batch, Family::kTransactions, tx.inner.id(),
            layout::encode(StoredTransaction{tx.inner.encode(ledger::Envelope::boreas), tx.block_height, i,
                                             tx.gas_spent, tx.error}));
    }
    put_block(batch, stored);
    for (const auto& [key, value] : transaction_entries(block.header.height, indexed))
        put(batch, Family::kArchive, key, value);
    if (const auto done = put_events(batch, commit); !done) return std::unexpected(done.error());
    const auto reader = snapshot();
    const auto finalized = put_labels(batch, commit, *reader);
    if (!finalized) return std::unexpected(finalized.error());
    const auto archive_end = put_archive(batch, *finalized);
    auto replaced = put_memory(batch, block.header.height, commit.memory);
    if (!replaced) return std::unexpected(replaced.error());
    const auto oldest_blob = put_blobs(batch, commit);
    if (!oldest_blob) return std::unexpected(oldest_blob.error());
    const auto statistics = statistics_after(*finalized);
    put_statistics(batch, statistics);
    for (const auto& id : commit.unpooled) batch.Delete(families_[Family::kMempool], slice(id));
    if (commit.note) put(batch, Family::kMeta, base::view(layout::kNoteName), *commit.note);
    auto records = append(batch, commit.events);
    const std::uint64_t last = last_seq_ + records->size();
    auto undecided = undecided_after(commit);
    replaced->log = {last_seq_ + 1, last, decided_of(undecided, last)};
    put(batch, Family::kUndo, layout::number_key(block.header.height), layout::encode(*replaced));
    const auto care = care_for_log(batch, *records, block.header.timestamp);
    if (const auto done = write(batch, sync_blocks_, "writing a block"); !done) return std::unexpected(done.error());
    appended(*records, sync_blocks_);
    undecided_ = std::move(undecided);
    fates_.advance(last_seq_, replaced->log.decided);
    keep(care);
    keep(statistics);
    keep(block.header.height, *replaced);
    archive_end_ = archive_end;
    oldest_blob_ = *oldest_blob;
    for (const auto& [height, label] : commit.relabelled) recent_blocks_.relabel(height, label);
    recent_blocks_.put(std::move(stored), commit.contract_events);
    return records;
}

Result<LogBatch> RocksStore::commit_mempool(const MempoolCommit& commit) {
    rocksdb::WriteBatch batch;
    for (const auto& tx : commit.added) put(batch, Family::kMempool, tx.id, layout::encode(tx, admissions_++));
    for (const auto& id : commit.removed) batch.Delete(families_[Family::kMempool], slice(id));
    if (commit.note) put(batch, Family::kMeta, base::view(layout::kNoteName), *commit.note);
    auto records = append(batch, commit.events);
    if (const auto done = write(batch, false, "writing the mempool"); !done) return std::unexpected(done.error());
    appended(*records, false);
    fates_.advance(last_seq_, decided_of(undecided_, last_seq_));
    return records;
}

Result<std::unique_ptr<Store>> Store::open(const Options& options) {
    return RocksStore::open(options);
}

}  // namespace rues::store
