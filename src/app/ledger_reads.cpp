#include "app/ledger_reads.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "client/answer_json.hpp"
#include "client/graphql.hpp"
#include "drivers/driver.hpp"
#include "ledger/history.hpp"
#include "wire/path.hpp"

namespace rues::app {
namespace {

using base::json::array;
using base::json::object;
using base::json::value;
using client::failure;
using client::number_in;
using client::text_in;

std::unexpected<Error> unreadable(std::string_view what) {
    return failure(Error::Kind::malformed, fmt::format("the node's answer cannot be read: {}", what));
}

/// The member `name`, when it is an object.
const object* object_in(const object& from, std::string_view name) {
    const value* found = from.if_contains(name);
    return found == nullptr ? nullptr : found->if_object();
}

std::optional<ledger::Transaction> transaction_in(const object& from) {
    const auto bytes = base::from_hex(text_in(from, "raw").value_or("-"));
    auto tx = bytes ? std::optional(ledger::Transaction::decode_historical(*bytes)) : std::nullopt;
    return tx && *tx ? std::optional(std::move(**tx)) : std::nullopt;
}

/// The events of a block: `{"json":[…]}`.
Result<std::vector<ledger::ContractEvent>> events_in(const object* answer) {
    const value* list = answer == nullptr ? nullptr : answer->if_contains("json");
    if (list == nullptr || !list->is_array()) return unreadable("no events");
    std::vector<ledger::ContractEvent> out;
    for (const auto& each : list->get_array()) {
        auto event = client::contract_event_of(each);
        if (!event) return unreadable("an event without its parts");
        out.push_back(std::move(*event));
    }
    return out;
}

/// The events of one transaction, in order. A node without an archive does not have this field.
Result<std::vector<ledger::ContractEvent>> events_of(const client::Url& url, const std::string& block,
                                                     const ledger::TxId& id) {
    const auto data =
        client::graphql(url, "query ($hash: String!) { contractEvents(hash: $hash) { json } }", {{"hash", block}});
    if (!data && data.error().text.starts_with("Unknown field")) return std::vector<ledger::ContractEvent>();
    if (!data) return std::unexpected(data.error());
    auto out = events_in(object_in(*data, "contractEvents"));
    if (out) std::erase_if(*out, [&](const auto& event) { return event.origin != id; });
    return out;
}

/// The payload as the archive has it: JSON of a genesis contract's driver, else hex.
value payload_of(const ledger::ContractEvent& event) {
    if (const auto* driver = drivers::driver_of(event.contract)) {
        if (auto json = driver->decode_event(event.topic, event.data)) return std::move(*json);
    }
    return base::json::hex(event.data);
}

/// The transactions of one block that concern the account, the last one first, in the archive's form.
void add_groups(array& to, std::uint64_t height, std::span<const ledger::ContractEvent> events,
                const ledger::AccountKey& account) {
    // Events of one transaction stand beside each other.
    for (auto end = events.end(); end != events.begin();) {
        auto begin = end - 1;
        while (begin != events.begin() && (begin - 1)->origin == (end - 1)->origin) --begin;
        const std::span group(begin, end);
        end = begin;
        const auto concerned = ledger::history_entries(group);
        if (std::ranges::count(concerned.outflow, account) + std::ranges::count(concerned.inflow, account) == 0)
            continue;
        array list;
        for (const auto& event : group)
            list.push_back(object{
                {"data", payload_of(event)}, {"target", base::json::hex(event.contract)}, {"topic", event.topic}});
        to.push_back(object{
            {"block_height", height}, {"events", std::move(list)}, {"origin", base::json::hex(group.front().origin)}});
    }
}

/// Ids of the transactions of notes in the mempool.
Result<std::vector<std::string>> pooled_phoenix(const client::Url& url) {
    const auto data = client::graphql(url, "{ mempoolTxs { id txType } }");
    if (!data) return std::unexpected(data.error());
    const value* list = data->if_contains("mempoolTxs");
    if (list == nullptr || !list->is_array()) return unreadable("no mempool");
    std::vector<std::string> out;
    for (const auto& each : list->get_array()) {
        if (!each.is_object() || text_in(each.get_object(), "txType") != "Phoenix") continue;
        // The id becomes part of a query.
        const auto id = base::array_from_hex<32>(text_in(each.get_object(), "id").value_or(""));
        if (!id) return unreadable("an id of the mempool is not one");
        out.push_back(base::to_hex(*id));
        if (out.size() == kMostPooledRead) break;
    }
    return out;
}

}  // namespace

std::optional<base::Hash32> hash_of(std::string_view text) {
    if (text.starts_with("0x")) text.remove_prefix(2);
    return base::array_from_hex<32>(text);
}

Result<std::pair<std::uint64_t, std::uint64_t>> newest_heights(const client::Url& url) {
    const auto data = client::graphql(url, "{ lastBlockPair { json } }");
    if (!data) return std::unexpected(data.error());
    const object* pair = object_in(*data, "lastBlockPair");
    const object* blocks = pair == nullptr ? nullptr : object_in(*pair, "json");
    std::array<std::optional<std::uint64_t>, 2> heights;
    for (std::size_t i = 0; blocks != nullptr && i < heights.size(); ++i) {
        const value* block = blocks->if_contains(std::array{"last_block", "last_finalized_block"}[i]);
        const auto* parts = block == nullptr ? nullptr : block->if_array();  // height, hash
        if (parts == nullptr || parts->empty()) continue;
        boost::system::error_code problem;
        const auto height = parts->front().to_number<std::uint64_t>(problem);
        if (!problem) heights[i] = height;
    }
    if (!heights[0] || !heights[1]) return unreadable("no heights of the newest blocks");
    return std::pair(*heights[0], *heights[1]);
}

Result<std::optional<FoundTransaction>> find_transaction(const client::Url& url, const ledger::TxId& id) {
    constexpr std::string_view kQuery =
        "query ($id: String!) { tx(hash: $id) { err gasSpent blockHash blockHeight raw } mempoolTx(hash: $id) { raw } "
        "}";
    const auto data = client::graphql(url, kQuery, {{"id", base::to_hex(id)}});
    if (!data) return std::unexpected(data.error());
    const object* spent = object_in(*data, "tx");
    const object* waiting = object_in(*data, "mempoolTx");
    if (spent == nullptr && waiting == nullptr) return std::optional<FoundTransaction>();
    auto tx = transaction_in(spent != nullptr ? *spent : *waiting);
    if (!tx) return unreadable("no transaction");
    FoundTransaction out{std::move(*tx), std::nullopt};
    if (spent == nullptr) return out;
    const auto height = number_in(*spent, "blockHeight");
    const auto gas = number_in(*spent, "gasSpent");
    auto block = text_in(*spent, "blockHash");
    if (!height || !gas || !block) return unreadable("a transaction without its block");
    auto events = events_of(url, *block, id);
    if (!events) return std::unexpected(events.error());
    out.execution = {*height, std::move(*block), *gas, text_in(*spent, "err"), std::move(*events)};
    return out;
}

Result<std::set<base::Hash32>> pooled_nullifiers(const client::Url& url) {
    const auto ids = pooled_phoenix(url);
    if (!ids) return std::unexpected(ids.error());
    std::set<base::Hash32> out;
    for (std::span<const std::string> left = *ids; !left.empty();) {
        constexpr std::size_t kAtOnce = 32;
        const auto group = left.first(std::min(kAtOnce, left.size()));
        left = left.subspan(group.size());
        std::string query = "{";
        for (std::size_t i = 0; i < group.size(); ++i)
            query += fmt::format(" t{}: mempoolTx(hash: \"{}\") {{ raw }}", i, group[i]);
        const auto data = client::graphql(url, query + " }");
        if (!data) return std::unexpected(data.error());
        for (std::size_t i = 0; i < group.size(); ++i) {
            const object* waiting = object_in(*data, fmt::format("t{}", i));
            if (waiting == nullptr) continue;  // it has left the mempool
            const auto tx = transaction_in(*waiting);
            if (!tx || tx->phoenix() == nullptr) return unreadable("no transaction of notes");
            out.insert(tx->phoenix()->nullifiers.begin(), tx->phoenix()->nullifiers.end());
        }
    }
    return out;
}

Result<std::optional<object>> find_block(const client::Url& url, const BlockName& name) {
    constexpr std::string_view kFields =
        "{ header { height hash timestamp prevBlockHash generatorBlsPubkey stateHash txRoot gasLimit } status gasSpent "
        "fees reward transactions { id err gasSpent tx { txType } } }";
    std::string which = "height: -1";
    if (const auto* height = std::get_if<std::uint64_t>(&name)) which = fmt::format("height: {}", *height);
    if (const auto* hash = std::get_if<base::Hash32>(&name)) which = fmt::format("hash: \"{}\"", base::to_hex(*hash));
    auto data = client::graphql(url, fmt::format("{{ block({}) {} }}", which, kFields));
    if (!data) return std::unexpected(data.error());
    value* block = data->if_contains("block");
    if (block == nullptr) return unreadable("no block");
    if (block->is_null()) return std::optional<object>();
    if (!block->is_object() || object_in(block->get_object(), "header") == nullptr) return unreadable("no header");
    return std::optional(std::move(block->get_object()));
}

Result<object> account_history(const client::Url& url, const crypto::PublicKey& account, std::string_view before,
                               std::uint64_t limit) {
    auto path = fmt::format("/archive/accounts/{}?limit={}", base::to_base58(account.bytes()), limit);
    if (!before.empty()) path += "&before=" + wire::percent_encoded(before);
    const auto answer = client::http(url, "GET", path, {}, {});
    if (!answer) return std::unexpected(answer.error());
    auto json = client::json_of(path, *answer);
    if (!json) return std::unexpected(json.error());
    const bool is_page = json->is_object() && json->get_object().contains("transactions") &&
                         json->get_object()["transactions"].is_array();
    if (!is_page) return unreadable("no page of a history");
    return std::move(json->get_object());
}

Result<array> recent_history(const client::Url& url, const crypto::PublicKey& account) {
    constexpr std::uint64_t kAtOnce = 50;
    const auto heights = newest_heights(url);
    if (!heights) return std::unexpected(heights.error());
    const auto [tip, final] = *heights;
    const std::uint64_t last = std::max(final, tip - std::min(tip, kMostRecent));
    array out;
    for (std::uint64_t next = tip; next > last;) {
        const std::uint64_t end = next - std::min(kAtOnce, next - last);
        std::string query = "{";
        for (std::uint64_t height = next; height > end; --height)
            query += fmt::format(" b{0}: contractEvents(height: {0}) {{ json }}", height);
        const auto data = client::graphql(url, query + " }");
        if (!data) return std::unexpected(data.error());
        for (; next > end; --next) {
            const auto events = events_in(object_in(*data, fmt::format("b{}", next)));
            if (!events) return std::unexpected(events.error());
            add_groups(out, next, *events, account.bytes());
        }
    }
    return out;
}

}  // namespace rues::app
