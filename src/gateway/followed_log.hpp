#pragma once

#include <functional>
#include <set>
#include <span>

#include "gateway/block_events.hpp"
#include "gateway/branch.hpp"
#include "gateway/commit.hpp"
#include "gateway/execution.hpp"
#include "gateway/pool_view.hpp"
#include "gateway/proof.hpp"
#include "store/store.hpp"

namespace rues::gateway {

/// The gateway's store, as the one who writes it sees it: commits go in, in order, and each is one atomic batch with
/// its checkpoint. What a commit does to the log depends only on the commit and on what the store holds, so the same
/// commits give the same log on every machine, also on one that was restarted in between. One thread, which takes the
/// place of the chain thread.
class FollowedLog {
public:
    /// Gets every batch of records, as `chain::Chain::create` says of its `on_log`.
    using OnLog = std::function<void(store::LogBatch)>;
    /// Objects that are kept equal to the store; null: there is none. Each has changed before `on_log` gets the events.
    struct Beside {
        Execution* execution = nullptr;  ///< at the tip of the store; its changes of memory are part of each block
        PoolView* pool = nullptr;
    };
    /// Reads what the store has. REQUIRES: it has a chain. Waits for the disk.
    static base::Result<FollowedLog> open(store::Store& store, OnLog on_log, Beside beside);
    static base::Result<FollowedLog> open(store::Store& store, OnLog on_log) {
        return open(store, std::move(on_log), {});
    }

    const Parent& tip() const noexcept { return tip_; }
    /// The lowest block that is not final; the height after the tip when all are.
    std::uint64_t lowest_pending() const noexcept;
    /// Whether a block here has the transaction. May wait for the disk.
    bool has_executed(const ledger::TxId& id) const { return store_->snapshot()->transaction_exists(id); }
    /// The transactions that are announced and not removed.
    const std::set<ledger::TxId>& pool() const noexcept { return pool_; }
    const std::optional<Checkpoint>& checkpoint() const noexcept { return note_.checkpoint; }
    /// The number of the last numbered commit; 0: none was.
    std::uint64_t last_commit() const noexcept { return note_.commit; }
    /// The store as it is now. Waits for the disk.
    std::unique_ptr<store::Snapshot> stored() const { return store_->snapshot(); }
    /// The hash of a block; nullopt: there is none.
    base::Result<std::optional<base::Hash32>> hash_at(std::uint64_t height) const;
    /// The height of a block of the chain here; nullopt: it is not one.
    base::Result<std::optional<std::uint64_t>> height_of(const base::Hash32& block) const {
        return store_->snapshot()->height_of(block);
    }
    /// The blocks that may be taken back: those that are not final, and that the store can take back.
    base::Result<OpenBlocks> open_blocks() const;

    /// Applies the commit in one atomic batch. `number`: of the commit, where commits are numbered; it is written in
    /// the same batch. An error of kind `invalid` or `not_found`: the commit does not fit what the store has, such as a
    /// block that does not follow the tip; nothing was changed. Other errors are those of `store::Store`.
    base::Result<void> apply(Commit commit, std::uint64_t number = 0);

    /// Most `Note::unshown`. Further ones are published, but their `removed` is not.
    static constexpr std::size_t kMostUnshown = 256;

private:
    FollowedLog(store::Store& store, OnLog on_log, Beside beside)
        : store_(&store), on_log_(std::move(on_log)), beside_(beside) {}
    base::Result<void> apply(NewBlock what, Note note);
    base::Result<void> apply(PoolChange what, Note note);
    base::Result<void> apply(const BlocksTakenBack& what, Note note);
    base::Result<void> apply(CheckpointForgotten what, Note note);
    base::Result<void> check(const BlocksTakenBack& what) const;
    std::optional<base::Bytes> changed(const Note& note) const;
    base::Result<void> published(base::Result<store::LogBatch> records, Note note);

    store::Store* store_;
    OnLog on_log_;
    Beside beside_;
    Parent tip_;
    std::vector<Pending> pending_;
    std::set<ledger::TxId> pool_;
    Note note_;
};

/// Applies commits at once, without asking anybody.
class AppliedAtOnce final : public CommitSink {
public:
    explicit AppliedAtOnce(FollowedLog& log) noexcept : log_(log) {}
    base::Result<void> commit(Commit commit) override { return log_.apply(std::move(commit)); }

private:
    FollowedLog& log_;
};

}  // namespace rues::gateway
