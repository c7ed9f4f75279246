#include "api/contract_state.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "wire/layouts.hpp"

namespace rues::api {

std::unexpected<Failure> ContractState::miss() const {
    missed_ = true;
    return fail(ErrorCode::internal);
}

Result<base::Bytes> ContractState::call(const ledger::ContractId& contract, std::string_view function,
                                        base::ByteView argument) const {
    if (auto kept = tip_->kept(contract, function, argument)) return std::move(*kept);
    if (run_ == Run::no) return miss();
    auto answer = tip_->call(contract, function, argument, gone_);
    if (!answer) return std::unexpected(failure_of(answer.error(), contract, function));
    return std::move(*answer);
}

Result<ledger::Account> ContractState::account(const ledger::AccountKey& key) const {
    if (const auto kept = tip_->kept_account(key)) return *kept;
    if (run_ == Run::no) return miss();
    const auto decoded = tip_->queries().keys().decode(key);
    if (!decoded) return fail(ErrorCode::invalid_input, "Invalid bls account");
    const auto found = tip_->account(*decoded);
    if (!found) return std::unexpected(failure_of(found.error(), ledger::kTransferContract, "account"));
    return *found;
}

Result<std::uint64_t> ContractState::next_nonce(const chain::View& view, const ledger::AccountKey& key,
                                                std::uint64_t nonce) const {
    for (auto tip = tip_;;) {
        const auto next = view.next_nonce(key, nonce);
        auto now = view.state();
        if (now == tip) return next;  // a block changes state and mempool at once, so both were of this tip
        if (run_ == Run::no) return miss();
        tip = std::move(now);
        const auto account = ContractState(tip, run_, gone_).account(key);
        if (!account) return std::unexpected(account.error());
        nonce = account->nonce;
    }
}

Result<std::uint64_t> ContractState::contract_balance(const ledger::ContractId& contract) const {
    const auto answer = call(ledger::kTransferContract, "contract_balance", contract);
    if (!answer) return std::unexpected(answer.error());
    const auto balance = wire::rkyv::unarchive<std::uint64_t>(*answer);
    if (!balance) return fail(ErrorCode::internal, "a balance is not of its type");
    return *balance;
}

Result<std::uint64_t> ContractState::account_count() const {
    if (const auto kept = tip_->kept_account_count()) return *kept;
    if (run_ == Run::no) return miss();
    const auto counted = tip_->account_count();
    if (!counted) return std::unexpected(failure_of(counted.error(), ledger::kTransferContract, "sync_accounts"));
    return *counted;
}

Result<std::shared_ptr<const std::string>> ContractState::text(
    std::string_view name, const std::function<Result<std::string>(const chain::TipState&)>& make) const {
    if (auto kept = tip_->kept_text(name)) return kept;
    if (run_ == Run::no) return miss();
    auto made = make(*tip_);
    if (!made) return std::unexpected(made.error());
    return tip_->keep_text(name, std::move(*made));
}

Failure failure_of(const chain::QueryFailure& failure, const ledger::ContractId& contract, std::string_view function) {
    using Kind = chain::QueryFailure::Kind;
    switch (failure.kind) {
    case Kind::panic:
        return {ErrorCode::vm_error, "Panic: " + failure.text};
    case Kind::out_of_gas:
        return {ErrorCode::vm_error, "OutOfGas"};
    case Kind::does_not_exist:
        return {ErrorCode::not_found, fmt::format("contract {}", base::to_hex(contract))};
    case Kind::deadline:
        return {ErrorCode::vm_error, "the function took longer than this node allows"};
    case Kind::too_many_pages:
        return {ErrorCode::vm_error, "the function wrote more memory than this node allows"};
    case Kind::unknown:
        break;
    }
    if (failure.text == chain::kNoFunction) return {ErrorCode::not_found, fmt::format("function {}", function)};
    if (failure.text == chain::kMissingFeed)
        return {ErrorCode::invalid_input, "rusk-feeder header is missing (Missing feed)"};
    return {ErrorCode::vm_error, "Unknown"};
}

}  // namespace rues::api
