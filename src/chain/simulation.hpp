#pragma once

#include "chain/executor.hpp"
#include "chain/submission.hpp"

/// The effect that a transaction would have in the next block (`transactions/simulate`; docs/reference/ledger.md 3.1,
/// docs/reference/rusk-1.7.md 7.3). Pure.
namespace rues::chain {

/// Executes `tx` alone in a block of `context` on `state`, without the checks of admission. A transaction that a block
/// could not include gives a `Simulation` with the error that the block builder would see and no gas. Rejections:
/// `refused` for a gas limit above that of a block, `failed` when the state could not be read.
std::expected<Simulation, Rejection> simulate(const ledger::Transaction& tx, bool well_signed,
                                              const ledger::StateReader& state, BlockContext context);

}  // namespace rues::chain
