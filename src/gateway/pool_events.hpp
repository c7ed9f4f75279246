#pragma once

#include <functional>
#include <map>
#include <set>
#include <span>

#include "ledger/event.hpp"
#include "store/store.hpp"

/// Events of a node's mempool, as its stream has them. No header proves them; what can be checked is
/// (docs/decisions/0033). Pure.
namespace rues::gateway {

/// Most bytes of the payload of such an event: a transaction with its blobs and its JSON.
inline constexpr std::size_t kMostPayload = 4 << 20;

/// The event in a frame; its height is `tip` if the frame has none. nullopt: it is not one that a node's mempool
/// publishes about a transaction, or it is too large.
std::optional<ledger::Event> pool_event_of(const wire::Frame& frame, std::uint64_t tip);

/// A change of the gateway's mempool.
struct PoolChange {
    std::vector<store::PooledTransaction> added;
    std::vector<ledger::TxId> removed;
    /// Announced transactions whose bytes the node could not show any more. They are in no list of transactions; only
    /// their `removed` is awaited.
    std::vector<ledger::TxId> unshown;
    std::vector<ledger::Event> events;

    bool empty() const noexcept { return events.empty(); }
};

/// What the gateway knows when it looks at such events.
struct PoolKnowledge {
    const std::set<ledger::TxId>& pool;                        ///< announced, not removed
    const std::function<bool(const ledger::TxId&)>& executed;  ///< a block here has it
    const std::map<ledger::TxId, ledger::Transaction>& shown;  ///< their bytes give their id
    std::uint64_t unix_ms = 0;
};

/// The change that these events make, in their order. `included` of a transaction that was shown is made of the
/// transaction itself, whatever the node's payload was. Events that change nothing are left out: `included` of a
/// transaction that is pooled or executed here, `removed` of one that is not pooled. So an event that a node repeats
/// after a lost connection is not published twice.
PoolChange pool_change(std::span<const ledger::Event> events, const PoolKnowledge& known);

/// The transactions whose bytes `pool_change` would use.
std::vector<ledger::TxId> to_show(std::span<const ledger::Event> events, const std::set<ledger::TxId>& pool);

/// The change from this mempool to that of a node, whose events in between are not known: `removed` for what the node
/// does not have, `included` for what it has and `shown` holds. `tip`: the height of the tip.
PoolChange difference(const std::set<ledger::TxId>& node, const PoolKnowledge& known, std::uint64_t tip);

}  // namespace rues::gateway
