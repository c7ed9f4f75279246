#pragma once

#include "chain/execution.hpp"

/// Executing a block that was made before, or elsewhere: by this node, by a recorded one, or by nobody who can be
/// trusted.
namespace rues::chain {

struct GivenBlock {
    const ledger::Header& header;
    std::vector<const ledger::Transaction*> transactions;  ///< in their order
    std::uint8_t chain_id = 0;
    std::optional<base::Bytes> rewards{};  ///< as `BlockContext::rewards`
};

/// The payload of the block's own `reward` event among `events`; nullopt: there is none.
std::optional<base::Bytes> rewards_in(std::span<const ledger::ContractEvent> events, const base::Hash32& block);

/// Why a block was not executed.
struct NotExecuted {
    enum class Kind : std::uint8_t {
        refused,  ///< it breaks a rule: no network has this block
        stopped,  ///< `TransactionBounds` ended it, or the machine's memory is full. It may be good
        unknown,  ///< it needs a rule that this program does not have
    };
    Kind kind{};
    std::string text;
};

/// Begins the block, for a caller that adds the transactions itself. Proofs of its transactions are checked in one
/// batch before. A block of more bytes or gas than the network's limits is refused.
std::expected<BlockExecution, NotExecuted> begin_given(vm::Machine& machine, std::shared_ptr<const vm::State> state,
                                                       const GivenBlock& block, TransactionBounds bounds = {});
/// Executes the whole block on `state`, that of its parent. Its result is compared with nothing.
std::expected<BlockExecution::Outcome, NotExecuted> execute_given(vm::Machine& machine,
                                                                  std::shared_ptr<const vm::State> state,
                                                                  const GivenBlock& block,
                                                                  TransactionBounds bounds = {});

/// @name Errors of transactions as the ledger keeps them; nullopt: none.
/// Part of the text of a failed deployment comes from the engine, so it may differ between nodes
/// (docs/reference/differences.md 36): two such errors are the same.
/// @{
bool is_failed_deployment(const std::optional<std::string>& error);
bool is_same_error(const std::optional<std::string>& one, const std::optional<std::string>& other);
/// @}

}  // namespace rues::chain
