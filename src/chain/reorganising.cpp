#include <fmt/format.h>

#include "chain/blobs.hpp"
#include "chain/local_chain.hpp"
#include "chain/producer.hpp"
#include "chain/reorganisation.hpp"
#include "chain/stored_state.hpp"

/// Reorganisations by order (docs/decisions/0032).
namespace rues::chain {
namespace {

/// The transactions of an order while the verifier checks them, on any of its threads.
struct Checking {
    std::mutex mutex;
    std::vector<std::vector<std::optional<ledger::Transaction>>> blocks;
    std::size_t left = 0;
    std::optional<Rejection> first_problem;
    OnReorganised done;

    std::vector<std::vector<ledger::Transaction>> take() {
        std::vector<std::vector<ledger::Transaction>> out(blocks.size());
        for (std::size_t i = 0; i < blocks.size(); ++i) {
            for (auto& tx : blocks[i]) out[i].push_back(std::move(*tx));
        }
        return out;
    }
};

Rejection wrong_order(std::string text) {
    return {Rejection::Kind::refused, std::move(text)};
}

std::expected<ledger::Transaction, Rejection> checked_transaction(std::expected<Verifier::Checked, Rejection> checked,
                                                                  std::size_t block, std::size_t index) {
    const auto at = [&](std::string_view text) { return fmt::format("replace[{}][{}]: {}", block, index, text); };
    if (!checked) {
        auto& error = checked.error();
        if (error.kind == Rejection::Kind::undecodable || error.kind == Rejection::Kind::refused)
            return std::unexpected(wrong_order(at(error.text)));
        return std::unexpected(std::move(error));
    }
    if (!checked->well_signed) return std::unexpected(wrong_order(at(invalid_signature(checked->tx).text)));
    return std::move(checked->tx);
}

std::optional<Rejection> check_sidecars(const ledger::Transaction& tx) {
    const auto error = tx.blobs() != nullptr ? sidecar_error(*tx.blobs()) : std::nullopt;
    return error ? std::optional(wrong_order(*error)) : std::nullopt;
}

}  // namespace

// --- any thread ---

void LocalChain::reorganise(Reorganisation what, OnReorganised done) {
    if (what.replace.size() > kMaxReplace)
        return done(std::unexpected(wrong_order(fmt::format("replace: at most {} blocks", kMaxReplace))));
    auto all = std::make_shared<Checking>();
    all->done = std::move(done);
    for (const auto& block : what.replace) {
        all->left += block.size();
        all->blocks.emplace_back(block.size());
    }
    const auto push_order = [this, all, depth = what.depth, may_take_final = what.may_take_final] {
        push(Reorganise{depth, all->take(), may_take_final, std::move(all->done)});
    };
    if (all->left == 0) return push_order();
    for (std::size_t i = 0; i < what.replace.size(); ++i) {
        for (std::size_t j = 0; j < what.replace[i].size(); ++j) {
            verifier_.add({std::move(what.replace[i][j]), check_sidecars,
                           [all, push_order, i, j](std::expected<Verifier::Checked, Rejection> checked) {
                               auto tx = checked_transaction(std::move(checked), i, j);
                               {
                                   const std::lock_guard lock(all->mutex);
                                   if (tx) all->blocks[i][j] = std::move(*tx);
                                   if (!tx && !all->first_problem) all->first_problem = std::move(tx.error());
                                   if (--all->left > 0) return;
                               }
                               if (all->first_problem) return all->done(std::unexpected(*all->first_problem));
                               push_order();
                           }});
        }
    }
}

// --- chain thread ---

base::Result<void> LocalChain::load_finality(const store::Snapshot& stored) {
    const auto last_final = stored.last_final();
    if (!last_final) return std::unexpected(last_final.error());
    for (std::uint64_t height = last_final->value_or(0) + 1; height <= tip_.height; ++height) {
        const auto block = stored.block(height);
        if (!block) return std::unexpected(block.error());
        if (!*block) return base::failure(base::Error::Kind::corrupt, fmt::format("block {} is missing", height));
        finality_.restore({height, (*block)->header.hash, (*block)->label.kind, !(*block)->transactions.empty()});
    }
    if (const auto* fates = store_.fates()) {
        for (const auto& block : fates->taken_back()->blocks())
            least_timestamp_ = std::max(least_timestamp_, block.timestamp + 1);
    }
    return {};
}

std::optional<Rejection> LocalChain::depth_error(const Reorganise& order) const {
    if (order.depth == 0) return wrong_order("depth: at least one block must be taken back");
    if (order.depth > tip_.height)
        return wrong_order(fmt::format("depth: the tip is at height {}, and block 0 stays", tip_.height));
    const auto lowest = store_.lowest_to_take_back();
    if (!lowest) return Rejection{Rejection::Kind::failed, kUnreadable};
    if (tip_.height - order.depth + 1 < *lowest) {
        return wrong_order(
            fmt::format("depth: at most {} blocks can be taken back now, because older states are not kept",
                        tip_.height + 1 - *lowest));
    }
    const std::uint64_t first_open = finality_.first_open(tip_.height);
    if (!order.may_take_final && tip_.height - order.depth + 1 < first_open) {
        return wrong_order(fmt::format("depth: block {} is final; at most {} blocks are not", first_open - 1,
                                       tip_.height + 1 - first_open));
    }
    return std::nullopt;
}

void LocalChain::reorganise(Reorganise order) {
    if (mining_ended_) return order.done(stopping());
    if (dead_) return order.done(broken());
    auto out = take_back(order);
    if (out && !make_blocks(std::move(order.replace))) out = broken();
    if (out) {
        out->height = tip_.height;
        out->hash = tip_.hash;
        std::erase_if(out->returned, [this](const ledger::TxId& id) { return pool_.find(id) == nullptr; });
    }
    order.done(std::move(out));
}

/// Checks the order, and takes the blocks back.
std::expected<Reorganised, Rejection> LocalChain::take_back(const Reorganise& order) {
    if (auto wrong = depth_error(order)) return std::unexpected(std::move(*wrong));
    const auto unreadable = [this](const base::Error& error) {
        log_(base::LogLevel::error, "blocks cannot be taken back: " + error.text);
        return std::unexpected(Rejection{Rejection::Kind::failed, kUnreadable});
    };
    const std::uint64_t to = tip_.height - order.depth;
    auto stored = store_.snapshot();
    const auto below = stored->block(to);
    if (!below) return unreadable(below.error());
    if (!*below) return unreadable({base::Error::Kind::corrupt, fmt::format("block {} is missing", to)});
    if (const auto rewound = stored->rewind_memory(to); !rewound) return unreadable(rewound.error());
    auto state = read_state(machine_, *stored, (*below)->header.state_hash);
    if (!state) return unreadable(state.error());
    auto taken = taken_transactions(*stored, to + 1, tip_.height);
    if (!taken) return unreadable(taken.error());
    {
        const Ticker::Need ticks(order.replace.empty() ? nullptr : &queries_.ticker());
        if (auto tried = try_blocks(machine_, *state, to, order.replace, options_, generator_, clock_); !tried)
            return std::unexpected(std::move(tried.error()));
    }

    auto tip_state = std::make_shared<const TipState>(queries_, std::move(*state),
                                                      vm::Environment{options_.chain_id, to}, (*below)->header.hash);
    std::set<ledger::TxId> ids(taken->without_blobs.begin(), taken->without_blobs.end());
    for (const auto& tx : taken->whole) ids.insert(tx.id());
    const AfterTakingBack after(tip_state, std::move(stored), std::move(ids));
    PoolUpdate update(pool_, prequeue_, view_mutex_, options_, after, {to, unix_ms(), clock_.steady()});
    Reorganised out;
    out.reverted = std::move(taken->blocks);
    for (const auto& id : taken->without_blobs) {
        out.dropped.push_back({id, "reverted: the data of its blobs is not kept any more"});
        update.give_up(id, out.dropped.back().why);
    }
    for (auto& tx : taken->whole) {
        const auto id = tx.id();
        if (auto why = update.put_back(std::move(tx))) {
            out.dropped.push_back({id, std::move(*why)});
        } else {
            out.returned.push_back(id);
        }
    }
    update.remove_unless([&](const ledger::Transaction& tx) { return is_current(tx, after); });
    if (after.failed()) {
        // Transactions may have been judged by what could not be read, and the pool is not what the store has.
        fail({base::Error::Kind::io, kUnreadable});
        return broken();
    }
    auto batch = store_.take_back({to, update.take()});
    if (!batch) {
        fail(batch.error());
        return broken();
    }
    least_timestamp_ = std::max(least_timestamp_, taken->last_timestamp + 1);
    {
        const std::lock_guard lock(view_mutex_);
        state_.swap(tip_state);
        tip_ = (*below)->header;
        stats_.dropped += update.counters().dropped;
        stats_.removed += update.counters().removed;
    }
    finality_.taken_back(to);
    last_seal_ = clock_.steady();
    log_(base::LogLevel::info, fmt::format("{} blocks were taken back; the tip is block {}", order.depth, to));
    published(std::move(*batch));
    return out;
}

/// Makes the blocks that replace others. False: the store failed.
bool LocalChain::make_blocks(std::vector<std::vector<ledger::Transaction>> blocks) {
    for (auto& block : blocks) {
        std::vector<Mempool::Entry> entries;
        entries.reserve(block.size());
        for (auto& tx : block) entries.push_back({std::move(tx), clock_.steady()});
        std::vector<const Mempool::Entry*> candidates;
        candidates.reserve(entries.size());
        for (const auto& entry : entries) candidates.push_back(&entry);
        if (!seal_block(std::move(candidates), false)) return false;
    }
    return true;
}

}  // namespace rues::chain
