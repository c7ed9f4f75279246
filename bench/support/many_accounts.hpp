#pragma once

#include "app/contract_machine.hpp"
#include "chain/genesis_state.hpp"
#include "store/store.hpp"

namespace rues::bench {

/// A state with many accounts, made by calls of the transfer contract as the genesis is, and its chain of one block on
/// disk. The secret keys are consecutive numbers, so each public key costs one addition.
class ManyAccounts {
public:
    /// The default genesis.
    ManyAccounts();
    ~ManyAccounts();
    ManyAccounts(const ManyAccounts&) = delete;
    ManyAccounts& operator=(const ManyAccounts&) = delete;

    /// Adds accounts until there are `count` beside those of the genesis.
    void grow_to(std::size_t count);
    std::size_t count() const noexcept { return count_; }

    vm::Machine& machine() const noexcept { return **machine_; }
    const chain::SharedState& state() const noexcept { return state_; }
    /// Pages of the transfer contract that are stored.
    std::uint32_t pages() const;

    /// Number `index` of the added accounts.
    static crypto::SecretKey key(std::size_t index);
    /// A block 0 with this state in a new store. `rues node` with its default genesis continues it.
    void write(store::Store& store) const;

private:
    struct Keys;

    std::unique_ptr<app::ContractMachine> machine_;
    ledger::Genesis genesis_;
    chain::SharedState state_;
    std::unique_ptr<Keys> keys_;
    std::size_t count_ = 0;
};

}  // namespace rues::bench
