#include "chain/spend_check.hpp"

#include "chain/contract_calls.hpp"

namespace rues::chain {
namespace {

/// The dearest transfer that a recorded chain has, with another refund address, rounded up.
constexpr std::uint64_t kTransferGas = 1'900'000;
/// Of arguments, names, memos: recorded, 80 a byte.
constexpr std::uint64_t kGasPerByte = 100;
/// A transfer succeeds with a limit this far below what it spends with a generous one: the last check of its gas comes
/// before the last operators (docs/reference/machine.md 2.1; recorded data's README, surprise 3).
constexpr std::uint64_t kUnchecked = 392;

/// The gas that the spend takes with this limit; nullopt when it is not enough. Other failures take 0.
std::optional<std::uint64_t> spent_with(const TipState& tip, const ledger::Moonlight& body, std::uint64_t limit) {
    auto other = body;
    other.gas_limit = limit;
    const ledger::Transaction tx(std::move(other));
    std::optional<std::uint64_t> out = 0;
    vm::Environment environment = tip.environment();
    ++environment.height;
    tip.queries().with_session(tip.state(), environment, "a check of a transaction", [&](vm::Session& session) {
        session.public_sender(calls::public_sender(body.sender));
        session.hook(&calls::refuse_nested);
        session.know("verify_bls", calls::signature_question(tx), base::Bytes{std::byte{1}});
        const auto done = session.call(ledger::kTransferContract, calls::kSpendAndExecute, calls::spend(tx), limit);
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
    return kTransferGas + kGasPerByte * bytes;
}

std::optional<std::uint64_t> spend_check(const TipState& tip, const ledger::Transaction& tx,
                                         const ledger::Account& sender) {
    const std::uint64_t generous = 2 * spend_estimate(tx);
    if (tx.gas_limit() >= generous) return std::nullopt;
    // A transaction behind a pooled one is executed as if it came next: its nonce does not change its gas.
    auto body = *tx.moonlight();
    body.nonce = sender.nonce + 1;
    if (spent_with(tip, body, tx.gas_limit())) return std::nullopt;
    const auto spent = spent_with(tip, body, generous);
    if (!spent || *spent == 0) return generous;
    if (*spent > kUnchecked && spent_with(tip, body, *spent - kUnchecked)) return *spent - kUnchecked;
    return spent;
}

}  // namespace rues::chain
