#include "gateway/node_reads.hpp"

#include <fmt/format.h>

#include "client/failure.hpp"
#include "gateway/proof.hpp"

namespace rues::gateway {
namespace {

using base::json::object;
using client::failure;

template <typename T>
Result<T> formed(std::expected<T, std::string> read) {
    if (!read) return failure(Error::Kind::malformed, std::move(read.error()));
    return std::move(*read);
}

/// The object of a field that may be null.
const object* object_of(const object& data, std::string_view key) {
    const auto* found = data.if_contains(key);
    return found != nullptr ? found->if_object() : nullptr;
}

std::optional<std::string_view> text_of(const object& in, std::string_view key) {
    const auto* found = in.if_contains(key);
    if (found == nullptr || !found->is_string()) return std::nullopt;
    return found->get_string();
}

std::optional<base::Hash32> hash_in(const object& in, std::string_view key) {
    const auto text = text_of(in, key);
    return text ? base::array_from_hex<32>(*text) : std::nullopt;
}

}  // namespace

Result<NodeTip> tip_of(const client::Url& node) {
    const auto data = client::graphql(node, "{block(height:-1){header{height hash}}}", {}, kTipTimeout);
    if (!data) return std::unexpected(data.error());
    const auto* block = object_of(*data, "block");
    const auto* header = block != nullptr ? object_of(*block, "header") : nullptr;
    const auto hash = header != nullptr ? hash_in(*header, "hash") : std::nullopt;
    boost::system::error_code error;
    const auto* height = header != nullptr ? header->if_contains("height") : nullptr;
    const auto number = height != nullptr ? height->to_number<std::uint64_t>(error) : 0;
    if (!hash || height == nullptr || error) return failure(Error::Kind::malformed, "the answer has no tip");
    return NodeTip{number, *hash};
}

Result<ledger::Header> header_of(const client::Url& node, std::uint64_t height) {
    const auto data =
        client::graphql(node, fmt::format("{{block(height:{}){{header{{json}}}}}}", height), {}, kTipTimeout);
    if (!data) return std::unexpected(data.error());
    const auto* block = object_of(*data, "block");
    if (block == nullptr) return failure(Error::Kind::refused, fmt::format("it has no block {}", height));
    return formed(read_header(*block));
}

Result<BlocksAnswer> blocks_of(const client::Url& node, std::uint64_t first, std::uint64_t last,
                               std::uint64_t labels_from) {
    const auto data = client::graphql(node, blocks_query(first, last, labels_from), {}, kBlocksTimeout);
    if (!data) return std::unexpected(data.error());
    return formed(read_blocks(*data, first));
}

Result<std::vector<LabelAnswer>> labels_of(const client::Url& node, std::uint64_t first, std::uint64_t last) {
    const auto data = client::graphql(node, labels_query(first, last), {}, kBlocksTimeout);
    if (!data) return std::unexpected(data.error());
    return formed(read_labels(*data));
}

Result<std::vector<ledger::TxId>> pool_of(const client::Url& node) {
    const auto data = client::graphql(node, "{mempoolTxs{id}}", {}, kBlocksTimeout);
    if (!data) return std::unexpected(data.error());
    const auto* list = data->if_contains("mempoolTxs");
    if (list == nullptr || !list->is_array()) return failure(Error::Kind::malformed, "the answer has no mempoolTxs");
    std::vector<ledger::TxId> out;
    for (const auto& each : list->get_array()) {
        const auto* in = each.if_object();
        const auto id = in != nullptr ? hash_in(*in, "id") : std::nullopt;
        if (!id) return failure(Error::Kind::malformed, "the answer has no good id");
        out.push_back(*id);
    }
    return out;
}

Result<std::map<ledger::TxId, ledger::Transaction>> transactions_of(const client::Url& node,
                                                                    std::span<const ledger::TxId> ids) {
    std::string query = "{";
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const auto id = base::to_hex(ids[i]);
        query += fmt::format(R"(p{}:mempoolTx(hash:"{}"){{raw}} l{}:tx(hash:"{}"){{raw}} )", i, id, i, id);
    }
    const auto data = client::graphql(node, query + "}", {}, kBlocksTimeout);
    if (!data) return std::unexpected(data.error());
    std::map<ledger::TxId, ledger::Transaction> out;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const auto* pooled = object_of(*data, fmt::format("p{}", i));
        const auto* found = pooled != nullptr ? pooled : object_of(*data, fmt::format("l{}", i));
        const auto raw = found != nullptr ? text_of(*found, "raw") : std::nullopt;
        if (!raw) continue;
        if (auto proved = prove_transaction(*raw, ids[i])) out.emplace(ids[i], std::move(*proved));
    }
    return out;
}

}  // namespace rues::gateway
