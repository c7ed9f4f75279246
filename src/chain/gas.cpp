#include "chain/executor.hpp"

/// Gas of native execution (decisions 24). Every figure is the lower end of what a real node spent with a generous
/// limit on chains of 6 to 160 accounts ("Gas seen" of the recorded data's README); the real figure also depends on the
/// depth of its trees.
namespace rues::chain {
namespace {

constexpr std::uint64_t kToExisting = 1'852'700;
constexpr std::uint64_t kToNew = 1'848'500;
constexpr std::uint64_t kToSelf = 1'816'200;
constexpr std::uint64_t kNothingToSelf = 1'809'800;
constexpr std::uint64_t kNothingToOther = 1'843'600;
constexpr std::uint64_t kOtherRefund = 33'300;
constexpr std::uint64_t kMemo = 1'950;  // 1,854,650 for a memo of 0 bytes to an existing account, less the transfer
constexpr std::uint64_t kMemoByte = 82;
constexpr std::uint64_t kArgumentByte = 80;

std::uint64_t transfer(const ledger::Moonlight& tx, const ledger::StateReader& state) {
    if (!tx.receiver) return tx.value == 0 ? kNothingToSelf : kToSelf;
    if (tx.value == 0) return kNothingToOther;
    return state.account(tx.receiver->bytes()) ? kToExisting : kToNew;
}

}  // namespace

std::uint64_t gas_cost(const ledger::Transaction& tx, const ledger::StateReader& state) {
    const auto* body = tx.moonlight();
    if (body == nullptr) return 0;  // never executed (decisions 30)
    std::uint64_t gas = transfer(*body, state);
    if (body->refund_address) gas += kOtherRefund;
    if (const auto memo = tx.memo()) gas += kMemo + kMemoByte * memo->size();
    if (const auto* call = tx.call()) gas += kArgumentByte * call->fn_args.size();
    return gas;
}

}  // namespace rues::chain
