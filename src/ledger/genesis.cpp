#include "ledger/genesis.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <limits>
#include <map>

#include "base/endian.hpp"
#include "crypto/hash.hpp"

extern const char kRuesDefaultGenesis[];
extern const unsigned long kRuesDefaultGenesisSize;

namespace rues::ledger {
namespace {

/// Reads the members of one file and keeps the first problem.
class TomlSource {
public:
    std::string problem;

    void fail(const toml::node* at, std::string_view what) {
        if (!problem.empty()) return;
        problem = at != nullptr ? fmt::format("line {}: {}", at->source().begin.line, what) : std::string(what);
    }

    std::optional<std::uint64_t> number(const toml::table& table, std::string_view key,
                                        std::optional<std::uint64_t> fallback) {
        const auto* node = table.get(key);
        if (node == nullptr) {
            if (!fallback) fail(&table, fmt::format("{} is missing", key));
            return fallback;
        }
        return number(*node, key);
    }
    std::optional<std::uint64_t> number(const toml::node& node, std::string_view key) {
        const auto value = node.value_exact<std::int64_t>();
        if (!value || *value < 0) {
            fail(&node, fmt::format("{} must be a number from 0 to 9223372036854775807", key));
            return std::nullopt;
        }
        return static_cast<std::uint64_t>(*value);
    }
    std::optional<Bytes> base58(const toml::table& table, std::string_view key) {
        const auto* node = table.get(key);
        if (node == nullptr) {
            fail(&table, fmt::format("{} is missing", key));
            return std::nullopt;
        }
        const auto text = node->value_exact<std::string>();
        auto bytes = text ? base::from_base58(*text) : std::nullopt;
        if (!bytes) fail(node, fmt::format("{} must be a base58 text", key));
        return bytes;
    }
    std::optional<crypto::PublicKey> account(const toml::table& table, std::string_view key) {
        const auto bytes = base58(table, key);
        if (!bytes) return std::nullopt;
        const auto out = crypto::PublicKey::decode(*bytes);
        if (!out) fail(table.get(key), fmt::format("{} is not an account", key));
        return out;
    }
    void known_keys(const toml::table& table, std::initializer_list<std::string_view> known) {
        for (const auto& [key, node] : table) {
            if (std::ranges::find(known, key.str()) == known.end())
                fail(&node, fmt::format("unknown key {}", key.str()));
        }
    }
    template <typename F>
    void each(const toml::table& table, std::string_view key, F read) {
        const auto* node = table.get(key);
        if (node == nullptr) return;
        const auto* list = node->as_array();
        if (list == nullptr) return fail(node, fmt::format("{0} must be written [[{0}]]", key));
        for (const auto& item : *list) {
            if (const auto* entry = item.as_table()) {
                read(*entry);
            } else {
                fail(&item, fmt::format("{0} must be written [[{0}]]", key));
            }
        }
    }
};

}  // namespace

std::expected<Genesis, std::string> Genesis::parse(std::string_view text) {
    toml::table table;
    try {
        table = toml::parse(text);
    } catch (const toml::parse_error& error) {
        return std::unexpected(fmt::format("line {}: {}", error.source().begin.line, error.description()));
    }
    Genesis out;
    TomlSource in;
    in.known_keys(table, {"owner", "stake", "moonlight_account", "phoenix_balance"});
    if (table.contains("owner")) out.owner = in.account(table, "owner");
    in.each(table, "stake", [&](const toml::table& entry) {
        in.known_keys(entry, {"address", "owner", "amount", "eligibility", "reward"});
        const auto account = in.account(entry, "address");
        const auto amount = in.number(entry, "amount", std::nullopt);
        const auto eligibility = in.number(entry, "eligibility", 0);
        const auto reward = in.number(entry, "reward", 0);
        const auto owner = entry.contains("owner") ? in.account(entry, "owner") : std::nullopt;
        if (account && amount && eligibility && reward)
            out.stakes.push_back({*account, owner, *amount, *eligibility, *reward});
    });
    in.each(table, "moonlight_account", [&](const toml::table& entry) {
        in.known_keys(entry, {"address", "balance"});
        const auto account = in.account(entry, "address");
        const auto balance = in.number(entry, "balance", std::nullopt);
        if (account && balance) out.accounts.push_back({*account, *balance});
    });
    in.each(table, "phoenix_balance", [&](const toml::table& entry) {
        in.known_keys(entry, {"address", "seed", "notes"});
        const auto address = in.base58(entry, "address");
        if (address && address->size() != 64) in.fail(entry.get("address"), "address is not a Phoenix address");
        const auto* notes = entry.get_as<toml::array>("notes");
        if (notes == nullptr) in.fail(&entry, "notes must be a list of amounts");
        if (!address || address->size() != 64 || notes == nullptr) return;
        GenesisNotes& balance = out.notes.emplace_back();
        balance.address = base::to_array<64>(*address);
        if (entry.contains("seed")) balance.seed = in.number(entry, "seed", 0);
        for (const auto& note : *notes) balance.notes.push_back(in.number(note, "a note").value_or(0));
    });
    if (!in.problem.empty()) return std::unexpected(in.problem);
    return out;
}

std::expected<StateChanges, std::string> Genesis::state() const {
    constexpr auto kMax = std::numeric_limits<std::uint64_t>::max();
    StateChanges out;
    out.stakes[dusk_key().bytes()] = Stake{std::nullopt, 0, 0, 0, dusk_key().bytes()};
    std::uint64_t staked = 0;
    for (const auto& [account, balance] : accounts) {
        auto& entry = out.accounts[account.bytes()];
        if (balance > kMax - entry.balance)
            return std::unexpected("an account's balances add up to more than 2^64 - 1");
        entry.balance += balance;
    }
    for (const auto& stake : stakes) {
        if (stake.amount > kMax - staked) return std::unexpected("the stakes add up to more than 2^64 - 1");
        staked += stake.amount;
        auto& entry = out.stakes[stake.account.bytes()];
        if (entry && entry->amount) return std::unexpected("an account has two stakes");
        entry = Stake{StakeAmount{stake.amount, 0, stake.eligibility}, stake.reward, 0, 0,
                      stake.owner ? stake.owner->bytes() : stake.account.bytes()};
    }
    out.contract_balances[kStakeContract] = staked;
    return out;
}

Header Genesis::header(const Hash32& state_hash, std::uint64_t timestamp) const {
    Header out;
    out.version = 0;
    out.state_hash = state_hash;
    out.timestamp = timestamp;
    out.hash = out.compute_hash();
    return out;
}

GenesisDigest Genesis::digest() const {
    const auto put_key = [](base::Writer& out, const std::optional<crypto::PublicKey>& key) {
        out.put(static_cast<std::uint8_t>(key.has_value()));
        if (key) out.put(ByteView(key->bytes()));
    };
    base::Writer owned;
    put_key(owned, owner);
    base::Writer staked;
    for (const auto& stake : stakes) {
        staked.put(ByteView(stake.account.bytes()));
        put_key(staked, stake.owner);
        staked.put(stake.amount).put(stake.eligibility).put(stake.reward);
    }
    std::map<ByteArray<96>, std::uint64_t> sums;
    for (const auto& [account, balance] : accounts) sums[account.bytes()] += balance;
    base::Writer held;
    for (const auto& [key, balance] : sums) held.put(ByteView(key)).put(balance);
    base::Writer noted;
    for (const auto& each : notes) {
        noted.put(ByteView(each.address)).put(static_cast<std::uint8_t>(each.seed.has_value()));
        noted.put(each.seed.value_or(0)).put(static_cast<std::uint64_t>(each.notes.size()));
        for (const std::uint64_t value : each.notes) noted.put(value);
    }
    return {crypto::blake3(owned.bytes()), crypto::blake3(staked.bytes()), crypto::blake3(held.bytes()),
            crypto::blake3(noted.bytes())};
}

const crypto::PublicKey& dusk_key() {
    static const crypto::PublicKey key = *crypto::PublicKey::decode(
        *base::from_hex("85906b7d01ea393501938441f43a18e97618b73eb30438a6fcf685f9f7f4ca6b061f229844abbbbb998f9c739d3c36"
                        "861539e2ed19294d16c56b"
                        "1c66491b4f1aecff85b6f39b293145b0f6f4e031b2eccb14e4c1e3618a3e36d8a12ffb2415de"));
    return key;
}

std::string_view default_genesis() {
    return {kRuesDefaultGenesis, kRuesDefaultGenesisSize};
}

ByteArray<64> local_chain_seed() {
    return *base::array_from_hex<64>(
        "9910666385c437ed2a02a374e9590a7313518c1f26510a2e767097f4915a91a8d6f2447b744cdf38c83cbcd9227137ac1bffb8378fe96d"
        "148922"
        "14c4fc75dddd");
}

std::string_view local_chain_phrase() {
    return "eyebrow milk fan usage maximum exhibit ski nut wing sell alone great";
}

}  // namespace rues::ledger
