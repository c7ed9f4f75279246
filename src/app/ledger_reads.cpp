#include "app/ledger_reads.hpp"

#include <fmt/format.h>

#include "client/answer_json.hpp"
#include "client/graphql.hpp"
#include "wire/path.hpp"

namespace rues::app {
namespace {

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

/// The events of one transaction, in order. A node without an archive does not have this field.
Result<std::vector<ledger::ContractEvent>> events_of(const client::Url& url, const std::string& block,
                                                     const ledger::TxId& id) {
    std::vector<ledger::ContractEvent> out;
    const auto data =
        client::graphql(url, "query ($hash: String!) { contractEvents(hash: $hash) { json } }", {{"hash", block}});
    if (!data && data.error().text.starts_with("Unknown field")) return out;
    if (!data) return std::unexpected(data.error());
    const object* events = object_in(*data, "contractEvents");
    const value* list = events == nullptr ? nullptr : events->if_contains("json");
    if (list == nullptr || !list->is_array()) return unreadable("no events");
    for (const auto& each : list->get_array()) {
        auto event = client::contract_event_of(each);
        if (!event) return unreadable("an event without its parts");
        if (event->origin == id) out.push_back(std::move(*event));
    }
    return out;
}

}  // namespace

std::optional<base::Hash32> hash_of(std::string_view text) {
    if (text.starts_with("0x")) text.remove_prefix(2);
    return base::array_from_hex<32>(text);
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

Result<std::optional<object>> find_block(const client::Url& url, const BlockName& name) {
    constexpr std::string_view kFields =
        "{ header { height hash timestamp prevBlockHash generatorBlsPubkey stateHash txRoot gasLimit } status gasSpent "
        "fees reward transactions { id err gasSpent } }";
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

}  // namespace rues::app
