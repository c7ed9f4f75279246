#pragma once

#include "store/archive_layout.hpp"

/// The index entries of one block: those of its transactions, which are written with the block, and those of its
/// events, which are written when it becomes final. Pure; private to the room.
namespace rues::store {

/// The events of one origin, which stand together in their block.
struct EventRun {
    std::uint32_t position = 0;
    std::span<const ledger::ContractEvent> events;
    const Hash32& origin() const { return events.front().origin; }
};

/// Groups `events` by origin, in order of execution. The result holds views into `events`. nullopt when one origin
/// stands in two places.
std::optional<std::vector<EventRun>> runs_of(std::span<const ledger::ContractEvent> events);

struct IndexEntry {
    Bytes key;
    Bytes value;
};

/// All index entries of a block that became final. Its events get the rows after `rows`, and `rows` becomes the last of
/// them. REQUIRES: `runs` comes from `runs_of`.
std::vector<IndexEntry> index_entries(std::uint64_t height, std::vector<EventRun> runs, std::uint64_t& rows);

/// A transaction of a block, as far as the indexes know it.
struct IndexedTransaction {
    ledger::TxId id{};
    std::optional<ledger::ContractId> calls;
    std::optional<ledger::ContractId> deploys;  ///< nullopt also when the deployment failed

    template <typename Transaction>
    static IndexedTransaction of(const ledger::TxId& id, const Transaction& tx, bool succeeded) {
        IndexedTransaction out{.id = id, .calls = {}, .deploys = {}};
        if (const auto* call = tx.call()) out.calls = call->contract;
        if (const auto* deploy = tx.deploy(); deploy != nullptr && succeeded)
            out.deploys = ledger::contract_id(*deploy);
        return out;
    }
};

/// The index entries of a block's transactions, whatever its label.
std::vector<IndexEntry> transaction_entries(std::uint64_t height, std::span<const IndexedTransaction> transactions);

}  // namespace rues::store
