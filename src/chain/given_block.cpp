#include "chain/given_block.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "chain/block_proofs.hpp"
#include "chain/contract_calls.hpp"

namespace rues::chain {
namespace {

std::unexpected<NotExecuted> not_executed(NotExecuted::Kind kind, std::string text) {
    return std::unexpected(NotExecuted{kind, std::move(text)});
}

NotExecuted reason(const base::Error& error) {
    return {error.kind == base::Error::Kind::invalid ? NotExecuted::Kind::refused : NotExecuted::Kind::stopped,
            error.text};
}

std::optional<std::string> size_error(const GivenBlock& block) {
    std::size_t bytes = 0;
    for (const auto* tx : block.transactions) bytes += tx->size();
    if (bytes > kMaxBlockBytes) return fmt::format("its transactions have {} bytes", bytes);
    if (block.header.gas_limit > kBlockGasLimit) return fmt::format("its gas limit is {}", block.header.gas_limit);
    return std::nullopt;
}

/// Whether provisioners lose stake with the block. The rules that say who does are in no source that this program has.
bool slashes(const ledger::Header& header) {
    const auto is_attested = [](const auto& failed) { return failed.has_value(); };
    return header.faultroot != base::Hash32{} || std::ranges::any_of(header.failed_iterations, is_attested);
}

}  // namespace

std::optional<base::Bytes> rewards_in(std::span<const ledger::ContractEvent> events, const base::Hash32& block) {
    const auto found = std::ranges::find_if(events, [&block](const ledger::ContractEvent& event) {
        return event.origin == block && event.contract == ledger::kStakeContract && event.topic == calls::kReward;
    });
    return found == events.end() ? std::nullopt : std::optional(found->data);
}

std::expected<BlockExecution, NotExecuted> begin_given(vm::Machine& machine, std::shared_ptr<const vm::State> state,
                                                       const GivenBlock& block, TransactionBounds bounds) {
    const ledger::Header& header = block.header;
    const auto refused = [&header](std::string_view why) {
        return not_executed(NotExecuted::Kind::refused, fmt::format("block {}: {}", header.height, why));
    };
    const auto generator = crypto::PublicKey::decode(header.generator);
    if (!generator) return refused("its generator is not a key");
    if (const auto error = size_error(block)) return refused(*error);
    if (slashes(header)) {
        return not_executed(NotExecuted::Kind::unknown,
                            fmt::format("block {} takes stake from provisioners, which this version "
                                        "does not execute",
                                        header.height));
    }
    auto context = context_of(header, *generator);
    context.chain_id = block.chain_id;
    context.rewards = block.rewards;
    check_proofs_ahead(machine, context, block.transactions);
    BlockExecution out(machine, std::move(state), std::move(context), std::move(bounds));
    if (const auto begun = out.begin(); !begun) return std::unexpected(reason(begun.error()));
    return out;
}

std::expected<BlockExecution::Outcome, NotExecuted> execute_given(vm::Machine& machine,
                                                                  std::shared_ptr<const vm::State> state,
                                                                  const GivenBlock& block, TransactionBounds bounds) {
    auto execution = begin_given(machine, std::move(state), block, std::move(bounds));
    if (!execution) return std::unexpected(std::move(execution.error()));
    for (const auto* tx : block.transactions) {
        const auto added = execution->add(*tx);
        if (added) continue;
        const auto kind =
            added.error().kind == Discard::Kind::stopped ? NotExecuted::Kind::stopped : NotExecuted::Kind::refused;
        return not_executed(kind, fmt::format("block {}: transaction {} cannot be executed: {}", block.header.height,
                                              base::to_hex(tx->id()), added.error().text));
    }
    auto outcome = std::move(*execution).finish();
    if (!outcome) return std::unexpected(reason(outcome.error()));
    return std::move(*outcome);
}

bool is_failed_deployment(const std::optional<std::string>& error) {
    return error && error->starts_with("Panic: failed deployment: ");
}

bool is_same_error(const std::optional<std::string>& one, const std::optional<std::string>& other) {
    return one == other || (is_failed_deployment(one) && is_failed_deployment(other));
}

}  // namespace rues::chain
