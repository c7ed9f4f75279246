#pragma once

#include "vm/call_trace.hpp"

namespace rues::chain {

/// Where the gas of a transaction went. The sum of what the paid calls spent, `deploy_charge`, `blob_charge` and
/// `gas_lost` is its `gas_spent`.
struct TransactionTrace {
    /// `spend_and_execute`, `init` of a deployment that has one, and `refund`.
    vm::CallTrace calls;
    /// How many of the calls the transaction pays: the first ones. Nobody pays for `refund`, and none of them when no
    /// block would take the transaction.
    std::size_t paid = 0;
    std::uint64_t deploy_charge = 0;
    std::uint64_t blob_charge = 0;  ///< what is missing to the least that its blobs cost
    std::uint64_t gas_lost = 0;     ///< the rest of its limit, which a transaction that fails pays as well
};

/// Whether a simulation records its trace.
enum class Traced : bool { no, yes };

}  // namespace rues::chain
