#pragma once

#include <set>

#include "chain/executor.hpp"

/// Parts for a program that executes a chain again from its genesis: the state in memory, and the context of a block.
namespace rues::chain {

/// The context that a stored or recorded header says. The header does not say the chain id.
inline BlockContext context_of(const ledger::Header& header, const crypto::PublicKey& generator) {
    BlockContext out;
    out.height = header.height;
    out.block_gas_limit = header.gas_limit;
    out.generator = generator;
    // One provisioner: its bit in the certificate stands for all credits (docs/reference/ledger.md 10.3).
    if (header.prev_block_cert.validation.bitset == 1) out.voters.emplace_back(generator, kCredits);
    return out;
}

/// State in memory, for whoever executes a chain again from its genesis.
class MemoryState final : public ledger::StateReader {
public:
    explicit MemoryState(ledger::StateChanges genesis) : state_(std::move(genesis)) {}

    std::optional<ledger::Account> account(const ledger::AccountKey& key) const override {
        const auto found = state_.accounts.find(key);
        return found != state_.accounts.end() ? std::optional(found->second) : std::nullopt;
    }
    std::optional<ledger::Stake> stake(const ledger::AccountKey& key) const override {
        const auto found = state_.stakes.find(key);
        return found != state_.stakes.end() ? found->second : std::nullopt;
    }
    std::optional<std::uint64_t> contract_balance(const ledger::ContractId& id) const override {
        const auto found = state_.contract_balances.find(id);
        return found != state_.contract_balances.end() ? std::optional(found->second) : std::nullopt;
    }
    bool transaction_exists(const ledger::TxId& id) const override { return transactions_.contains(id); }
    bool failed() const noexcept override { return false; }

    void apply(const BlockExecution::Outcome& outcome) {
        for (const auto& [key, account] : outcome.changes.accounts) state_.accounts[key] = account;
        for (const auto& [key, stake] : outcome.changes.stakes) state_.stakes[key] = stake;
        for (const auto& [id, balance] : outcome.changes.contract_balances) state_.contract_balances[id] = balance;
        for (const auto& tx : outcome.transactions) transactions_.insert(tx.inner.id());
    }

private:
    ledger::StateChanges state_;
    std::set<ledger::TxId> transactions_;
};

}  // namespace rues::chain
