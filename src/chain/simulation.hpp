#pragma once

#include "chain/execution.hpp"
#include "chain/submission.hpp"
#include "chain/tip_state.hpp"

namespace rues::chain {

/// The effect that `tx` would have in the block after the tip (docs/reference/ledger.md 3.1). Runs contract code. A
/// failed execution is a Simulation too; a rejection says that it could not be tried, or not to the end. `is_gone` ends
/// it.
std::expected<Simulation, Rejection> simulate(const TipState& tip, const ledger::Transaction& tx, bool well_signed,
                                              const IsGone& is_gone = {}, Traced traced = Traced::no);

}  // namespace rues::chain
