#include "gateway/followed_log.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rues::gateway {
namespace {

std::unexpected<base::Error> does_not_fit(std::string text) {
    return base::failure(base::Error::Kind::invalid, std::move(text));
}

/// The transactions of the blocks from `first` to `last`, in their order, as the mempool keeps them.
base::Result<std::vector<store::PooledTransaction>> returned(const store::Snapshot& stored, std::uint64_t first,
                                                             std::uint64_t last, std::uint64_t unix_ms) {
    const auto blocks = stored.blocks(first, last);
    if (!blocks) return std::unexpected(blocks.error());
    std::vector<store::PooledTransaction> out;
    for (const auto& block : *blocks) {
        const auto transactions = stored.transactions(block.transactions);
        if (!transactions) return std::unexpected(transactions.error());
        for (std::size_t i = 0; i < transactions->size(); ++i) {
            const auto& one = (*transactions)[i];
            if (!one) return base::failure(base::Error::Kind::corrupt, "a transaction of a block is missing");
            out.push_back({block.transactions[i], one->raw, unix_ms});
        }
    }
    return out;
}

}  // namespace

base::Result<FollowedLog> FollowedLog::open(store::Store& store, OnLog on_log, Beside beside) {
    FollowedLog out(store, std::move(on_log), beside);
    const auto snapshot = store.snapshot();
    const auto end = snapshot->last_final();
    if (!end) return std::unexpected(end.error());
    const auto blocks = snapshot->blocks(end->value_or(0), snapshot->height());
    if (!blocks) return std::unexpected(blocks.error());
    for (const auto& block : *blocks) {
        out.tip_ = {block.header.height, block.header.hash, block.header.timestamp};
        if (!block.label.is_final()) out.pending_.push_back({block.header.height, block.header.hash, block.label});
    }
    const auto pooled = store.pooled();
    if (!pooled) return std::unexpected(pooled.error());
    for (const auto& tx : *pooled) out.pool_.insert(tx.id);
    if (beside.pool != nullptr) beside.pool->add(*pooled);
    const auto note = store.note();
    if (!note) return std::unexpected(note.error());
    auto decoded = Note::decode(note->value_or(base::Bytes()));
    if (!decoded) return base::failure(base::Error::Kind::corrupt, "the store's note is not one of a gateway");
    out.note_ = std::move(*decoded);
    out.pool_.insert(out.note_.unshown.begin(), out.note_.unshown.end());
    return out;
}

std::uint64_t FollowedLog::lowest_pending() const noexcept {
    return pending_.empty() ? tip_.height + 1 : pending_.front().height;
}

base::Result<std::optional<base::Hash32>> FollowedLog::hash_at(std::uint64_t height) const {
    const auto block = store_->snapshot()->block(height);
    if (!block) return std::unexpected(block.error());
    if (!*block) return std::nullopt;
    return (*block)->header.hash;
}

base::Result<OpenBlocks> FollowedLog::open_blocks() const {
    const auto lowest = store_->lowest_to_take_back();
    if (!lowest) return std::unexpected(lowest.error());
    const auto blocks = store_->snapshot()->blocks(std::max(*lowest, lowest_pending()) - 1, tip_.height);
    if (!blocks) return std::unexpected(blocks.error());
    OpenBlocks out;
    for (const auto& block : *blocks)
        out.blocks.push_back({block.header.height, block.header.hash, block.header.timestamp});
    if (out.blocks.empty() || out.tip().hash != tip_.hash)
        return base::failure(base::Error::Kind::corrupt, "the store does not show its own blocks");
    return out;
}

/// The bytes of a note that is not the one that is there.
std::optional<base::Bytes> FollowedLog::changed(const Note& note) const {
    return note == note_ ? std::nullopt : std::optional(note.encode());
}

base::Result<void> FollowedLog::published(base::Result<store::LogBatch> records, Note note) {
    if (!records) return std::unexpected(records.error());
    note_ = std::move(note);
    if (!(*records)->empty()) on_log_(std::move(*records));
    return {};
}

base::Result<void> FollowedLog::apply(Commit commit, std::uint64_t number) {
    Note note = note_;
    if (commit.checkpoint) note.checkpoint = std::move(commit.checkpoint);
    if (number != 0) note.commit = number;
    return std::visit([&](auto& what) { return apply(std::move(what), std::move(note)); }, commit.what);
}

base::Result<void> FollowedLog::apply(NewBlock what, Note note) {
    if (const auto good = prove_header(what.block.header, tip_); !good) return does_not_fit(good.error().text);
    store::BlockCommit commit;
    if (beside_.execution != nullptr) {
        auto memory = beside_.execution->changes_of(what.block);
        if (!memory) return std::unexpected(memory.error());
        commit.memory = std::move(*memory);
    }
    const ledger::Block block{std::move(what.block.header), std::move(what.block.transactions)};
    commit.block = &block;
    commit.label = first_label(block.header);
    commit.contract_events = std::move(what.block.events);
    auto pending = pending_;
    Ruling ruling = rule(pending, what.labels, block.header);
    append_block_events(
        commit, block, ruling, [this](const ledger::TxId& id) { return pool_.contains(id); }, what.meanwhile);
    commit.relabelled = std::move(ruling.relabelled);
    for (const auto& id : commit.unpooled) note.unshown.erase(id);
    commit.note = changed(note);
    auto records = store_->commit_block(commit);
    if (!records) return std::unexpected(records.error());
    tip_ = {block.header.height, block.header.hash, block.header.timestamp};
    pending_ = std::move(pending);
    pending_.push_back({block.header.height, block.header.hash, commit.label});
    for (const auto& id : commit.unpooled) pool_.erase(id);
    if (beside_.pool != nullptr) beside_.pool->remove(commit.unpooled);
    if (beside_.execution != nullptr) beside_.execution->advance();
    return published(std::move(records), std::move(note));
}

base::Result<void> FollowedLog::apply(PoolChange what, Note note) {
    store::MempoolCommit commit{std::move(what.added), std::move(what.removed), std::move(what.events), {}};
    for (const auto& id : what.unshown) {
        if (note.unshown.size() < kMostUnshown) note.unshown.insert(id);
    }
    for (const auto& id : commit.removed) note.unshown.erase(id);
    commit.note = changed(note);
    auto records = store_->commit_mempool(commit);
    if (!records) return std::unexpected(records.error());
    for (const auto& tx : commit.added) pool_.insert(tx.id);
    pool_.insert(note.unshown.begin(), note.unshown.end());
    for (const auto& id : commit.removed) pool_.erase(id);
    if (beside_.pool != nullptr) {
        beside_.pool->remove(commit.removed);
        beside_.pool->add(commit.added);
    }
    return published(std::move(records), std::move(note));
}

base::Result<void> FollowedLog::check(const BlocksTakenBack& what) const {
    if (what.tip != tip_.hash || what.to >= tip_.height)
        return does_not_fit(
            fmt::format("blocks above {} are to be taken back from another tip than {}", what.to, tip_.height));
    if (what.to + 1 < lowest_pending())
        return does_not_fit(fmt::format("block {} is final and cannot be taken back", lowest_pending() - 1));
    const auto own = hash_at(what.to);
    if (!own) return std::unexpected(own.error());
    if (*own != what.hash) return does_not_fit(fmt::format("block {} is another one here", what.to));
    return {};
}

base::Result<void> FollowedLog::apply(const BlocksTakenBack& what, Note note) {
    if (const auto good = check(what); !good) return good;
    const auto before = store_->snapshot();
    const auto below = before->block(what.to);
    if (!below) return std::unexpected(below.error());
    auto back = returned(*before, what.to + 1, tip_.height, what.unix_ms);
    if (!back) return std::unexpected(back.error());
    store::TakeBack order{what.to, {}};
    order.pool.added = std::move(*back);
    order.pool.note = changed(note);
    if (beside_.execution != nullptr) {
        if (auto rewound = beside_.execution->rewind(*before, (*below)->header); !rewound) return rewound;
    }
    auto records = store_->take_back(order);
    if (!records) return std::unexpected(records.error());
    const auto& header = (*below)->header;
    tip_ = {header.height, header.hash, header.timestamp};
    std::erase_if(pending_, [&what](const Pending& each) { return each.height > what.to; });
    for (const auto& tx : order.pool.added) pool_.insert(tx.id);
    if (beside_.pool != nullptr) beside_.pool->add(order.pool.added);
    if (beside_.execution != nullptr) beside_.execution->advance();
    return published(std::move(records), std::move(note));
}

base::Result<void> FollowedLog::apply(CheckpointForgotten, Note note) {
    note.checkpoint.reset();
    store::MempoolCommit commit;
    commit.note = changed(note);
    if (!commit.note) return {};
    return published(store_->commit_mempool(commit), std::move(note));
}

}  // namespace rues::gateway
