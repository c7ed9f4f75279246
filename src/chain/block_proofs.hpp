#pragma once

#include "chain/execution.hpp"

namespace rues::chain {

/// Verifies the proofs of the Phoenix transactions of a block in one batch. The machine then finds the answers when the
/// transfer contract asks for one proof after the other. For blocks that are executed again: admission has verified
/// what a block of our own takes. The outcome of the block does not depend on it.
void check_proofs_ahead(const vm::Machine& machine, const BlockContext& context,
                        std::span<const ledger::Transaction* const> transactions);

}  // namespace rues::chain
