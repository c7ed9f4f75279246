#include "wire/layouts.hpp"

#include <gtest/gtest.h>

#include "unit/wire/golden.hpp"

namespace rues::wire::layouts {
namespace {

Key key(std::string_view archived_hex) {
    return {base::to_array<193>(*base::from_hex(archived_hex))};
}

const Key kP0 = key(golden::kP0);
const Key kP1 = key(golden::kP1);

Id contract(std::uint8_t first) {
    Id id{};
    id[0] = std::byte{first};
    return id;
}

/// Expects that `value` is archived as `text` (form of golden.hpp) and is read back from it.
template <typename T>
void expect_archive(const T& value, std::string_view text) {
    EXPECT_EQ(base::to_hex(rkyv::archive(value)), golden::expand(text));
    const auto back = rkyv::unarchive<T>(golden::bytes(text));
    ASSERT_TRUE(back) << back.error();
    EXPECT_TRUE(*back == value);
}

TEST(Layouts, sizes_are_those_of_LM_8_2_and_9_2) {
    using rkyv::kArchivedSize;
    EXPECT_EQ(kArchivedSize<Scalar>, 32U);
    EXPECT_EQ(kArchivedSize<Key>, 200U);
    EXPECT_EQ(kArchivedSize<BlsSignature>, 104U);
    EXPECT_EQ(kArchivedSize<StealthAddress>, 320U);
    EXPECT_EQ(kArchivedSize<AccountData>, 16U);
    EXPECT_EQ(kArchivedSize<StakeAmount>, 24U);
    EXPECT_EQ(kArchivedSize<StakeData>, 48U);
    EXPECT_EQ(kArchivedSize<std::optional<StakeData>>, 56U);
    EXPECT_EQ(kArchivedSize<StakeOwner>, 208U);
    EXPECT_EQ(kArchivedSize<StakeKeys>, 408U);
    EXPECT_EQ(kArchivedSize<std::optional<StakeKeys>>, 416U);
    EXPECT_EQ(kArchivedSize<StakeConfig>, 16U);
    EXPECT_EQ(kArchivedSize<Stake>, 632U);
    EXPECT_EQ(kArchivedSize<Receiver>, 328U);
    EXPECT_EQ(kArchivedSize<ReplayToken>, 16U);
    EXPECT_EQ(kArchivedSize<WithdrawSignature>, 200U);
    EXPECT_EQ(kArchivedSize<Withdraw>, 584U);
    EXPECT_EQ(kArchivedSize<StakeWithdraw>, 992U);
    EXPECT_EQ(kArchivedSize<StakeItem>, 456U);
    EXPECT_EQ(kArchivedSize<StakeChangeItem>, 256U);
    EXPECT_EQ(kArchivedSize<AccountItem>, 216U);
    EXPECT_EQ(kArchivedSize<ContractBalanceItem>, 40U);
    EXPECT_EQ(kArchivedSize<KeyAndValue>, 208U);
    EXPECT_EQ(kArchivedSize<Range>, 16U);
    EXPECT_EQ(kArchivedSize<MoonlightEvent>, 648U);
    EXPECT_EQ(kArchivedSize<WithdrawEvent>, 368U);
    EXPECT_EQ(kArchivedSize<ConvertEvent>, 544U);
    EXPECT_EQ(kArchivedSize<DepositEvent>, 248U);
    EXPECT_EQ(kArchivedSize<ContractToContractEvent>, 72U);
    EXPECT_EQ(kArchivedSize<ContractToAccountEvent>, 240U);
    EXPECT_EQ(kArchivedSize<StakeEvent>, 424U);
    EXPECT_EQ(kArchivedSize<SlashEvent>, 216U);
    EXPECT_EQ(kArchivedSize<Reward>, 216U);
}

// docs/reference/ledger.md 8.5
TEST(Layouts, results_of_the_transfer_contract_are_archived_as_recorded) {
    expect_archive(std::uint8_t{0}, "00");
    expect_archive(AccountData{.nonce = 0, .balance = 1'001'000'000'000'000}, "000000000000000000906b79678e0300");
    expect_archive(AccountData{}, "z16");
    expect_archive(std::uint64_t{2'000'000'000'000}, "00204aa9d1010000");
    expect_archive(std::vector<Scalar>{}, "z8");
    Scalar x;
    x.bytes.fill(std::byte{0x5a});
    expect_archive(std::vector<Scalar>{x},
                   std::string(64, ' ').replace(0, 64, base::to_hex(x.bytes)) + " e0ffffff01000000");
    expect_archive(ContractBalanceItem{.contract = contract(2), .balance = 2'000'000'000'000},
                   "02 z31 00204aa9d1010000");
}

// docs/reference/ledger.md 8.5
TEST(Layouts, results_of_the_stake_contract_are_archived_as_recorded) {
    expect_archive(std::optional<StakeData>{}, "z56");
    expect_archive(
        std::optional(StakeData{.amount = StakeAmount{.value = 1'000'000'000'321, .locked = 0, .eligibility = 4320},
                                .reward = 0,
                                .faults = 0,
                                .hard_faults = 0}),
        "0100000000000000 0100000000000000 4111a5d4e8000000 0000000000000000 e010000000000000 z16");
    expect_archive(std::optional(StakeKeys{.owner = kP1, .account = kP1}), "01 z7 00 z7 P1 P1");
    expect_archive(std::uint64_t{8}, "0800000000000000");
    expect_archive(StakeConfig{.minimum_stake = 1'000'000'000'000, .warnings = 1}, "0010a5d4e80000000100000000000000");
}

// docs/reference/ledger.md 8.5: "0313a5d4e8000000 3200000000000000 e010", "4c2a2e8cd1000000 6ee8764817000000
// c021000000000000 … faults 02"
TEST(Layouts, stakes_after_a_top_up_and_after_two_slashes_are_archived_as_recorded) {
    expect_archive(StakeData{.amount = StakeAmount{.value = 1'000'000'000'771, .locked = 50, .eligibility = 4320},
                             .reward = 0,
                             .faults = 0,
                             .hard_faults = 0},
                   "01 z7 0313a5d4e8000000 3200000000000000 e010000000000000 z16");
    expect_archive(
        StakeData{.amount = StakeAmount{.value = 900'000'000'588, .locked = 100'000'000'110, .eligibility = 8640},
                  .reward = 0,
                  .faults = 2,
                  .hard_faults = 0},
        "01 z7 4c2a2e8cd1000000 6ee8764817000000 c021000000000000 z8 02 z7");
}

// docs/reference/ledger.md 8.2, 8.7
TEST(Layouts, items_of_the_feeders_are_archived_as_the_reference_says) {
    expect_archive(AccountItem{.data = {.nonce = 1, .balance = 2}, .key = kP0.bytes},
                   "0100000000000000 0200000000000000 P0");
    expect_archive(StakeChangeItem{.account = kP1, .before = std::nullopt}, "P1 z56");
    expect_archive(StakeItem{.keys = {.owner = contract(7), .account = kP0}, .data = {}}, "01 07 z31 z175 P0 z48");
    expect_archive(Range{.from = 3, .limit = 0}, "0300000000000000 z8");
}

// docs/reference/ledger.md 9.2
TEST(Layouts, a_moonlight_event_without_memo_is_archived_as_the_reference_says) {
    expect_archive(
        MoonlightEvent{.receiver = kP0, .refund_info = {}, .sender = kP1, .value = 77, .memo = {}, .gas_spent = 98'293},
        "01 z7 P0 z216 P1 4d00000000000000 88fdffff00000000 f57f010000000000");
    expect_archive(
        MoonlightEvent{.receiver = {}, .refund_info = {}, .sender = kP1, .value = 5, .memo = {}, .gas_spent = 98'293},
        "z208 z216 P1 0500000000000000 88fdffff00000000 f57f010000000000");
}

// docs/reference/ledger.md 9.2
TEST(Layouts, a_memo_lies_before_the_moonlight_event) {
    expect_archive(
        MoonlightEvent{.receiver = kP0,
                       .refund_info = KeyAndValue{.key = kP0, .value = 9},
                       .sender = kP1,
                       .value = 77,
                       .memo = {2, 4, 8, 16},
                       .gas_spent = 98'293},
        "02040810 z4 01 z7 P0 01 z7 P0 0900000000000000 P1 4d00000000000000 80fdffff04000000 f57f010000000000");
}

// docs/reference/ledger.md 9.2
TEST(Layouts, events_of_deposits_and_withdrawals_are_archived_as_the_reference_says) {
    expect_archive(DepositEvent{.sender = kP1, .receiver = contract(1), .value = 2},
                   "01 z7 P1 01 z31 0200000000000000");
    expect_archive(DepositEvent{.sender = kP1, .receiver = contract(2), .value = 1'000'000'000'321},
                   "01 z7 P1 02 z31 4111a5d4e8000000");
    expect_archive(WithdrawEvent{.receiver = kP1, .sender = contract(2), .value = 123},
                   "01 z7 P1 z120 02 z31 7b00000000000000");
    expect_archive(WithdrawEvent{.receiver = kP1, .sender = contract(2), .value = 234},
                   "01 z7 P1 z120 02 z31 ea00000000000000");
    StealthAddress stealth;
    stealth.bytes.fill(std::byte{0x11});
    expect_archive(ConvertEvent{.sender = kP1, .receiver = stealth, .value = 321},
                   "01 z7 P1 00 z7 " + base::to_hex(stealth.bytes) + " 4101000000000000");
}

// docs/reference/ledger.md 9.2
TEST(Layouts, events_of_contracts_are_archived_as_the_reference_says) {
    expect_archive(ContractToContractEvent{.sender = contract(1), .receiver = contract(2), .value = 3},
                   "01 z31 02 z31 0300000000000000");
    expect_archive(ContractToAccountEvent{.sender = contract(1), .receiver = kP0, .value = 3},
                   "01 z31 P0 0300000000000000");
}

// docs/reference/ledger.md 9.2
TEST(Layouts, events_of_the_stake_contract_are_archived_as_the_reference_says) {
    expect_archive(StakeEvent{.keys = {.owner = kP1, .account = kP1}, .value = 1'000'000'000'321, .locked = 0},
                   "z8 P1 P1 4111a5d4e8000000 z8");
    expect_archive(StakeEvent{.keys = {.owner = kP1, .account = kP1}, .value = 123, .locked = 0},
                   "z8 P1 P1 7b00000000000000 z8");
    expect_archive(StakeEvent{.keys = {.owner = kP1, .account = kP1}, .value = 234, .locked = 0},
                   "z8 P1 P1 ea00000000000000 z8");
    expect_archive(StakeEvent{.keys = {.owner = contract(3), .account = kP1}, .value = 1, .locked = 2},
                   "01 03 z31 z175 P1 0100000000000000 0200000000000000");
    expect_archive(SlashEvent{.account = kP0, .value = 1, .next_eligibility = 2},
                   "P0 0100000000000000 0200000000000000");
    expect_archive(RewardEvent{{.account = kP1, .value = 1234, .reason = RewardReason::generator_fixed},
                               {.account = kP0, .value = 99, .reason = RewardReason::other}},
                   "P1 d204000000000000 00 z7 P0 6300000000000000 03 z7 50feffff02000000");
    expect_archive(RewardEvent{}, "z8");
}

// docs/reference/ledger.md 14.4, without the signatures' values
TEST(Layouts, arguments_of_stake_and_withdraw_are_archived_as_the_reference_says) {
    BlsSignature signature;
    signature.bytes.fill(std::byte{0x22});
    const std::string s = base::to_hex(signature.bytes) + " z7 ";
    expect_archive(
        Stake{.keys = {.owner = kP1, .account = kP1}, .value = 5, .signature = {signature, signature}, .chain_id = 0},
        "z8 P1 P1 0500000000000000 " + s + s + "z8");
    const Withdraw withdraw{
        .receiver = kP1, .token = std::uint64_t{8}, .signature = signature, .contract = contract(2), .value = 123};
    const std::string w = "01 z7 P1 z120 01 z7 0800000000000000 01 z7 " + s + "z88 02 z31 7b00000000000000";
    expect_archive(withdraw, w);
    expect_archive(StakeWithdraw{.transfer = withdraw, .account = kP1, .signature = {signature, signature}},
                   w + " P1 " + s + s);
}

}  // namespace
}  // namespace rues::wire::layouts
