#include "api/contract_json.hpp"

#include "base/encoding.hpp"
#include "crypto/bls.hpp"
#include "wire/layouts.hpp"

namespace rues::api::contracts::json {
namespace {

namespace layouts = wire::layouts;
using base::ByteView;
using base::json::array;
using base::json::object;

value text(std::uint64_t number) {
    return boost::json::string(std::to_string(number));
}

template <typename T, typename Write>
value written(ByteView archived, Write write) {
    const auto read = wire::rkyv::unarchive<T>(archived);
    return read ? write(*read) : value(nullptr);
}

value key_json(ByteView raw) {
    const auto key = crypto::PublicKey::decode_raw(raw);
    return key ? value(boost::json::string(base::to_base58(key->bytes()))) : value(nullptr);
}

value account_json(const layouts::AccountData& data) {
    return object{{"balance", text(data.balance)}, {"nonce", text(data.nonce)}};
}

value stake_json(const layouts::StakeData& stake) {
    value amount = nullptr;
    if (stake.amount) {
        amount = object{{"eligibility", text(stake.amount->eligibility)},
                        {"locked", text(stake.amount->locked)},
                        {"value", text(stake.amount->value)}};
    }
    return object{{"amount", std::move(amount)},
                  {"faults", stake.faults},
                  {"hard_faults", stake.hard_faults},
                  {"reward", text(stake.reward)}};
}

value keys_json(const layouts::StakeKeys& keys) {
    object owner;
    if (const auto* key = std::get_if<layouts::Key>(&keys.owner)) {
        owner["Account"] = key_json(key->bytes);
    } else {
        owner["Contract"] = base::to_hex(std::get<layouts::Id>(keys.owner));
    }
    return object{{"account", key_json(keys.account.bytes)}, {"owner", std::move(owner)}};
}

}  // namespace

value number(ByteView archived) {
    return written<std::uint64_t>(archived, [](std::uint64_t n) { return text(n); });
}
value chain_id(ByteView archived) {
    return written<std::uint8_t>(archived, [](std::uint8_t n) { return value(n); });
}
value account(ByteView archived) {
    return written<layouts::AccountData>(archived, &account_json);
}
value account_item(ByteView archived) {
    return written<layouts::AccountItem>(archived, [](const layouts::AccountItem& item) -> value {
        return array{account_json(item.data), key_json(item.key)};
    });
}
value contract_balance_item(ByteView archived) {
    return written<layouts::ContractBalanceItem>(archived, [](const layouts::ContractBalanceItem& item) -> value {
        return array{boost::json::string(base::to_hex(item.contract)), text(item.balance)};
    });
}
value stake(ByteView archived) {
    return written<std::optional<layouts::StakeData>>(
        archived, [](const auto& stake) { return stake ? stake_json(*stake) : value(nullptr); });
}
value stake_keys(ByteView archived) {
    return written<std::optional<layouts::StakeKeys>>(
        archived, [](const auto& keys) { return keys ? keys_json(*keys) : value(nullptr); });
}
// The reference does not show this one; its number is text like every u64 of the drivers. UNVERIFIED.
value stake_config(ByteView archived) {
    return written<layouts::StakeConfig>(archived, [](const layouts::StakeConfig& config) -> value {
        return object{{"minimum_stake", text(config.minimum_stake)}, {"warnings", config.warnings}};
    });
}
value stake_item(ByteView archived) {
    return written<layouts::StakeItem>(archived, [](const layouts::StakeItem& item) -> value {
        return array{keys_json(item.keys), stake_json(item.data)};
    });
}

std::optional<std::uint64_t> u64_of(const value& json) {
    if (const auto* string = json.if_string()) return base::parse_u64(*string);
    boost::system::error_code error;
    const auto number = json.to_number<std::uint64_t>(error);
    return error ? std::nullopt : std::optional(number);
}

}  // namespace rues::api::contracts::json
