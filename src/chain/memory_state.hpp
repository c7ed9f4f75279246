#pragma once

#include <set>

#include "chain/executor.hpp"

namespace rues::chain {

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
