#include "api/endpoints/contract_functions.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "wire/layouts.hpp"

namespace rues::api::contracts {
namespace {

namespace layouts = wire::layouts;
using base::Bytes;
using base::ByteView;
using store::Snapshot;

// docs/reference/ledger.md 6.1 and 8.5.
constexpr std::uint64_t kStakeVersion = 8;
constexpr layouts::StakeConfig kStakeConfig{1'000'000'000'000, 1};

template <typename T>
Result<T> argument(ByteView bytes) {
    const auto archived = wire::rkyv::unarchive<T>(bytes);
    if (archived) return *archived;
    return fail(ErrorCode::vm_error, fmt::format("Panic: Argument should correctly deserialize: {}", archived.error()));
}

Result<ledger::AccountKey> key_argument(ByteView bytes) {
    const auto raw = argument<layouts::Key>(bytes);
    if (!raw) return std::unexpected(raw.error());
    const auto key = crypto::PublicKey::decode_raw(raw->bytes);
    if (key) return key->bytes();
    return fail(ErrorCode::vm_error, "Panic: Argument should correctly deserialize: invalid account public key");
}

/// REQUIRES: `key` is of our own state.
layouts::Key raw_key(const ledger::AccountKey& key) {
    return {crypto::PublicKey::decode_trusted(key).value_or(crypto::PublicKey()).raw()};
}

layouts::StakeKeys stake_keys(const ledger::AccountKey& key, const ledger::Stake& stake) {
    layouts::StakeKeys out;
    out.account = raw_key(key);
    if (const auto* owner = std::get_if<ledger::AccountKey>(&stake.owner)) {
        out.owner = raw_key(*owner);
    } else {
        out.owner = std::get<ledger::ContractId>(stake.owner);
    }
    return out;
}

layouts::StakeData stake_data(const ledger::Stake& stake) {
    layouts::StakeData out;
    if (stake.amount)
        out.amount = layouts::StakeAmount{stake.amount->value, stake.amount->locked, stake.amount->eligibility};
    out.reward = stake.reward;
    out.faults = stake.faults;
    out.hard_faults = stake.hard_faults;
    return out;
}

Result<Bytes> account(const Context&, const Snapshot& state, ByteView body) {
    const auto key = key_argument(body);
    if (!key) return std::unexpected(key.error());
    const auto found = state.account(*key).value_or(ledger::Account{});
    return wire::rkyv::archive(layouts::AccountData{found.nonce, found.balance});
}

Result<Bytes> contract_balance(const Context&, const Snapshot& state, ByteView body) {
    const auto id = argument<layouts::Id>(body);
    if (!id) return std::unexpected(id.error());
    return wire::rkyv::archive(state.contract_balance(*id).value_or(0));
}

Result<Bytes> chain_id(const Context& context, const Snapshot&, ByteView) {
    return wire::rkyv::archive(context.view.parameters().chain_id);
}

Result<Bytes> get_stake(const Context&, const Snapshot& state, ByteView body) {
    const auto key = key_argument(body);
    if (!key) return std::unexpected(key.error());
    std::optional<layouts::StakeData> out;
    if (const auto stake = state.stake(*key)) out = stake_data(*stake);
    return wire::rkyv::archive(out);
}

Result<Bytes> get_stake_keys(const Context&, const Snapshot& state, ByteView body) {
    const auto key = key_argument(body);
    if (!key) return std::unexpected(key.error());
    std::optional<layouts::StakeKeys> out;
    if (const auto stake = state.stake(*key)) out = stake_keys(*key, *stake);
    return wire::rkyv::archive(out);
}

Result<Bytes> get_version(const Context&, const Snapshot&, ByteView) {
    return wire::rkyv::archive(kStakeVersion);
}

Result<Bytes> get_config(const Context&, const Snapshot&, ByteView) {
    return wire::rkyv::archive(kStakeConfig);
}

/// Only hard slashes burn, and the one producer of this chain is never slashed.
Result<Bytes> burnt_amount(const Context&, const Snapshot&, ByteView) {
    return wire::rkyv::archive(std::uint64_t{0});
}

/// Every state entry of one tag. A feeder makes its items from them one by one.
template <typename Entry, typename Decode>
Result<std::vector<Entry>> collect(const Context& context, const Snapshot& state, char tag, Decode decode) {
    std::vector<Entry> out;
    const auto walked = state.for_each_state(tag, [&](ByteView key, ByteView value) {
        if (auto entry = decode(key.subspan(1), value)) out.push_back(std::move(*entry));
        return out.size() <= context.max_feeder_entries;
    });
    if (!walked) return fail(ErrorCode::internal, walked.error().text);
    if (out.size() > context.max_feeder_entries)
        return fail(ErrorCode::overloaded, "the state is too large for one feeder");
    return out;
}

/// The items of `entries` that `range` asks for.
template <typename Entry, typename Archive>
Items items_of(std::vector<Entry> entries, const layouts::Range& range, Archive archive) {
    const std::size_t begin = std::min<std::uint64_t>(range.from, entries.size());
    const std::size_t rest = entries.size() - begin;
    const std::size_t count = range.limit == 0 ? rest : std::min<std::uint64_t>(range.limit, rest);
    return [entries = std::move(entries), at = begin, end = begin + count, archive]() mutable -> std::optional<Bytes> {
        if (at == end) return std::nullopt;
        return archive(entries[at++]);
    };
}

struct AccountEntry {
    base::ByteArray<96> order;  ///< raw x
    ledger::AccountKey key;
    ledger::Account account;
};

/// Ascending by the raw form of the key, not by the compressed one (docs/reference/ledger.md 8.7). Two keys with the
/// same x are each other's negative and differ in y, which decides then.
bool comes_before(const AccountEntry& a, const AccountEntry& b) {
    if (a.order != b.order) return a.order < b.order;
    return raw_key(a.key).bytes < raw_key(b.key).bytes;
}

Result<Items> sync_accounts(const Context& context, const Snapshot& state, ByteView body) {
    const auto range = argument<layouts::Range>(body);
    if (!range) return std::unexpected(range.error());
    auto entries = collect<AccountEntry>(context, state, 'a', [](ByteView id, ByteView value) {
        const auto account = ledger::decode_account(value);
        const auto key = base::to_array<96>(id);
        return account ? std::optional(AccountEntry{crypto::PublicKey::raw_x(key), key, *account}) : std::nullopt;
    });
    if (!entries) return std::unexpected(entries.error());
    std::ranges::sort(*entries, comes_before);
    return items_of(std::move(*entries), *range, [](const AccountEntry& entry) {
        layouts::AccountItem item;
        item.data = {entry.account.nonce, entry.account.balance};
        item.key = raw_key(entry.key).bytes;
        return wire::rkyv::archive(item);
    });
}

Result<Items> sync_contract_balances(const Context& context, const Snapshot& state, ByteView body) {
    const auto range = argument<layouts::Range>(body);
    if (!range) return std::unexpected(range.error());
    auto entries = collect<layouts::ContractBalanceItem>(context, state, 'c', [](ByteView id, ByteView value) {
        const auto balance = ledger::decode_balance(value);
        return balance ? std::optional(layouts::ContractBalanceItem{base::to_array<32>(id), *balance}) : std::nullopt;
    });
    if (!entries) return std::unexpected(entries.error());
    return items_of(std::move(*entries), *range,
                    [](const layouts::ContractBalanceItem& item) { return wire::rkyv::archive(item); });
}

Result<Items> stakes(const Context& context, const Snapshot& state, ByteView) {
    using Entry = std::pair<ledger::AccountKey, ledger::Stake>;
    auto entries = collect<Entry>(context, state, 's', [](ByteView id, ByteView value) {
        auto stake = ledger::decode_stake(value);
        return stake ? std::optional(Entry(base::to_array<96>(id), *stake)) : std::nullopt;
    });
    if (!entries) return std::unexpected(entries.error());
    return items_of(std::move(*entries), {}, [](const Entry& entry) {
        return wire::rkyv::archive(layouts::StakeItem{stake_keys(entry.first, entry.second), stake_data(entry.second)});
    });
}

using ledger::kStakeContract;
using ledger::kTransferContract;

constexpr Function kFunctions[] = {
    {kTransferContract, "account", &account},
    {kTransferContract, "contract_balance", &contract_balance},
    {kTransferContract, "chain_id", &chain_id},
    {kTransferContract, "sync_accounts", nullptr, &sync_accounts},
    {kTransferContract, "sync_contract_balances", nullptr, &sync_contract_balances},
    {kStakeContract, "get_stake", &get_stake},
    {kStakeContract, "get_stake_keys", &get_stake_keys},
    {kStakeContract, "get_version", &get_version},
    {kStakeContract, "get_config", &get_config},
    {kStakeContract, "burnt_amount", &burnt_amount},
    {kStakeContract, "stakes", nullptr, &stakes},
};

}  // namespace

std::span<const Function> functions() {
    return kFunctions;
}

}  // namespace rues::api::contracts
