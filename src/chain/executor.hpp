#pragma once

#include <functional>
#include <span>

#include "chain/limits.hpp"
#include "ledger/event.hpp"
#include "ledger/genesis.hpp"
#include "ledger/state.hpp"

/// Executing transactions and blocks natively. Pure: the same state and input always give the same outcome.
/// docs/reference/ledger.md 4, 5, 10.8; docs/reference/rusk-1.7.md 7.
namespace rues::chain {

/// What is fixed before a block is executed. In production the producer fills it; a replay takes it from the recorded
/// header.
struct BlockContext {
    std::uint8_t chain_id = 0;
    std::uint64_t height = 0;
    std::uint64_t block_gas_limit = kBlockGasLimit;
    crypto::PublicKey generator;
    /// Credits of the previous block's certificate per voter, empty in block 1 (docs/reference/ledger.md 10.8,
    /// docs/reference/differences.md 26).
    std::vector<std::pair<crypto::PublicKey, std::uint64_t>> voters;
};

/// Gas of one transaction by the cost table (docs/reference/differences.md 24), before failure makes it the limit. A
/// replay passes the recorded figure.
using GasCost = std::function<std::uint64_t(const ledger::Transaction& tx, const ledger::StateReader& state)>;

/// Why the block builder does not take a transaction (docs/reference/rusk-1.7.md 7.3).
struct Discard {
    enum class Kind { not_ready, unspendable, no_room };  ///< not_ready and no_room leave it in the pool
    Kind kind{};
    std::string text;
};

/// State at the start of a block plus what the block changed so far.
class Overlay final : public ledger::StateReader {
public:
    explicit Overlay(const ledger::StateReader& below) : below_(below) {}

    std::optional<ledger::Account> account(const ledger::AccountKey& key) const override;
    std::optional<ledger::Stake> stake(const ledger::AccountKey& key) const override;
    std::optional<std::uint64_t> contract_balance(const ledger::ContractId& id) const override;
    bool transaction_exists(const ledger::TxId& id) const override;
    bool failed() const noexcept override { return below_.failed(); }

    void set(const ledger::AccountKey& key, ledger::Account value) { changes_.accounts[key] = value; }
    void set(const ledger::AccountKey& key, std::optional<ledger::Stake> value) {
        changes_.stakes[key] = std::move(value);
    }
    ledger::StateChanges take() { return std::move(changes_); }

private:
    const ledger::StateReader& below_;
    ledger::StateChanges changes_;
};

/// Executes one block, transaction by transaction, then its rewards.
class BlockExecution {
public:
    BlockExecution(const ledger::StateReader& state, BlockContext context, GasCost cost);

    /// Executes `tx` into the block, or says why not and changes nothing. Admission has verified the signature of
    /// whatever comes from the pool; a simulation tells what it found.
    std::expected<void, Discard> add(const ledger::Transaction& tx, bool well_signed = true);

    struct Outcome {
        std::vector<ledger::SpentTransaction> transactions;
        std::vector<ledger::ContractEvent> transaction_events;  ///< in block order
        std::vector<ledger::Reward> rewards;  ///< already credited; the reward event's origin is the block hash
        ledger::StateChanges changes;
        std::uint64_t fees = 0;  ///< Σ gas_spent · gas_price

        /// All contract events of the block with this hash: those of its transactions, then its reward.
        std::vector<ledger::ContractEvent> events(const base::Hash32& block) const;
    };
    /// Of what was added so far; without rewards and changes.
    const Outcome& outcome() const noexcept { return outcome_; }
    /// Pays the rewards and ends the block.
    Outcome finish() &&;

private:
    std::expected<std::uint64_t, Discard> check_spend(const ledger::Transaction& tx, bool well_signed) const;
    void pay(const crypto::PublicKey& key, std::uint64_t amount);
    void reward(const crypto::PublicKey& key, std::uint64_t value, ledger::RewardReason reason);

    BlockContext context_;
    GasCost cost_;
    Overlay state_;
    Outcome outcome_;
    std::uint64_t gas_spent_ = 0;
};

/// A transfer succeeds with a limit this far below what it spends with a generous one, and then spends its whole limit
/// (recorded data's README, surprise 3): the refund runs outside the limit.
inline constexpr std::uint64_t kRefundGas = 392;
/// The least gas limit with which a transaction of this cost is executed.
constexpr std::uint64_t least_gas_limit(std::uint64_t cost) {
    return cost > kRefundGas ? cost - kRefundGas : 0;
}

/// The error in the fee of a Phoenix transaction, which is checked before its proof (docs/reference/ledger.md 3.2 #6,
/// #7).
std::optional<std::string_view> phoenix_fee_error(const ledger::Phoenix& tx);
/// Least gas limit of a deployment, and what it is charged (docs/reference/ledger.md 3.2 #9).
std::uint64_t deploy_charge(const ledger::Deploy& deploy);

/// The cost table (docs/reference/differences.md 24).
std::uint64_t gas_cost(const ledger::Transaction& tx, const ledger::StateReader& state);

}  // namespace rues::chain
