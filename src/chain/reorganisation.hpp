#pragma once

#include "chain/admission.hpp"
#include "chain/control.hpp"
#include "chain/tip_admission.hpp"
#include "store/store.hpp"

/// The parts of a reorganisation that need no chain: which transactions come back, and whether the blocks that replace
/// others can be made. docs/decisions/0032.
namespace rues::chain {

/// The transactions of the blocks from `first` to `last`, in the order of the chain.
struct TakenTransactions {
    std::vector<ledger::Transaction> whole;
    /// Their blobs are not kept any more, so they cannot be in a block again.
    std::vector<ledger::TxId> without_blobs;
    std::vector<TakenBackBlock> blocks;  ///< from the highest down
    std::uint64_t last_timestamp = 0;    ///< the greatest of these blocks
};
base::Result<TakenTransactions> taken_transactions(const store::Snapshot& stored, std::uint64_t first,
                                                   std::uint64_t last);

/// The state of admission once the blocks are taken back: that of the block below them, and a ledger without their
/// transactions.
class AfterTakingBack final : public AdmissionState {
public:
    /// `below` and `stored` as for TipAdmission.
    AfterTakingBack(std::shared_ptr<const TipState> below, std::unique_ptr<store::Snapshot> stored,
                    std::set<ledger::TxId> taken)
        : below_(std::move(below), std::move(stored)), taken_(std::move(taken)) {}
    ledger::Account account(const crypto::PublicKey& key) const override { return below_.account(key); }
    std::vector<base::Hash32> spent_nullifiers(std::span<const base::Hash32> nullifiers) const override {
        return below_.spent_nullifiers(nullifiers);
    }
    bool transaction_exists(const ledger::TxId& id) const override {
        return !taken_.contains(id) && below_.transaction_exists(id);
    }
    bool failed() const noexcept override { return below_.failed(); }

private:
    const TipAdmission below_;
    const std::set<ledger::TxId> taken_;
};

/// Executes the blocks one after the other on `state`, the state of block `height`, and throws the result away. An
/// error names the first transaction that its block cannot hold. REQUIRES: all signatures and proofs are good.
std::expected<void, Rejection> try_blocks(vm::Machine& machine, std::shared_ptr<const vm::State> state,
                                          std::uint64_t height,
                                          const std::vector<std::vector<ledger::Transaction>>& blocks,
                                          const Options& options, const crypto::PublicKey& generator,
                                          const base::Clock& clock);

}  // namespace rues::chain
