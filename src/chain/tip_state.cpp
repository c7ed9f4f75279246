#include "chain/tip_state.hpp"

#include "base/endian.hpp"
#include "chain/contract_calls.hpp"
#include "crypto/hash.hpp"
#include "wire/layouts.hpp"

namespace rues::chain {
namespace {

namespace layouts = wire::layouts;

base::Hash32 question_hash(const ledger::ContractId& contract, std::string_view function, base::ByteView argument) {
    base::Writer out(40 + function.size() + argument.size());
    out.put(base::ByteView(contract)).put(static_cast<std::uint64_t>(function.size()));
    out.put(base::view(function)).put(argument);
    return crypto::blake3(out.bytes());
}

QueryFailure not_of_its_type(std::string_view function) {
    return {QueryFailure::Kind::unknown, "the answer of " + std::string(function) + " is not of its type"};
}

}  // namespace

std::shared_ptr<const base::Bytes> TipState::owner(const ledger::ContractId& contract) const {
    const auto* found = state_->find(contract);
    return found != nullptr ? found->owner : nullptr;
}

std::optional<ContractProperties> TipState::properties(const ledger::ContractId& contract) const {
    const auto* found = state_->find(contract);
    if (found == nullptr) return std::nullopt;
    return ContractProperties{found->code->bytes.size(), found->code->hash, found->owner, found->image.size_pages()};
}

std::optional<base::Bytes> TipState::kept(const ledger::ContractId& contract, std::string_view function,
                                          base::ByteView argument) const {
    if (argument.size() > kMaxArgumentBytes) return std::nullopt;
    const auto question = question_hash(contract, function, argument);
    const std::lock_guard lock(mutex_);
    const auto found = answers_.find(question);
    return found != answers_.end() ? std::optional(found->second) : std::nullopt;
}

std::expected<base::Bytes, QueryFailure> TipState::call(const ledger::ContractId& contract, std::string_view function,
                                                        base::ByteView argument, const Gone& gone) const {
    auto receipt = queries_.call(state_, environment_, contract, function, argument, gone);
    if (!receipt) return std::unexpected(std::move(receipt.error()));
    if (argument.size() <= kMaxArgumentBytes && receipt->data.size() <= kMaxAnswerBytes) {
        const auto question = question_hash(contract, function, argument);
        const std::lock_guard lock(mutex_);
        if (answers_.size() < kMaxAnswers && answer_bytes_ + receipt->data.size() <= kMaxKeptBytes &&
            answers_.try_emplace(question, receipt->data).second)
            answer_bytes_ += receipt->data.size();
    }
    return std::move(receipt->data);
}

std::expected<base::Bytes, QueryFailure> TipState::traced_call(const ledger::ContractId& contract,
                                                               std::string_view function, base::ByteView argument,
                                                               vm::CallTrace& trace, const Gone& gone) const {
    std::expected<base::Bytes, QueryFailure> out;
    queries_.with_session(
        state_, environment_, kQuery,
        [&](vm::Session& session) {
            session.trace(&trace);
            auto receipt = session.call(contract, function, argument, queries_.bounds().gas);
            if (receipt) {
                out = std::move(receipt->data);
            } else {
                out = std::unexpected(std::move(receipt.error()));
            }
        },
        gone);
    return out;
}

std::expected<void, QueryFailure> TipState::feed(const ledger::ContractId& contract, std::string_view function,
                                                 base::ByteView argument, const vm::Sink& sink,
                                                 const Gone& gone) const {
    auto receipt = queries_.feed(state_, environment_, contract, function, argument, sink, gone);
    if (!receipt) return std::unexpected(std::move(receipt.error()));
    return {};
}

std::optional<ledger::Account> TipState::kept_account(const ledger::AccountKey& key) const {
    const std::lock_guard lock(mutex_);
    const auto found = accounts_.find(key);
    return found != accounts_.end() ? std::optional(found->second) : std::nullopt;
}

std::expected<ledger::Account, QueryFailure> TipState::account(const crypto::PublicKey& key) const {
    if (const auto found = kept_account(key.bytes())) return *found;
    const auto receipt =
        queries_.call(state_, environment_, ledger::kTransferContract, calls::kAccount, calls::key(key), {});
    if (!receipt) return std::unexpected(receipt.error());
    const auto data = wire::rkyv::unarchive<layouts::AccountData>(receipt->data);
    if (!data) return std::unexpected(not_of_its_type(calls::kAccount));
    const ledger::Account out{data->nonce, data->balance};
    const std::lock_guard lock(mutex_);
    if (accounts_.size() < kMaxAccounts) accounts_.try_emplace(key.bytes(), out);
    return out;
}

std::expected<std::vector<base::Hash32>, QueryFailure> TipState::spent_nullifiers(
    std::span<const base::Hash32> nullifiers) const {
    const auto answer = call(ledger::kTransferContract, calls::kExistingNullifiers, calls::nullifiers(nullifiers));
    if (!answer) return std::unexpected(answer.error());
    auto spent = calls::nullifiers_of(*answer);
    if (!spent) return std::unexpected(not_of_its_type(calls::kExistingNullifiers));
    return std::move(*spent);
}

std::expected<std::uint64_t, QueryFailure> TipState::account_count() const {
    if (const auto found = kept_account_count()) return *found;
    const std::uint64_t known = line_->accounts;
    std::uint64_t count = known;
    const auto fed = feed(ledger::kTransferContract, calls::kSyncAccounts,
                          wire::rkyv::archive(layouts::Range{known, 0}), [&count](base::ByteView) {
                              ++count;
                              return true;
                          });
    if (!fed) return std::unexpected(fed.error());
    for (auto before = line_->accounts.load();
         before < count && !line_->accounts.compare_exchange_weak(before, count);) {
    }
    const std::lock_guard lock(mutex_);
    account_count_ = count;
    return count;
}

std::optional<std::uint64_t> TipState::kept_account_count() const {
    const std::lock_guard lock(mutex_);
    return account_count_;
}

std::shared_ptr<const std::string> TipState::kept_text(std::string_view name) const {
    const std::lock_guard lock(mutex_);
    const auto found = texts_.find(name);
    return found != texts_.end() ? found->second : nullptr;
}

std::shared_ptr<const std::string> TipState::keep_text(std::string_view name, std::string text) const {
    auto kept = std::make_shared<const std::string>(std::move(text));
    const std::lock_guard lock(mutex_);
    texts_.insert_or_assign(std::string(name), kept);
    return kept;
}

}  // namespace rues::chain
