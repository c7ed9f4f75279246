#include "gateway/block_answer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_reading.hpp"

namespace rues::gateway {
namespace {

using base::json::array;
using base::json::object;
using base::json::value;
using ledger::Label;

template <typename T>
using Read = std::expected<T, std::string>;

std::unexpected<std::string> wrong(std::string_view what) {
    return std::unexpected(fmt::format("the answer has no good {}", what));
}

const object* object_in(const object& in, std::string_view key) {
    const auto* found = in.if_contains(key);
    return found != nullptr ? found->if_object() : nullptr;
}
const array* array_in(const object& in, std::string_view key) {
    const auto* found = in.if_contains(key);
    return found != nullptr ? found->if_array() : nullptr;
}
std::optional<std::string_view> text_in(const object& in, std::string_view key) {
    const auto* found = in.if_contains(key);
    if (found == nullptr || !found->is_string()) return std::nullopt;
    return found->get_string();
}
std::optional<std::uint64_t> number_in(const object& in, std::string_view key) {
    const auto* found = in.if_contains(key);
    if (found == nullptr) return std::nullopt;
    boost::system::error_code error;
    const auto out = found->to_number<std::uint64_t>(error);
    return error ? std::nullopt : std::optional(out);
}
template <std::size_t N>
std::optional<base::ByteArray<N>> hex_in(const object& in, std::string_view key) {
    const auto text = text_in(in, key);
    return text ? base::array_from_hex<N>(*text) : std::nullopt;
}

/// docs/reference/graphql.md 4.2.
std::optional<Label> label_of(const value* status) {
    const auto* in = status != nullptr ? status->if_object() : nullptr;
    if (in == nullptr || in->size() != 1) return std::nullopt;
    const std::string_view name = in->begin()->key();
    const auto number = number_in(*in, name);
    if (!number) return std::nullopt;
    using enum Label::Kind;
    for (const auto& [text, kind] : {std::pair<std::string_view, Label::Kind>{"Accepted", accepted},
                                     {"Attested", attested},
                                     {"Confirmed", confirmed},
                                     {"Final", final}}) {
        if (name == text) return Label{kind, *number};
    }
    return std::nullopt;
}

Read<ledger::SpentTransaction> read_transaction(const value& from, std::uint64_t height) {
    const auto* in = from.if_object();
    if (in == nullptr) return wrong("transaction");
    const auto raw = text_in(*in, "raw");
    const auto bytes = raw ? base::from_hex(*raw) : std::nullopt;
    if (!bytes) return wrong("bytes of a transaction");
    auto decoded = ledger::Transaction::decode(*bytes);
    if (!decoded) decoded = ledger::Transaction::decode_historical(*bytes);
    if (!decoded) return std::unexpected(fmt::format("a transaction cannot be decoded: {}", decoded.error().text));
    const auto gas = number_in(*in, "gasSpent");
    if (!gas) return wrong("gasSpent");
    const auto* error = in->if_contains("err");
    if (error == nullptr || !(error->is_null() || error->is_string())) return wrong("err");
    ledger::SpentTransaction out{decoded->without_sidecars(), height, *gas, {}};
    if (error->is_string()) out.error = std::string(error->get_string());
    return out;
}

Read<ledger::ContractEvent> read_event(const value& from) {
    const auto* in = from.if_object();
    if (in == nullptr) return wrong("event");
    const auto contract = hex_in<32>(*in, "source");
    const auto origin = hex_in<32>(*in, "origin");
    const auto topic = text_in(*in, "topic");
    const auto hex = text_in(*in, "data");
    auto data = hex ? base::from_hex(*hex) : std::nullopt;
    if (!contract || !origin || !topic || !data) return wrong("event");
    return ledger::ContractEvent{*contract, std::string(*topic), std::move(*data), *origin};
}

Read<std::vector<ledger::ContractEvent>> read_events(const object& data, std::uint64_t height) {
    const auto* answer = object_in(data, fmt::format("e{}", height));
    const auto* list = answer != nullptr ? array_in(*answer, "json") : nullptr;
    if (list == nullptr) return wrong("contractEvents");
    std::vector<ledger::ContractEvent> out;
    for (const auto& each : *list) {
        auto event = read_event(each);
        if (!event) return std::unexpected(event.error());
        out.push_back(std::move(*event));
    }
    return out;
}

Read<BlockAnswer> read_block(const object& data, const value& from) {
    const auto* in = from.if_object();
    if (in == nullptr) return wrong("block");
    BlockAnswer out;
    auto header = read_header(*in);
    if (!header) return std::unexpected(header.error());
    out.header = std::move(*header);
    const auto label = label_of(in->if_contains("status"));
    if (!label) return wrong("status");
    out.label = *label;
    const auto* transactions = array_in(*in, "transactions");
    if (transactions == nullptr) return wrong("transactions");
    for (const auto& each : *transactions) {
        auto tx = read_transaction(each, out.header.height);
        if (!tx) return std::unexpected(tx.error());
        out.transactions.push_back(std::move(*tx));
    }
    auto events = read_events(data, out.header.height);
    if (!events) return std::unexpected(events.error());
    out.events = std::move(*events);
    return out;
}

}  // namespace

std::string blocks_query(std::uint64_t first, std::uint64_t last, std::uint64_t labels_from) {
    std::string out =
        fmt::format("{{blocks(range:[{},{}]){{header{{json}} status transactions{{raw gasSpent err}}}}", first, last);
    for (auto height = first; height <= last; ++height)
        out += fmt::format(" e{}:contractEvents(height:{}){{json}}", height, height);
    if (labels_from < first)
        out += fmt::format(" labels:blocks(range:[{},{}]){{header{{height hash}} status}}", labels_from,
                           std::min(first - 1, labels_from + kMostLabels - 1));
    return out + "}";
}

std::string labels_query(std::uint64_t first, std::uint64_t last) {
    return fmt::format("{{labels:blocks(range:[{},{}]){{header{{height hash}} status}}}}", first, last);
}

std::expected<std::vector<LabelAnswer>, std::string> read_labels(const object& data) {
    std::vector<LabelAnswer> out;
    const auto* list = array_in(data, "labels");
    if (list == nullptr) return out;
    for (const auto& each : *list) {
        const auto* in = each.if_object();
        const auto* header = in != nullptr ? object_in(*in, "header") : nullptr;
        if (header == nullptr) return wrong("header");
        const auto height = number_in(*header, "height");
        const auto hash = hex_in<32>(*header, "hash");
        const auto label = label_of(in->if_contains("status"));
        if (!height || !hash || !label) return wrong("label");
        out.push_back({*height, *hash, *label});
    }
    std::ranges::sort(out, {}, &LabelAnswer::height);
    return out;
}

std::expected<ledger::Header, std::string> read_header(const object& block) {
    const auto* in = object_in(block, "header");
    const auto text = in != nullptr ? text_in(*in, "json") : std::nullopt;
    if (!text) return wrong("header");
    const auto json = base::json::parse(*text);
    if (!json || !json->is_object()) return wrong("header");
    return ledger::Header::from_json(json->get_object());
}

std::expected<BlocksAnswer, std::string> read_blocks(const object& data, std::uint64_t first) {
    BlocksAnswer out;
    auto labels = read_labels(data);
    if (!labels) return std::unexpected(labels.error());
    out.labels = std::move(*labels);
    const auto* list = array_in(data, "blocks");
    if (list == nullptr) return wrong("blocks");
    for (const auto& each : *list) {
        auto block = read_block(data, each);
        if (!block) return std::unexpected(block.error());
        if (block->header.height != first + out.blocks.size())
            return std::unexpected(fmt::format("block {} stands where block {} was asked for", block->header.height,
                                               first + out.blocks.size()));
        out.labels.push_back({block->header.height, block->header.hash, block->label});
        out.blocks.push_back(std::move(*block));
    }
    return out;
}

}  // namespace rues::gateway
