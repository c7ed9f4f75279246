#include <fmt/format.h>

#include <algorithm>

#include "store/rocks.hpp"

/// Finality: labels of blocks and the archive's indexes. They are written in the block's batch, so they are complete
/// whenever the block is stored.
namespace rues::store {

Result<void> RocksStore::load_archive() {
    const auto stored = meta(layout::kArchiveName);
    if (!stored) return std::unexpected(stored.error());
    if (!*stored) return {};
    archive_end_ = layout::decode_archive_end(**stored);
    if (!archive_end_) return corrupt("end of the archive");
    return {};
}

/// The block as it is stored, with its events if it becomes final.
Result<RecentBlocks::Block> RocksStore::block_to_relabel(std::uint64_t height, const ledger::Label& label,
                                                         const Snapshot& before) const {
    if (const auto* recent = recent_blocks_.find(height)) return *recent;
    auto stored = before.block(height);
    if (!stored) return std::unexpected(stored.error());
    if (!*stored) return base::failure(Error::Kind::corrupt, fmt::format("block {} is missing", height));
    RecentBlocks::Block out{std::move(**stored), {}};
    if (out.stored.label.is_final() || !label.is_final()) return out;
    auto events = before.contract_events(height);
    if (!events) return std::unexpected(events.error());
    out.events = std::move(*events);
    return out;
}

Result<std::vector<RocksStore::Finalized>> RocksStore::put_labels(rocksdb::WriteBatch& batch, const BlockCommit& commit,
                                                                  const Snapshot& before) const {
    std::vector<Finalized> out;
    for (const auto& [height, label] : commit.relabelled) {
        auto older = block_to_relabel(height, label, before);
        if (!older) return std::unexpected(older.error());
        const bool was_final = older->stored.label.is_final();
        if (was_final && !label.is_final())
            return base::failure(Error::Kind::invalid, fmt::format("block {} is final and cannot change", height));
        older->stored.label = label;
        put(batch, Family::kBlocks, layout::number_key(height), layout::encode(older->stored));
        if (!was_final && label.is_final()) out.push_back({height, std::move(older->events)});
    }
    if (commit.label.is_final()) out.push_back({commit.block->header.height, commit.contract_events});
    std::ranges::sort(out, {}, &Finalized::height);
    // Rows are numbered in this order, and `last_final` promises that all lower blocks are final.
    if (out.empty()) return out;
    std::uint64_t next = archive_end_ ? archive_end_->height + 1 : out.front().height;
    for (const auto& block : out) {
        if (block.height != next)
            return base::failure(Error::Kind::invalid,
                                 fmt::format("block {} becomes final before block {}", block.height, next));
        ++next;
    }
    return out;
}

Result<void> RocksStore::put_events(rocksdb::WriteBatch& batch, const BlockCommit& commit) const {
    const auto runs = runs_of(commit.contract_events);
    if (!runs) {
        return base::failure(
            Error::Kind::invalid,
            fmt::format("block {}: the events of one transaction are not together", commit.block->header.height));
    }
    for (const auto& run : *runs) {
        put(batch, Family::kContractEvents, layout::events_key(commit.block->header.height, run.position),
            layout::encode(run.events));
    }
    return {};
}

std::optional<ArchiveEnd> RocksStore::put_archive(rocksdb::WriteBatch& batch,
                                                  const std::vector<Finalized>& finalized) const {
    if (finalized.empty()) return archive_end_;
    ArchiveEnd end = archive_end_.value_or(ArchiveEnd{});
    for (const auto& block : finalized) {
        // `put_events` has checked that the events of each origin stand together, so `runs_of` has a value.
        for (const auto& entry : index_entries(block.height, *runs_of(block.events), end.rows))
            put(batch, Family::kArchive, entry.key, entry.value);
        end.height = block.height;
    }
    put(batch, Family::kMeta, base::view(layout::kArchiveName), layout::encode(end));
    return end;
}

}  // namespace rues::store
