#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "gateway/block_answer.hpp"
#include "store/store.hpp"

/// From a proved block to what the log gets: events, labels, changes of the mempool. Pure.
namespace rues::gateway {

/// The label with which a node accepts a block (docs/reference/ledger.md 10.7). A node that is asked later has another
/// label, so it is computed from the header.
ledger::Label first_label(const ledger::Header& header);

/// A block above the last final one.
struct Pending {
    std::uint64_t height = 0;
    base::Hash32 hash{};
    ledger::Label label;
    friend bool operator==(const Pending&, const Pending&) = default;
};

/// How far finality is when the block `tip` is accepted.
struct Ruling {
    std::vector<std::pair<std::uint64_t, ledger::Label>> relabelled;
    std::vector<ledger::Event> events;  ///< `statechange`, in the order of the blocks
};
/// Applies the labels that a node reports to `pending`, which ascends, and removes the blocks that became final.
/// `Confirmed(n)` and `Final(n)` say that it happened n blocks later, so a label that was reached above `tip` is left
/// for a later block. A block becomes final only after all below it. When a node no longer says when a final block was
/// confirmed, it counts as confirmed at the same block. A label of another branch (other hash) is ignored.
Ruling rule(std::vector<Pending>& pending, std::span<const LabelAnswer> reported, const ledger::Header& tip);

/// The commit of a proved block, without its label changes: events in the order of a node's own log
/// (docs/reference/protocol.md 7.2). `pooled`: the mempool here has this transaction. `meanwhile`: events of the
/// mempool that the node published with this block; a `removed` of one of the block's transactions is not published
/// twice.
void append_block_events(store::BlockCommit& commit, const ledger::Block& block, const Ruling& ruling,
                         const std::function<bool(const ledger::TxId&)>& pooled,
                         std::span<const ledger::Event> meanwhile);

}  // namespace rues::gateway
