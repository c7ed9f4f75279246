#pragma once

#include <atomic>

#include "api/errors.hpp"
#include "chain/view.hpp"

namespace rues::api {

/// The contracts at the tip, for one call of a handler. On a loop it finds only what was answered before at this tip;
/// when a handler needs more, `missed()` is true, and everything that the handler returned is discarded. On a pool it
/// runs contract code.
class ContractState {
public:
    enum class Run : bool { no, yes };
    /// `gone` tells that nobody waits for the answer any more.
    ContractState(std::shared_ptr<const chain::TipState> tip, Run run, chain::TipState::Gone gone = {})
        : tip_(std::move(tip)), run_(run), gone_(std::move(gone)) {}

    bool missed() const noexcept { return missed_; }
    const std::shared_ptr<const chain::TipState>& tip() const noexcept { return tip_; }

    /// Calls a function; archived argument in, archived result out.
    Result<base::Bytes> call(const ledger::ContractId& contract, std::string_view function,
                             base::ByteView argument) const;
    /// Calls a function whatever is kept, and records what it does. On a pool only.
    std::expected<base::Bytes, chain::QueryFailure> traced_call(const ledger::ContractId& contract,
                                                                std::string_view function, base::ByteView argument,
                                                                vm::CallTrace& trace) const {
        return tip_->traced_call(contract, function, argument, trace, gone_);
    }
    /// 400 for a key that is none.
    Result<ledger::Account> account(const ledger::AccountKey& key) const;
    /// The account's next nonce with the mempool of `view`. `nonce` is the one that `account` gave. A block may come
    /// between the two; then the nonce is read again at the new tip.
    Result<std::uint64_t> next_nonce(const chain::View& view, const ledger::AccountKey& key, std::uint64_t nonce) const;
    Result<std::uint64_t> contract_balance(const ledger::ContractId& contract) const;
    /// The number of accounts. `known` is the number at the newest state that was counted.
    Result<std::uint64_t> account_count() const;
    /// The text that `make` gives for this tip.
    Result<std::shared_ptr<const std::string>> text(
        std::string_view name, const std::function<Result<std::string>(const chain::TipState&)>& make) const;

private:
    /// Sets `missed_`; the failure is never sent.
    std::unexpected<Failure> miss() const;

    const std::shared_ptr<const chain::TipState> tip_;
    const Run run_;
    const chain::TipState::Gone gone_;
    mutable bool missed_ = false;
};

/// The error for a call that gave no value (docs/reference/differences.md 1, 34).
Failure failure_of(const chain::QueryFailure& failure, const ledger::ContractId& contract, std::string_view function);

}  // namespace rues::api
