#include "drivers/tables.hpp"

#include "drivers/codec.hpp"

namespace rues::drivers {
namespace {

namespace layouts = wire::layouts;

constexpr auto& kU64 = kCodec<std::uint64_t>;
constexpr auto& kKey = kCodec<layouts::Key>;
constexpr auto& kRange = kCodec<layouts::Range>;
constexpr auto& kNoLeaves = kUnsupported<"unsupported">;

constexpr Function kTransferFunctions[] = {
    {"convert", "Withdraw", "()", kCodec<layouts::Withdraw>, kUnit},
    {"deposit", "u64", "()", kU64, kUnit},
    {"mint", "Withdraw", "()", kCodec<layouts::Withdraw>, kUnit},
    {"withdraw", "Withdraw", "()", kCodec<layouts::Withdraw>, kUnit},
    {"mint_to_contract", "ContractToContract", "()", kCodec<layouts::ContractToContract>, kUnit},
    {"contract_to_contract", "ContractToContract", "()", kCodec<layouts::ContractToContract>, kUnit},
    {"contract_to_account", "ContractToAccount", "()", kCodec<layouts::ContractToAccount>, kUnit},
    {"root", "()", "BlsScalar", kUnit, kCodec<layouts::Scalar>},
    {"num_notes", "()", "u64", kUnit, kU64},
    {"chain_id", "()", "u8", kUnit, kCodec<std::uint8_t>},
    {"account", "AccountPublicKey", "AccountData", kKey, kCodec<layouts::AccountData>},
    {"contract_balance", "ContractId", "u64", kCodec<layouts::Id>, kU64},
    {"opening", "u64", "unsupported", kU64, kUnsupported<"opening not supported">},
    {"existing_nullifiers", "Vec<BlsScalar>", "Vec<BlsScalar>", kCodec<std::vector<layouts::Scalar>>,
     kCodec<std::vector<layouts::Scalar>>},
    {"leaves_from_height", "u64", "unsupported", kU64, kNoLeaves},
    {"leaves_from_pos", "u64", "unsupported", kU64, kNoLeaves},
    {"sync", "(u64,u64)", "unsupported", kRange, kNoLeaves},
    {"sync_nullifiers", "(u64,u64)", "BlsScalar", kRange, kCodec<layouts::Scalar>},
    {"sync_contract_balances", "(u64,u64)", "(ContractId,u64)", kRange, kCodec<layouts::ContractBalanceItem>},
    {"sync_accounts", "(u64,u64)", "(AccountData,AccountPublicKey)", kRange, kCodec<layouts::AccountItem>},
};

constexpr EventType kTransferEvents[] = {
    {"moonlight", "MoonlightTransactionEvent", &decode<layouts::MoonlightEvent>},
    {"phoenix", "PhoenixTransactionEvent", &decode<layouts::PhoenixEvent>},
    {"contract_to_contract", "ContractToContractEvent", &decode<layouts::ContractToContractEvent>},
    {"mint_c", "ContractToContractEvent", &decode<layouts::ContractToContractEvent>},
    {"contract_to_account", "ContractToAccountEvent", &decode<layouts::ContractToAccountEvent>},
    {"withdraw", "WithdrawEvent", &decode<layouts::WithdrawEvent>},
    {"mint", "WithdrawEvent", &decode<layouts::WithdrawEvent>},
    {"deposit", "DepositEvent", &decode<layouts::DepositEvent>},
    {"convert", "ConvertEvent", &decode<layouts::ConvertEvent>},
};

// UNVERIFIED: how the published driver names the types of this contract in its schema; the names are those of the
// Rust types, as the transfer contract's are.
constexpr Function kStakeFunctions[] = {
    {"stake", "Stake", "()", kCodec<layouts::Stake>, kUnit},
    {"unstake", "Withdraw", "()", kCodec<layouts::StakeWithdraw>, kUnit},
    {"withdraw", "Withdraw", "()", kCodec<layouts::StakeWithdraw>, kUnit},
    {"stake_from_contract", "ReceiveFromContract", "()", kCodec<layouts::ReceiveFromContract>, kUnit},
    {"unstake_from_contract", "WithdrawToContract", "()", kCodec<layouts::WithdrawToContract>, kUnit},
    {"withdraw_from_contract", "WithdrawToContract", "()", kCodec<layouts::WithdrawToContract>, kUnit},
    {"get_stake", "AccountPublicKey", "Option<StakeData>", kKey, kCodec<std::optional<layouts::StakeData>>},
    {"get_stake_keys", "AccountPublicKey", "Option<StakeKeys>", kKey, kCodec<std::optional<layouts::StakeKeys>>},
    {"burnt_amount", "()", "u64", kIgnoredUnit, kU64},
    {"get_version", "()", "u64", kIgnoredUnit, kU64},
    {"get_config", "()", "StakeConfig", kIgnoredUnit, kCodec<layouts::StakeConfig>},
    {"stakes", "()", "(StakeKeys,StakeData)", kIgnoredUnit, kCodec<layouts::StakeItem>},
    {"prev_state_changes", "()", "(AccountPublicKey,Option<StakeData>)", kIgnoredUnit,
     kCodec<layouts::StakeChangeItem>},
};

constexpr EventType kStakeEvents[] = {
    {"stake", "StakeEvent", &decode<layouts::StakeEvent>},
    {"unstake", "StakeEvent", &decode<layouts::StakeEvent>},
    {"withdraw", "StakeEvent", &decode<layouts::StakeEvent>},
    {"reward", "Vec<Reward>", &decode<layouts::RewardEvent>},
    {"slash", "SlashEvent", &decode<layouts::SlashEvent>},
    {"hard_slash", "SlashEvent", &decode<layouts::SlashEvent>},
};

}  // namespace

constexpr Driver kTransferDriver("TransferContract", kTransferFunctions, kTransferEvents);
constexpr Driver kStakeDriver("StakeContract", kStakeFunctions, kStakeEvents);

}  // namespace rues::drivers
