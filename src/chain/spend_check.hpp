#pragma once

#include <optional>

#include "chain/admission.hpp"
#include "chain/tip_state.hpp"
#include "ledger/transaction.hpp"

namespace rues::chain {

/// Gas that the spend of a transaction takes about, without its inner call. A limit of twice as much always suffices
/// for the spend: a call gets 93 % of what is left, so the rest of the spend keeps the other 7 %.
std::uint64_t spend_estimate(const ledger::Transaction& tx);

/// Executes the spend on the tip's state when the gas limit is low, so that nothing is admitted that a block would
/// discard for want of gas. The result is a gas limit that would suffice; nullopt: the limit suffices, or the spend
/// fails for another reason, which the block will tell. Runs contract code, of at most twice `spend_estimate`.
/// docs/reference/differences.md 16. REQUIRES: a good signature or proof. `state` is that of the tip.
std::optional<std::uint64_t> spend_check(const TipState& tip, const ledger::Transaction& tx,
                                         const AdmissionState& state);

}  // namespace rues::chain
