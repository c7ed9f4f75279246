#pragma once

#include "ledger/genesis.hpp"
#include "store/store.hpp"

namespace rues::chain {

/// What a store holds that was found whole.
struct StoreReport {
    std::uint64_t height = 0;
    std::uint64_t transactions = 0;
    std::uint64_t state_entries = 0;
    std::uint64_t log_records = 0;
};

/// Executes every stored block again from `genesis` and compares headers, gas, errors, contract events and state with
/// what is stored; adds up the commitment from the state entries themselves; reads the log for gaps and for the one
/// `executed` of every transaction; and looks for pooled transactions that were executed. `corrupt` names the first
/// thing that is not as it must be. Reads everything: minutes for a large store. Nobody may write meanwhile.
base::Result<StoreReport> verify_store(const store::Store& store, const ledger::Genesis& genesis);

}  // namespace rues::chain
