#pragma once

#include "ledger/event.hpp"

/// Under which accounts and memos the archive finds a transaction. Pure.
namespace rues::ledger {

/// Each key once and in order of its bytes; each memo once.
struct HistoryEntries {
    std::vector<AccountKey> outflow;  ///< paid with this transaction
    std::vector<AccountKey> inflow;   ///< were paid
    std::vector<Bytes> memos;
    bool empty() const noexcept { return outflow.empty() && inflow.empty() && memos.empty(); }
    friend bool operator==(const HistoryEntries&, const HistoryEntries&) = default;
};

/// The rules of GQ 5.3. `events` are all events of one transaction: one that pays its sender without naming a receiver
/// is a transfer to self only if nothing else happened in it. Only what the transfer contract emitted counts, and of
/// that what can be decoded.
HistoryEntries history_entries(std::span<const ContractEvent> events);

}  // namespace rues::ledger
