#pragma once

#include <functional>
#include <limits>
#include <span>

#include "chain/contract_error.hpp"
#include "chain/contract_log.hpp"
#include "chain/limits.hpp"
#include "chain/transaction_trace.hpp"
#include "ledger/event.hpp"
#include "vm/session.hpp"

/// Executing transactions and blocks in the machine. The same state and input always give the same outcome.
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
    /// Argument of `reward` as somebody says it, for a block whose voters are not known here. It must fit the fees of
    /// the block; nothing but the state hash proves who is paid. nullopt: made of `voters`.
    std::optional<base::Bytes> rewards{};
};
/// The context that a stored or recorded header says. The header does not say the chain id.
BlockContext context_of(const ledger::Header& header, const crypto::PublicKey& generator);

/// Why the block builder does not take a transaction (docs/reference/rusk-1.7.md 7.3).
struct Discard {
    enum class Kind : std::uint8_t {
        unspendable,
        not_ready,  ///< stays in the pool, as `no_room`
        no_room,
        stopped,  ///< `TransactionBounds` or a limit of the session ended it
    };
    Kind kind{};
    std::string text;  ///< Debug form of the node's error, such as `Unspendable(OutOfGas)`
};

/// Whether the sender's signature, or the proof of a Phoenix transaction, was checked before it executes. `unknown`:
/// the machine computes it.
enum class SpendProof : std::uint8_t { unknown, good, bad };

/// What a transaction did.
struct Executed {
    std::uint64_t gas_spent = 0;
    std::optional<ContractError> error;         ///< of its call or deployment
    std::vector<ledger::ContractEvent> events;  ///< with the transaction's id as origin
};

/// Executes one transaction in a session of its own height, with its refund. After a `Discard` the caller undoes what
/// the session did since it last kept something. `trace` gets the calls of the transaction, also of one that is
/// discarded; it does not change what the transaction does.
std::expected<Executed, Discard> execute(vm::Session& session, const ledger::Transaction& tx, SpendProof signature,
                                         TransactionTrace* trace = nullptr);

/// Bounds that end a transaction beside its gas. The default is for a block that was made before, or elsewhere, because
/// these bounds are not the network's.
struct TransactionBounds {
    std::function<bool()> may_stop{};  ///< asked at ticks of the machine while a transaction runs; empty: never
    std::uint64_t written_bytes = std::numeric_limits<std::uint64_t>::max();
};
/// The bounds of a block that is made here. Without `may_stop` a transaction takes the time that it needs.
TransactionBounds bounds_of_own(std::function<bool()> may_stop);

/// Executes one block, transaction by transaction, then its rewards.
class BlockExecution {
public:
    /// `machine` outlives it. `log` gets what contracts log, and outlives it too; null: the lines are lost.
    BlockExecution(vm::Machine& machine, std::shared_ptr<const vm::State> state, BlockContext context,
                   TransactionBounds bounds = {}, ContractLog* log = nullptr);

    /// Does the work before the transactions. Call it once, first. An error ends the block. Kind `invalid`: the
    /// contracts refuse what the block asks of them, which no block of our own does; else the machine is broken, or
    /// full.
    base::Result<void> begin();
    /// Executes `tx` into the block, or says why not and changes nothing.
    std::expected<void, Discard> add(const ledger::Transaction& tx, SpendProof signature = SpendProof::unknown);

    struct Outcome {
        std::vector<ledger::SpentTransaction> transactions;     ///< without the sidecars of their blobs
        std::vector<ledger::ContractEvent> transaction_events;  ///< in block order
        std::vector<ledger::ContractEvent> block_events;        ///< of the block itself; their origin is still open
        std::uint64_t fees = 0;                                 ///< Σ gas_spent · gas_price
        vm::Commit commit;                                      ///< the state after the block, and what changed

        /// All contract events of the block with this hash: those of its transactions, then its own.
        std::vector<ledger::ContractEvent> events(const base::Hash32& block) const;
    };
    /// Pays the rewards and ends the block. An error means the same as that of `begin`.
    base::Result<Outcome> finish() &&;

private:
    base::Result<void> call(const ledger::ContractId& contract, std::string_view function, base::ByteView argument);
    base::Result<base::Bytes> rewards() const;

    const BlockContext context_;
    std::shared_ptr<bool> in_transaction_ = std::make_shared<bool>(false);  ///< shared with the session's `stop`
    vm::Session session_;
    ContractLog* const log_;
    ContractLog::Block lines_;
    Outcome outcome_;
    std::uint64_t gas_spent_ = 0;
};

/// The rewards of a block in the order of the event (docs/reference/ledger.md 10.8).
std::vector<ledger::Reward> rewards_of(const BlockContext& context, std::uint64_t fees);
/// Whether `rewards` can be those of a block with this context and these fees, whoever its voters are: the amounts of
/// the generator and of the Dusk key are right, and voters share at most all credits.
bool may_be_rewards(const BlockContext& context, std::uint64_t fees, base::ByteView rewards);

/// The error in the fee of a Phoenix transaction, which is checked before its proof (docs/reference/ledger.md 3.2 #6,
/// #7).
std::optional<std::string_view> phoenix_fee_error(const ledger::Phoenix& tx);
/// Least gas limit of a deployment, and what it is charged (docs/reference/ledger.md 3.2 #9).
std::uint64_t deploy_charge(const ledger::Deploy& deploy);

}  // namespace rues::chain
