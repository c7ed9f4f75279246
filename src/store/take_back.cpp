#include <fmt/format.h>

#include <algorithm>

#include "store/rocks.hpp"

/// Blocks that are taken back, and what is known of the fates of all blocks. docs/decisions/0032.
namespace rues::store {
namespace {

wire::Finality reached_by(ledger::Label::Kind label) {
    switch (label) {
    case ledger::Label::Kind::final:
        return wire::Finality::final;
    case ledger::Label::Kind::confirmed:
        return wire::Finality::confirmed;
    case ledger::Label::Kind::accepted:
    case ledger::Label::Kind::attested:
        break;
    }
    return wire::Finality::accepted;
}

}  // namespace

/// The work of one `take_back`.
struct RocksStore::Taking {
    rocksdb::WriteBatch batch;
    std::unique_ptr<Snapshot> before;
    std::vector<NewRecord> records;
    std::vector<TakenBlock> blocks;
    std::optional<ArchiveEnd> archive_end;
    Statistics statistics;
};

// --- fates ---

Fates::Decided RocksStore::decided_of(const std::deque<Undecided>& undecided, std::uint64_t last_seq) {
    Fates::Decided out{last_seq, undecided.empty() ? last_seq : undecided.front().first_seq - 1};
    const auto first = std::ranges::find_if(
        undecided, [](const Undecided& each) { return each.label < ledger::Label::Kind::confirmed; });
    if (first != undecided.end()) out.confirmed = first->first_seq - 1;
    return out;
}

/// The value of `undecided_` after this commit.
std::deque<RocksStore::Undecided> RocksStore::undecided_after(const BlockCommit& commit) const {
    std::deque<Undecided> out = undecided_;
    out.push_back({commit.block->header.height, last_seq_ + 1, commit.label.kind});
    for (const auto& [height, label] : commit.relabelled) {
        const auto found = std::ranges::find(out, height, &Undecided::height);
        if (found != out.end()) found->label = label.kind;
    }
    while (!out.empty() && out.front().label == ledger::Label::Kind::final) out.pop_front();
    return out;
}

Result<void> RocksStore::load_fates() {
    if (auto read = load_taken_back(); !read) return read;
    if (!has_chain_) return {};
    const std::uint64_t tip = snapshot()->height();
    rocksdb::ReadOptions once;
    once.fill_cache = false;      // what clients read decides what is in memory
    std::uint64_t first_seq = 1;  // of a block whose place in the log is not kept any more
    for (std::uint64_t height = archive_end_ ? archive_end_->height + 1 : 0; height <= tip; ++height) {
        rocksdb::PinnableSlice value;
        const auto found = get(Family::kBlocks, layout::number_key(height), once, value);
        if (!found) return std::unexpected(found.error());
        const auto block = *found ? layout::decode_block(bytes_of(value)) : std::nullopt;
        if (!block) continue;  // whoever reads this block gets the error
        const auto undo = undo_of(height);
        if (!undo) return std::unexpected(undo.error());
        if (*undo) first_seq = (*undo)->log.first_seq;
        undecided_.push_back({height, first_seq, block->label.kind});
    }
    const auto lowest = lowest_to_take_back();
    if (!lowest) return std::unexpected(lowest.error());
    for (std::uint64_t height = *lowest; height <= tip; ++height) {
        const auto undo = undo_of(height);
        if (!undo) return std::unexpected(undo.error());
        if (*undo) fates_.advance((*undo)->log.last_seq, (*undo)->log.decided);
    }
    fates_.advance(last_seq_, decided_of(undecided_, last_seq_));
    return {};
}

Result<void> RocksStore::load_taken_back() {
    std::vector<TakenBlock> blocks;
    const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator({}, families_[Family::kMeta]));
    for (at->Seek(slice(base::view(layout::kTakenBackName)));
         at->Valid() && base::text(bytes_of(at->key())).starts_with(layout::kTakenBackName); at->Next()) {
        const auto block = layout::decode_taken_block(bytes_of(at->key()), bytes_of(at->value()));
        if (!block) return corrupt("list of blocks that were taken back");
        blocks.push_back(*block);
    }
    if (!at->status().ok()) return disk_failure(at->status(), "reading the blocks that were taken back");
    fates_.take_back(std::move(blocks));
    return {};
}

// --- taking back ---

Result<std::uint64_t> RocksStore::lowest_to_take_back() const {
    const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator({}, families_[Family::kUndo]));
    at->SeekToFirst();
    if (!at->status().ok()) return disk_failure(at->status(), "reading what blocks replaced");
    if (!at->Valid()) return snapshot()->height() + 1;
    const auto height = layout::number_of(bytes_of(at->key()));
    if (!height) return corrupt("list of replaced pages");
    return *height;
}

Result<LogBatch> RocksStore::take_back(const TakeBack& what) {
    Taking taking;
    taking.before = snapshot();
    taking.archive_end = archive_end_;
    taking.statistics = statistics();
    const std::uint64_t tip = taking.before->height();
    if (!has_chain_ || what.to >= tip)
        return base::failure(Error::Kind::not_found, fmt::format("there is no block above {}", what.to));
    for (std::uint64_t height = tip; height > what.to; --height) {
        if (const auto done = take_back_block(taking, height); !done) return std::unexpected(done.error());
    }
    rocksdb::WriteBatch& batch = taking.batch;
    if (const auto done = take_back_blobs(batch, what.to); !done) return std::unexpected(done.error());
    put(batch, Family::kMeta, base::view(layout::kTipName), layout::encode_u64(what.to));
    if (taking.archive_end)
        put(batch, Family::kMeta, base::view(layout::kArchiveName), layout::encode(*taking.archive_end));
    put_statistics(batch, taking.statistics);
    std::uint64_t order = admissions_;
    for (const auto& tx : what.pool.added) put(batch, Family::kMempool, tx.id, layout::encode(tx, order++));
    for (const auto& id : what.pool.removed) batch.Delete(families_[Family::kMempool], slice(id));
    if (what.pool.note) put(batch, Family::kMeta, base::view(layout::kNoteName), *what.pool.note);
    for (const auto& event : what.pool.events)
        taking.records.push_back(record_of(event, last_seq_ + taking.records.size() + 1));
    auto records = append(batch, taking.records);
    fates_.change_generation();
    const auto done = write(batch, sync_blocks_, "taking back blocks");
    fates_.change_generation();
    if (!done) return std::unexpected(done.error());
    appended(*records, sync_blocks_);
    admissions_ = order;
    archive_end_ = taking.archive_end;
    keep(taking.statistics);
    versions_.clear();
    recent_blocks_.clear();
    fates_.take_back(std::move(taking.blocks));
    std::erase_if(undecided_, [&what](const Undecided& each) { return each.height > what.to; });
    fates_.advance(last_seq_, decided_of(undecided_, last_seq_));
    return records;
}

Result<void> RocksStore::take_back_block(Taking& taking, std::uint64_t height) const {
    const auto block = taking.before->block(height);
    if (!block) return std::unexpected(block.error());
    if (!*block) return base::failure(Error::Kind::corrupt, fmt::format("block {} is missing", height));
    const auto replaced = undo_of(height);
    if (!replaced) return std::unexpected(replaced.error());
    if (!*replaced)
        return base::failure(Error::Kind::not_found, fmt::format("block {} cannot be taken back any more", height));
    const Bytes key = layout::number_key(height);
    rocksdb::WriteBatch& batch = taking.batch;
    batch.Delete(families_[Family::kBlocks], slice(key));
    batch.Delete(families_[Family::kBlockHashes], slice((*block)->header.hash));
    if (const auto done = take_back_transactions(taking, **block); !done) return done;
    if (const auto done = take_back_final(taking, **block); !done) return done;
    batch.DeleteRange(families_[Family::kContractEvents], slice(layout::events_key(height, 0)),
                      slice(layout::events_key(height + 1, 0)));
    take_back_memory(taking, height, **replaced);
    return retract(taking, **block, (*replaced)->log);
}

Result<void> RocksStore::take_back_transactions(Taking& taking, const StoredBlock& block) const {
    const auto stored = taking.before->transactions(block.transactions);
    if (!stored) return std::unexpected(stored.error());
    std::vector<IndexedTransaction> indexed;
    for (std::size_t i = 0; i < stored->size(); ++i) {
        const auto& one = (*stored)[i];
        const auto tx = one ? ledger::UncheckedTransaction::decode(one->raw)
                            : std::unexpected(ledger::DecodeError{"it is missing"});
        if (!tx) return corrupt("transaction");
        indexed.push_back(IndexedTransaction::of(block.transactions[i], *tx, !one->error));
        taking.batch.Delete(families_[Family::kTransactions], slice(block.transactions[i]));
    }
    for (const auto& entry : transaction_entries(block.header.height, indexed))
        taking.batch.Delete(families_[Family::kArchive], slice(entry.key));
    return {};
}

/// Removes a final block from the archive and from the counters. Its rows are the last ones.
Result<void> RocksStore::take_back_final(Taking& taking, const StoredBlock& block) const {
    if (!block.label.is_final() || !taking.archive_end) return {};
    const auto events = taking.before->contract_events(block.header.height);
    if (!events) return std::unexpected(events.error());
    const auto runs = runs_of(*events);
    if (!runs || taking.archive_end->rows < events->size()) return corrupt("archive");
    std::uint64_t rows = taking.archive_end->rows - events->size();
    taking.archive_end = ArchiveEnd{block.header.height - 1, rows};
    for (const auto& entry : index_entries(block.header.height, *runs, rows))
        taking.batch.Delete(families_[Family::kArchive], slice(entry.key));
    uncount(taking.statistics, *events);
    return {};
}

void RocksStore::take_back_memory(Taking& taking, std::uint64_t height, const layout::Replaced& replaced) const {
    using layout::ContractEntry;
    rocksdb::WriteBatch& batch = taking.batch;
    for (const auto& one : replaced.resized)
        put(batch, Family::kContracts, layout::contract_key(ContractEntry::size, one.contract),
            layout::encode_u32(one.memory_pages));
    for (const auto& contract : replaced.deployed) {
        for (const auto entry : {ContractEntry::code, ContractEntry::size})
            batch.Delete(families_[Family::kContracts], slice(layout::contract_key(entry, contract)));
    }
    for (const auto& one : replaced.pieces)
        batch.Delete(families_[Family::kPages], slice(layout::page_key(one.piece, height)));
    batch.Delete(families_[Family::kUndo], slice(layout::number_key(height)));
}

/// Notes the block as taken back, and adds the records that say so.
Result<void> RocksStore::retract(Taking& taking, const StoredBlock& block, const layout::Replaced::Log& log) const {
    const auto reached = reached_by(block.label.kind);
    taking.blocks.push_back({log.first_seq, log.last_seq, block.header.height, block.header.timestamp, reached});
    put(taking.batch, Family::kMeta, layout::taken_back_key(log.first_seq), layout::encode(taking.blocks.back()));

    const auto next_seq = [&] { return last_seq_ + taking.records.size() + 1; };
    NewRecord reverted = record_of(ledger::block_reverted(block.header), next_seq());
    reverted.filter.tie = Tie::reverted;
    reverted.filter.reached = reached;
    taking.records.push_back(std::move(reverted));

    const std::uint64_t first = std::max(log.first_seq, first_seq());
    if (first > log.last_seq) return {};
    const auto scan = scan_log(first, log.last_seq, {kNoLimit, kNoLimit},
                               [](const LogRecord& record) { return record.filter.tie == Tie::block; });
    if (!scan) return std::unexpected(scan.error());
    for (std::size_t i = scan->records.size(); i-- > 0;) {
        const LogRecord& record = scan->records[i];
        EventFilter filter = record.filter;
        filter.tie = Tie::retraction;
        filter.reached = reached;
        taking.records.push_back({filter, wire::as_retracted(record.message, {epoch(), next_seq()})});
    }
    return {};
}

}  // namespace rues::store
