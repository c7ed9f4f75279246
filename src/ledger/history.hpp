#pragma once

#include "ledger/event.hpp"

/// The accounts and memos under which the archive finds a transaction. Pure.
namespace rues::ledger {

/// Keys and memos are sorted by their bytes; each occurs once.
struct HistoryEntries {
    std::vector<AccountKey> outflow;  ///< accounts that paid with this transaction
    std::vector<AccountKey> inflow;   ///< accounts that were paid
    std::vector<Bytes> memos;
    bool empty() const noexcept { return outflow.empty() && inflow.empty() && memos.empty(); }
    friend bool operator==(const HistoryEntries&, const HistoryEntries&) = default;
};

/// Applies the rules of docs/reference/graphql.md 5.3. `events` must be all events of one transaction: a `moonlight`
/// event without a receiver is a transfer to the sender only when it is the transaction's only event. Events of other
/// contracts, and events that cannot be decoded, are ignored.
HistoryEntries history_entries(std::span<const ContractEvent> events);

}  // namespace rues::ledger
