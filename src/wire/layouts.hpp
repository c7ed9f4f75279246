#pragma once

#include "wire/rkyv.hpp"

/// The archived types of the genesis contracts: arguments and results of their functions (docs/reference/ledger.md 8.2)
/// and the events they emit (docs/reference/ledger.md 9.2). Each struct carries its table. The Rust compiler chose
/// sizes and offsets, so they do not follow the order of declaration. Integers, `Id` and `Key` are archived as they
/// are; an argument `()` takes no bytes. Keys are the 193 raw bytes of a public key.
namespace rues::wire::layouts {

using rkyv::Field;
using rkyv::Opaque;
using rkyv::StructLayout;
using Key = Opaque<193, 200, 8>;
using BlsSignature = Opaque<97, 104, 8>;
using Scalar = Opaque<32, 32, 8>;  ///< Montgomery limbs
using SchnorrSignature = Opaque<192, 192, 8>;
using StealthAddress = Opaque<320, 320, 8>;
using Id = base::ByteArray<32>;
using Bytes = std::vector<std::uint8_t>;

struct AccountData {
    std::uint64_t nonce = 0, balance = 0;
    using Archived =
        StructLayout<16, Field<&AccountData::nonce, 0, "nonce">, Field<&AccountData::balance, 8, "balance">>;
    friend bool operator==(const AccountData&, const AccountData&) = default;
};
struct StakeAmount {
    std::uint64_t value = 0, locked = 0, eligibility = 0;
    using Archived = StructLayout<24, Field<&StakeAmount::value, 0, "value">, Field<&StakeAmount::locked, 8, "locked">,
                                  Field<&StakeAmount::eligibility, 16, "eligibility">>;
    friend bool operator==(const StakeAmount&, const StakeAmount&) = default;
};
struct StakeData {
    std::optional<StakeAmount> amount;
    std::uint64_t reward = 0;
    std::uint8_t faults = 0, hard_faults = 0;
    using Archived =
        StructLayout<48, Field<&StakeData::amount, 0, "amount">, Field<&StakeData::reward, 32, "reward">,
                     Field<&StakeData::faults, 40, "faults">, Field<&StakeData::hard_faults, 41, "hard_faults">>;
    friend bool operator==(const StakeData&, const StakeData&) = default;
};
using StakeOwner = std::variant<Key, Id>;
struct StakeKeys {
    StakeOwner owner;
    Key account;
    using Archived =
        StructLayout<408, Field<&StakeKeys::owner, 0, "owner">, Field<&StakeKeys::account, 208, "account">>;
    friend bool operator==(const StakeKeys&, const StakeKeys&) = default;
};
struct KeyAndValue {
    Key key;
    std::uint64_t value = 0;
    using Archived = StructLayout<208, Field<&KeyAndValue::key, 0, "0">, Field<&KeyAndValue::value, 200, "1">>;
    friend bool operator==(const KeyAndValue&, const KeyAndValue&) = default;
};

struct StakeConfig {
    std::uint64_t minimum_stake = 0;
    std::uint8_t warnings = 0;
    using Archived = StructLayout<16, Field<&StakeConfig::minimum_stake, 0, "minimum_stake">,
                                  Field<&StakeConfig::warnings, 8, "warnings">>;
    friend bool operator==(const StakeConfig&, const StakeConfig&) = default;
};

/// Argument of the sync feeders (docs/reference/ledger.md 8.2): where the items begin, and the most items.
struct Range {
    std::uint64_t from = 0;
    std::uint64_t limit = 0;  ///< 0: all
    using Archived = StructLayout<16, Field<&Range::from, 0, "0">, Field<&Range::limit, 8, "1">>;
    friend bool operator==(const Range&, const Range&) = default;
};
/// Item of sync_accounts; the items come in the order of these key bytes (docs/reference/ledger.md 8.7).
struct AccountItem {
    AccountData data;
    base::ByteArray<193> key{};
    using Archived = StructLayout<216, Field<&AccountItem::data, 0, "0">, Field<&AccountItem::key, 16, "1">>;
    friend bool operator==(const AccountItem&, const AccountItem&) = default;
};
/// Item of sync_contract_balances.
struct ContractBalanceItem {
    Id contract{};
    std::uint64_t balance = 0;
    using Archived =
        StructLayout<40, Field<&ContractBalanceItem::contract, 0, "0">, Field<&ContractBalanceItem::balance, 32, "1">>;
    friend bool operator==(const ContractBalanceItem&, const ContractBalanceItem&) = default;
};
/// Item of stakes.
struct StakeItem {
    StakeKeys keys;
    StakeData data;
    using Archived = StructLayout<456, Field<&StakeItem::keys, 0, "0">, Field<&StakeItem::data, 408, "1">>;
    friend bool operator==(const StakeItem&, const StakeItem&) = default;
};
/// Item of prev_state_changes.
struct StakeChangeItem {
    Key account;
    std::optional<StakeData> before;
    using Archived =
        StructLayout<256, Field<&StakeChangeItem::account, 0, "0">, Field<&StakeChangeItem::before, 200, "1">>;
    friend bool operator==(const StakeChangeItem&, const StakeChangeItem&) = default;
};

using Receiver = std::variant<StealthAddress, Key>;                    ///< Phoenix, Moonlight
using ReplayToken = std::variant<std::vector<Scalar>, std::uint64_t>;  ///< nullifiers, or a nonce
using WithdrawSignature = std::variant<SchnorrSignature, BlsSignature>;

/// The signatures of the account and of the owner of its stake.
struct StakeSignatures {
    BlsSignature account, owner;
    using Archived =
        StructLayout<208, Field<&StakeSignatures::account, 0, "account">, Field<&StakeSignatures::owner, 104, "owner">>;
    friend bool operator==(const StakeSignatures&, const StakeSignatures&) = default;
};
/// Argument of stake.
struct Stake {
    StakeKeys keys;
    std::uint64_t value = 0;
    StakeSignatures signature;
    std::uint8_t chain_id = 0;
    using Archived = StructLayout<632, Field<&Stake::keys, 0, "keys">, Field<&Stake::value, 408, "value">,
                                  Field<&Stake::signature, 416, "signature">, Field<&Stake::chain_id, 624, "chain_id">>;
    friend bool operator==(const Stake&, const Stake&) = default;
};
/// Argument of the transfer contract's withdraw and convert.
struct Withdraw {
    Receiver receiver;
    ReplayToken token;
    WithdrawSignature signature;
    Id contract{};
    std::uint64_t value = 0;
    using Archived = StructLayout<584, Field<&Withdraw::receiver, 0, "receiver">, Field<&Withdraw::token, 328, "token">,
                                  Field<&Withdraw::signature, 344, "signature">,
                                  Field<&Withdraw::contract, 544, "contract">, Field<&Withdraw::value, 576, "value">>;
    friend bool operator==(const Withdraw&, const Withdraw&) = default;
};
/// Argument of the stake contract's unstake and withdraw.
struct StakeWithdraw {
    Withdraw transfer;
    Key account;
    StakeSignatures signature;
    using Archived = StructLayout<992, Field<&StakeWithdraw::transfer, 0, "transfer_withdraw">,
                                  Field<&StakeWithdraw::account, 584, "account">,
                                  Field<&StakeWithdraw::signature, 784, "signature">>;
    friend bool operator==(const StakeWithdraw&, const StakeWithdraw&) = default;
};

struct MoonlightEvent {
    std::optional<Key> receiver;
    std::optional<KeyAndValue> refund_info;
    Key sender;
    std::uint64_t value = 0;
    Bytes memo;
    std::uint64_t gas_spent = 0;
    using Archived =
        StructLayout<648, Field<&MoonlightEvent::receiver, 0, "receiver">,
                     Field<&MoonlightEvent::refund_info, 208, "refund_info">,
                     Field<&MoonlightEvent::sender, 424, "sender">, Field<&MoonlightEvent::value, 624, "value">,
                     Field<&MoonlightEvent::memo, 632, "memo">, Field<&MoonlightEvent::gas_spent, 640, "gas_spent">>;
    friend bool operator==(const MoonlightEvent&, const MoonlightEvent&) = default;
};
/// Argument of mint_to_contract and contract_to_contract: the function that is called in `contract`, and its data.
struct ContractToContract {
    Id contract{};
    std::uint64_t value = 0;
    std::string fn_name;
    Bytes data;
    using Archived =
        StructLayout<56, Field<&ContractToContract::contract, 0, "contract">,
                     Field<&ContractToContract::value, 32, "value">, Field<&ContractToContract::fn_name, 40, "fn_name">,
                     Field<&ContractToContract::data, 48, "data">>;
    friend bool operator==(const ContractToContract&, const ContractToContract&) = default;
};
/// Argument that the called contract gets in that case.
struct ReceiveFromContract {
    Id contract{};
    std::uint64_t value = 0;
    Bytes data;
    using Archived =
        StructLayout<48, Field<&ReceiveFromContract::contract, 0, "contract">,
                     Field<&ReceiveFromContract::value, 32, "value">, Field<&ReceiveFromContract::data, 40, "data">>;
    friend bool operator==(const ReceiveFromContract&, const ReceiveFromContract&) = default;
};
struct ContractToAccount {
    Key account;
    std::uint64_t value = 0;
    using Archived = StructLayout<208, Field<&ContractToAccount::account, 0, "account">,
                                  Field<&ContractToAccount::value, 200, "value">>;
    friend bool operator==(const ContractToAccount&, const ContractToAccount&) = default;
};
/// Argument of the stake contract's unstake_from_contract and withdraw_from_contract.
struct WithdrawToContract {
    Key account;
    std::uint64_t value = 0;
    std::string fn_name;
    Bytes data;
    using Archived = StructLayout<
        224, Field<&WithdrawToContract::account, 0, "account">, Field<&WithdrawToContract::value, 200, "value">,
        Field<&WithdrawToContract::fn_name, 208, "fn_name">, Field<&WithdrawToContract::data, 216, "data">>;
    friend bool operator==(const WithdrawToContract&, const WithdrawToContract&) = default;
};

struct WithdrawEvent {  ///< also mint
    Receiver receiver;
    Id sender{};
    std::uint64_t value = 0;
    using Archived =
        StructLayout<368, Field<&WithdrawEvent::receiver, 0, "receiver">, Field<&WithdrawEvent::sender, 328, "sender">,
                     Field<&WithdrawEvent::value, 360, "value">>;
    friend bool operator==(const WithdrawEvent&, const WithdrawEvent&) = default;
};
struct ConvertEvent {
    std::optional<Key> sender;
    Receiver receiver;
    std::uint64_t value = 0;
    using Archived =
        StructLayout<544, Field<&ConvertEvent::sender, 0, "sender">, Field<&ConvertEvent::receiver, 208, "receiver">,
                     Field<&ConvertEvent::value, 536, "value">>;
    friend bool operator==(const ConvertEvent&, const ConvertEvent&) = default;
};
struct DepositEvent {
    std::optional<Key> sender;
    Id receiver{};
    std::uint64_t value = 0;
    using Archived =
        StructLayout<248, Field<&DepositEvent::sender, 0, "sender">, Field<&DepositEvent::receiver, 208, "receiver">,
                     Field<&DepositEvent::value, 240, "value">>;
    friend bool operator==(const DepositEvent&, const DepositEvent&) = default;
};
struct ContractToContractEvent {  ///< also mint_c
    Id sender{}, receiver{};
    std::uint64_t value = 0;
    using Archived = StructLayout<72, Field<&ContractToContractEvent::sender, 0, "sender">,
                                  Field<&ContractToContractEvent::receiver, 32, "receiver">,
                                  Field<&ContractToContractEvent::value, 64, "value">>;
    friend bool operator==(const ContractToContractEvent&, const ContractToContractEvent&) = default;
};
struct ContractToAccountEvent {
    Id sender{};
    Key receiver;
    std::uint64_t value = 0;
    using Archived = StructLayout<240, Field<&ContractToAccountEvent::sender, 0, "sender">,
                                  Field<&ContractToAccountEvent::receiver, 32, "receiver">,
                                  Field<&ContractToAccountEvent::value, 232, "value">>;
    friend bool operator==(const ContractToAccountEvent&, const ContractToAccountEvent&) = default;
};
struct StakeEvent {  ///< stake, unstake, withdraw
    StakeKeys keys;
    std::uint64_t value = 0, locked = 0;
    using Archived = StructLayout<424, Field<&StakeEvent::keys, 0, "keys">, Field<&StakeEvent::value, 408, "value">,
                                  Field<&StakeEvent::locked, 416, "locked">>;
    friend bool operator==(const StakeEvent&, const StakeEvent&) = default;
};
struct SlashEvent {  ///< also hard_slash
    Key account;
    std::uint64_t value = 0, next_eligibility = 0;
    using Archived =
        StructLayout<216, Field<&SlashEvent::account, 0, "account">, Field<&SlashEvent::value, 200, "value">,
                     Field<&SlashEvent::next_eligibility, 208, "next_eligibility">>;
    friend bool operator==(const SlashEvent&, const SlashEvent&) = default;
};
enum class RewardReason : std::uint8_t { generator_fixed, generator_extra, voter, other };
struct Reward {
    Key account;
    std::uint64_t value = 0;
    RewardReason reason{};
    using Archived = StructLayout<216, Field<&Reward::account, 0, "account">, Field<&Reward::value, 200, "value">,
                                  Field<&Reward::reason, 208, "reason">>;
    friend bool operator==(const Reward&, const Reward&) = default;
};

using RewardEvent = std::vector<Reward>;

}  // namespace rues::wire::layouts

namespace rues::wire {

template <>
struct rkyv::Layout<layouts::RewardReason> : rkyv::EnumLayout<layouts::RewardReason, 4> {};

template <>
struct rkyv::Layout<layouts::StakeOwner> : rkyv::VariantLayout<layouts::StakeOwner, "Account", "Contract"> {};

template <>
struct rkyv::Layout<layouts::Receiver> : rkyv::VariantLayout<layouts::Receiver, "Phoenix", "Moonlight"> {};

template <>
struct rkyv::Layout<layouts::ReplayToken> : rkyv::VariantLayout<layouts::ReplayToken, "Phoenix", "Moonlight"> {};

template <>
struct rkyv::Layout<layouts::WithdrawSignature>
    : rkyv::VariantLayout<layouts::WithdrawSignature, "Phoenix", "Moonlight"> {};

}  // namespace rues::wire
