#pragma once

#include "chain/admission.hpp"
#include "chain/tip_state.hpp"
#include "store/store.hpp"

namespace rues::chain {

/// The state at the tip for admission: accounts and nullifiers from the machine, transactions from the store. A read
/// runs contract code unless its answer is kept for this tip. One thread.
class TipAdmission final : public AdmissionState {
public:
    TipAdmission(std::shared_ptr<const TipState> tip, std::unique_ptr<store::Snapshot> stored)
        : tip_(std::move(tip)), stored_(std::move(stored)) {}

    ledger::Account account(const crypto::PublicKey& key) const override {
        const auto found = tip_->account(key);
        if (!found) failed_ = true;
        return found.value_or(ledger::Account{});
    }
    std::vector<base::Hash32> spent_nullifiers(std::span<const base::Hash32> nullifiers) const override {
        auto spent = tip_->spent_nullifiers(nullifiers);
        if (!spent) failed_ = true;
        return std::move(spent).value_or(std::vector<base::Hash32>{});
    }
    bool transaction_exists(const ledger::TxId& id) const override { return stored_->transaction_exists(id); }
    bool failed() const noexcept override { return failed_ || stored_->failed(); }

    const TipState& tip() const noexcept { return *tip_; }

private:
    const std::shared_ptr<const TipState> tip_;
    const std::unique_ptr<store::Snapshot> stored_;
    mutable bool failed_ = false;
};

}  // namespace rues::chain
