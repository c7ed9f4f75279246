#pragma once

#include "chain/chain.hpp"
#include "chain/executor.hpp"

/// What a transaction would do in the next block (`transactions/simulate`; LM 3.1, rusk-1.7 7.3). Pure.
namespace rues::chain {

/// Executes `tx` alone in a block of `context` on `state`, without the checks of admission: what the checks of the
/// spend refuse is told as the block builder would see it.
std::expected<Simulation, Rejection> simulate(const ledger::Transaction& tx, bool well_signed,
                                              const ledger::StateReader& state, BlockContext context);

}  // namespace rues::chain
