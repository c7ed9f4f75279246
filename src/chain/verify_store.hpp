#pragma once

#include "chain/genesis_state.hpp"
#include "store/store.hpp"

namespace rues::chain {

/// The contents of a store that was found whole.
struct StoreReport {
    std::uint64_t height = 0;
    std::uint64_t transactions = 0;
    std::uint64_t pages = 0;  ///< of the memory of contracts
    std::uint64_t blobs = 0;  ///< whose data is kept
    std::uint64_t log_records = 0;
};

/// Executes every stored block again from `genesis` and compares headers, state hashes, gas, errors and contract events
/// with the stored ones, and the stored contracts and pages with those of the last state. Checks that the log has no
/// gap and one `executed` for every transaction, that no pooled transaction was executed, that each kept blob is proven
/// and belongs to a transaction of its block, and that no blob is missing above the oldest kept one. An error `corrupt`
/// names the first thing that is wrong. It reads everything: minutes for a large store. Nobody may write meanwhile.
base::Result<StoreReport> verify_store(const store::Store& store, vm::Machine& machine, const GenesisParts& genesis);

}  // namespace rues::chain
