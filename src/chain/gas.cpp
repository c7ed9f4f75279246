#include "chain/executor.hpp"

/// Gas of native execution (docs/reference/differences.md 24). Every figure is the least that the genesis contracts
/// spend with a generous limit: what a real node spent on recorded chains, and what the contracts spend on the local
/// chain's genesis. The real figure varies by up to some thousands with what lies in the contracts' memory. A figure
/// above the least would refuse limits with which a node executes; one below it only lets the block builder decide.
namespace rues::chain {
namespace {

constexpr std::uint64_t kToExisting = 1'852'671;
constexpr std::uint64_t kToNew = 1'848'552;
constexpr std::uint64_t kToSelf = 1'815'563;
constexpr std::uint64_t kNothingToSelf = 1'809'203;
constexpr std::uint64_t kNothingToOther = 1'843'141;
constexpr std::uint64_t kOtherRefund = 33'105;
constexpr std::uint64_t kArgumentByte = 80;

/// 80 a byte, and what the contract's allocator spends besides, which does not grow in even steps: measured without a
/// memo's bytes, with 4 and with 35.
std::uint64_t memo_gas(std::size_t size) {
    constexpr std::uint64_t kByte = 80;
    constexpr std::uint64_t kEmpty = 1'127;
    constexpr std::uint64_t kShort = 1'854'141 - kToExisting - 4 * kByte;
    constexpr std::uint64_t kLong = 1'856'990 - kToExisting - 35 * kByte;
    if (size == 0) return kEmpty;
    return (size < 35 ? kShort : kLong) + kByte * size;
}

std::uint64_t transfer(const ledger::Moonlight& tx, const ledger::StateReader& state) {
    if (!tx.receiver) return tx.value == 0 ? kNothingToSelf : kToSelf;
    if (tx.value == 0) return kNothingToOther;
    return state.account(tx.receiver->bytes()) ? kToExisting : kToNew;
}

}  // namespace

std::uint64_t gas_cost(const ledger::Transaction& tx, const ledger::StateReader& state) {
    const auto* body = tx.moonlight();
    if (body == nullptr) return 0;  // never executed (docs/reference/differences.md 30)
    std::uint64_t gas = transfer(*body, state);
    if (body->refund_address) gas += kOtherRefund;
    if (const auto memo = tx.memo()) gas += memo_gas(memo->size());
    if (const auto* call = tx.call()) gas += kArgumentByte * call->fn_args.size();
    return gas;
}

}  // namespace rues::chain
