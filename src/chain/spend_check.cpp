#include "chain/spend_check.hpp"

#include <functional>

#include "chain/contract_calls.hpp"

namespace rues::chain {
namespace {

/// The dearest transfer that a recorded chain has, with another refund address, rounded up.
constexpr std::uint64_t kTransferGas = 1'900'000;
/// Gas of a transfer of notes; the proof's check is 10,000,000 of it (docs/reference/rusk-1.7.md 7.3).
constexpr std::uint64_t kNotesGas = 20'000'000;
constexpr std::uint64_t kGasPerNullifier = 1'000'000;
/// Of arguments, names, memos: recorded, 80 a byte.
constexpr std::uint64_t kGasPerByte = 100;
/// A transfer succeeds with a limit this far below what it spends with a generous one: the last check of its gas comes
/// before the last operators (docs/reference/machine.md 2.1; recorded data's README, surprise 3).
constexpr std::uint64_t kUnchecked = 392;

/// `tx` with another gas limit, and as if it came next: its nonce does not change its gas. The spend of notes does not
/// look at the limit either.
ledger::Transaction with_limit(const ledger::Transaction& tx, std::uint64_t limit, const AdmissionState& state) {
    if (const auto* notes = tx.phoenix()) {
        auto other = *notes;
        other.gas_limit = limit;
        return ledger::Transaction(std::move(other));
    }
    auto other = *tx.moonlight();
    other.gas_limit = limit;
    other.nonce = account_nonce(tx, state) + 1;
    return ledger::Transaction(std::move(other));
}

/// The gas that the spend takes with its limit; nullopt when it is not enough. Other failures take 0.
std::optional<std::uint64_t> spent_by(const TipState& tip, const ledger::Transaction& tx) {
    std::optional<std::uint64_t> out = 0;
    vm::Environment environment = tip.environment();
    ++environment.height;
    tip.queries().with_session(tip.state(), environment, "a check of a transaction", [&](vm::Session& session) {
        const std::size_t nullifiers = tx.phoenix() != nullptr ? tx.phoenix()->nullifiers.size() : 0;
        session.public_sender(calls::public_sender(tx));
        session.hook(std::bind_front(&calls::refuse_nested, nullifiers));
        if (auto question = calls::spend_question(tx))
            session.know(question->query, question->argument, base::Bytes{std::byte{1}});
        const auto done =
            session.call(ledger::kTransferContract, calls::kSpendAndExecute, calls::spend(tx), tx.gas_limit());
        if (done) {
            out = done->gas_spent;
        } else if (done.error().kind == vm::Failure::Kind::out_of_gas) {
            out = std::nullopt;
        }
    });
    return out;
}

}  // namespace

std::uint64_t spend_estimate(const ledger::Transaction& tx) {
    std::size_t bytes = 0;
    if (const auto memo = tx.memo()) bytes = memo->size();
    if (const auto* call = tx.call()) bytes = call->fn_name.size() + call->fn_args.size();
    if (const auto* deploy = tx.deploy())
        bytes = deploy->owner.size() + (deploy->init_args ? deploy->init_args->size() : 0);
    if (const auto* notes = tx.phoenix())
        return kNotesGas + kGasPerNullifier * notes->nullifiers.size() + kGasPerByte * bytes;
    return kTransferGas + kGasPerByte * bytes;
}

std::optional<std::uint64_t> spend_check(const TipState& tip, const ledger::Transaction& tx,
                                         const AdmissionState& state) {
    const std::uint64_t generous = 2 * spend_estimate(tx);
    if (tx.gas_limit() >= generous) return std::nullopt;
    if (spent_by(tip, with_limit(tx, tx.gas_limit(), state))) return std::nullopt;
    const auto spent = spent_by(tip, with_limit(tx, generous, state));
    if (!spent || *spent == 0) return generous;
    if (*spent > kUnchecked && spent_by(tip, with_limit(tx, *spent - kUnchecked, state))) return *spent - kUnchecked;
    return spent;
}

}  // namespace rues::chain
