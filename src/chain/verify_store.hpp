#pragma once

#include "ledger/genesis.hpp"
#include "store/store.hpp"

namespace rues::chain {

/// The contents of a store that was found whole.
struct StoreReport {
    std::uint64_t height = 0;
    std::uint64_t transactions = 0;
    std::uint64_t state_entries = 0;
    std::uint64_t log_records = 0;
};

/// Executes every stored block again from `genesis` and compares headers, gas, errors, contract events and state with
/// the stored ones. Adds up the commitment from the state entries themselves. Checks that the log has no gap and one
/// `executed` for every transaction, and that no pooled transaction was executed. An error `corrupt` names the first
/// thing that is wrong. It reads everything: minutes for a large store. Nobody may write meanwhile.
base::Result<StoreReport> verify_store(const store::Store& store, const ledger::Genesis& genesis);

}  // namespace rues::chain
