#include <cstdlib>

#include "wire/transaction_layouts.hpp"

namespace {

using namespace rues;

/// A value that is read and archived again reads to the same value. Its bytes may differ: padding and unused bytes are
/// not kept.
template <typename T>
void read_as(base::ByteView bytes) {
    const auto value = wire::rkyv::unarchive<T>(bytes);
    if (!value) return;
    const auto again = wire::rkyv::unarchive<T>(wire::rkyv::archive(*value));
    if (!again || !(*again == *value)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wire::layouts;
    const base::ByteView bytes = std::as_bytes(std::span(data, size));
    read_as<AccountData>(bytes);
    read_as<std::optional<StakeData>>(bytes);
    read_as<std::optional<StakeKeys>>(bytes);
    read_as<std::vector<Scalar>>(bytes);
    read_as<StakeItem>(bytes);
    read_as<StakeChangeItem>(bytes);
    read_as<AccountItem>(bytes);
    read_as<Stake>(bytes);
    read_as<Withdraw>(bytes);
    read_as<StakeWithdraw>(bytes);
    read_as<MoonlightEvent>(bytes);
    read_as<WithdrawEvent>(bytes);
    read_as<ConvertEvent>(bytes);
    read_as<DepositEvent>(bytes);
    read_as<ContractToContractEvent>(bytes);
    read_as<ContractToAccountEvent>(bytes);
    read_as<StakeEvent>(bytes);
    read_as<ContractToContract>(bytes);
    read_as<WithdrawToContract>(bytes);
    read_as<NoteLeaf>(bytes);
    read_as<std::optional<NoteOpening>>(bytes);
    read_as<PhoenixEvent>(bytes);
    read_as<Transaction>(bytes);
    read_as<SlashEvent>(bytes);
    read_as<RewardEvent>(bytes);
    return 0;
}
