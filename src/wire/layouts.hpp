#pragma once

#include "wire/rkyv.hpp"

/// The archived types of events and queries (LM 8.2, 9.2). Keys are the 193 raw bytes of a public key.
namespace rues::wire::layouts {

using rkyv::Opaque;
using Key = Opaque<193, 200, 8>;
using BlsSignature = Opaque<97, 104, 8>;
using StealthAddress = Opaque<320, 320, 8>;
using Id = base::ByteArray<32>;
using Bytes = std::vector<std::uint8_t>;

struct AccountData {
    std::uint64_t nonce = 0, balance = 0;
    friend bool operator==(const AccountData&, const AccountData&) = default;
};
struct StakeAmount {
    std::uint64_t value = 0, locked = 0, eligibility = 0;
    friend bool operator==(const StakeAmount&, const StakeAmount&) = default;
};
struct StakeData {
    std::optional<StakeAmount> amount;
    std::uint64_t reward = 0;
    std::uint8_t faults = 0, hard_faults = 0;
    friend bool operator==(const StakeData&, const StakeData&) = default;
};
using StakeOwner = std::variant<Key, Id>;
struct StakeKeys {
    StakeOwner owner;
    Key account;
    friend bool operator==(const StakeKeys&, const StakeKeys&) = default;
};
struct KeyAndValue {
    Key key;
    std::uint64_t value = 0;
    friend bool operator==(const KeyAndValue&, const KeyAndValue&) = default;
};

struct MoonlightEvent {
    std::optional<Key> receiver;
    std::optional<KeyAndValue> refund_info;
    Key sender;
    std::uint64_t value = 0;
    Bytes memo;
    std::uint64_t gas_spent = 0;
    friend bool operator==(const MoonlightEvent&, const MoonlightEvent&) = default;
};
using Receiver = std::variant<StealthAddress, Key>;  ///< Phoenix, Moonlight
struct WithdrawEvent {                               ///< also mint
    Receiver receiver;
    Id sender{};
    std::uint64_t value = 0;
    friend bool operator==(const WithdrawEvent&, const WithdrawEvent&) = default;
};
struct ConvertEvent {
    std::optional<Key> sender;
    Receiver receiver;
    std::uint64_t value = 0;
    friend bool operator==(const ConvertEvent&, const ConvertEvent&) = default;
};
struct DepositEvent {
    std::optional<Key> sender;
    Id receiver{};
    std::uint64_t value = 0;
    friend bool operator==(const DepositEvent&, const DepositEvent&) = default;
};
struct ContractToContractEvent {  ///< also mint_c
    Id sender{}, receiver{};
    std::uint64_t value = 0;
    friend bool operator==(const ContractToContractEvent&, const ContractToContractEvent&) = default;
};
struct ContractToAccountEvent {
    Id sender{};
    Key receiver;
    std::uint64_t value = 0;
    friend bool operator==(const ContractToAccountEvent&, const ContractToAccountEvent&) = default;
};
struct StakeEvent {  ///< stake, unstake, withdraw
    StakeKeys keys;
    std::uint64_t value = 0, locked = 0;
    friend bool operator==(const StakeEvent&, const StakeEvent&) = default;
};
struct SlashEvent {  ///< also hard_slash
    Key account;
    std::uint64_t value = 0, next_eligibility = 0;
    friend bool operator==(const SlashEvent&, const SlashEvent&) = default;
};
struct Reward {
    Key account;
    std::uint64_t value = 0;
    std::uint8_t reason = 0;
    friend bool operator==(const Reward&, const Reward&) = default;
};

}  // namespace rues::wire::layouts

namespace rues::wire::rkyv {

using namespace layouts;

#define RUES_LAYOUT(Type, Size, Align, ...)         \
    template <>                                     \
    struct Layout<Type> {                           \
        using T = Type;                             \
        static constexpr std::size_t size = Size;   \
        static constexpr std::size_t align = Align; \
        static constexpr auto fields() {            \
            return std::tuple{__VA_ARGS__};         \
        }                                           \
    }

RUES_LAYOUT(AccountData, 16, 8, field(0, &T::nonce), field(8, &T::balance));
RUES_LAYOUT(StakeAmount, 24, 8, field(0, &T::value), field(8, &T::locked), field(16, &T::eligibility));
RUES_LAYOUT(StakeData, 48, 8, field(0, &T::amount), field(32, &T::reward), field(40, &T::faults),
            field(41, &T::hard_faults));
RUES_LAYOUT(StakeKeys, 408, 8, field(0, &T::owner), field(208, &T::account));
RUES_LAYOUT(KeyAndValue, 208, 8, field(0, &T::key), field(200, &T::value));
RUES_LAYOUT(MoonlightEvent, 648, 8, field(0, &T::receiver), field(208, &T::refund_info), field(424, &T::sender),
            field(624, &T::value), field(632, &T::memo), field(640, &T::gas_spent));
RUES_LAYOUT(WithdrawEvent, 368, 8, field(0, &T::receiver), field(328, &T::sender), field(360, &T::value));
RUES_LAYOUT(ConvertEvent, 544, 8, field(0, &T::sender), field(208, &T::receiver), field(536, &T::value));
RUES_LAYOUT(DepositEvent, 248, 8, field(0, &T::sender), field(208, &T::receiver), field(240, &T::value));
RUES_LAYOUT(ContractToContractEvent, 72, 8, field(0, &T::sender), field(32, &T::receiver), field(64, &T::value));
RUES_LAYOUT(ContractToAccountEvent, 240, 8, field(0, &T::sender), field(32, &T::receiver), field(232, &T::value));
RUES_LAYOUT(StakeEvent, 424, 8, field(0, &T::keys), field(408, &T::value), field(416, &T::locked));
RUES_LAYOUT(SlashEvent, 216, 8, field(0, &T::account), field(200, &T::value), field(208, &T::next_eligibility));
RUES_LAYOUT(Reward, 216, 8, field(0, &T::account), field(200, &T::value), field(208, &T::reason));

#undef RUES_LAYOUT

static_assert(Layout<std::optional<StakeData>>::size == 56);
static_assert(Layout<std::optional<StakeKeys>>::size == 416);
static_assert(Layout<StakeOwner>::size == 208);
static_assert(Layout<Receiver>::size == 328);
static_assert(Layout<std::optional<KeyAndValue>>::size == 216);

}  // namespace rues::wire::rkyv
