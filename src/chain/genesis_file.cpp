#include "chain/genesis_file.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>

#include "base/encoding.hpp"

extern const char kRuesDefaultGenesis[];
extern const unsigned long kRuesDefaultGenesisSize;

namespace rues::chain {
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
    std::optional<base::Bytes> base58(const toml::table& table, std::string_view key) {
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

std::expected<ledger::Genesis, std::string> read_genesis(std::string_view text) {
    toml::table table;
    try {
        table = toml::parse(text);
    } catch (const toml::parse_error& error) {
        return std::unexpected(fmt::format("line {}: {}", error.source().begin.line, error.description()));
    }
    ledger::Genesis out;
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
        ledger::GenesisNotes& balance = out.notes.emplace_back();
        balance.address = base::to_array<64>(*address);
        if (entry.contains("seed")) balance.seed = in.number(entry, "seed", 0);
        for (const auto& note : *notes) balance.notes.push_back(in.number(note, "a note").value_or(0));
    });
    if (!in.problem.empty()) return std::unexpected(in.problem);
    return out;
}

std::string_view default_genesis() {
    return {kRuesDefaultGenesis, kRuesDefaultGenesisSize};
}

}  // namespace rues::chain
