#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "ledger/block.hpp"
#include "ledger/event.hpp"

/// Blocks as a node answers them over GraphQL (docs/reference/graphql.md 3, 4.1, 4.5). Pure.
namespace rues::gateway {

/// One block in a node's answer. Only its form was checked; `prove` checks the rest.
struct BlockAnswer {
    ledger::Header header;
    ledger::Label label;
    std::vector<ledger::SpentTransaction> transactions;
    std::vector<ledger::ContractEvent> events;
};

/// The finality of one block in a node's answer.
struct LabelAnswer {
    std::uint64_t height = 0;
    base::Hash32 hash{};
    ledger::Label label;
};

/// Most blocks of one query. A block and its events may have megabytes.
inline constexpr std::uint64_t kMostBlocks = 16;
/// Most labels of one query: the node's limit (docs/reference/graphql.md 3).
inline constexpr std::uint64_t kMostLabels = 200;

/// The query for the blocks from `first` to `last`, at most kMostBlocks of them, and for the labels of the blocks from
/// `labels_from` on that are below `first`, the oldest kMostLabels of them.
std::string blocks_query(std::uint64_t first, std::uint64_t last, std::uint64_t labels_from);
/// The query for height, hash and label of the blocks from `first` to `last`, at most kMostLabels.
std::string labels_query(std::uint64_t first, std::uint64_t last);

/// The answer to `blocks_query`. The node may have had fewer blocks. The error names what is missing or has another
/// form.
struct BlocksAnswer {
    std::vector<BlockAnswer> blocks;  ///< consecutive from `first` on
    std::vector<LabelAnswer> labels;  ///< also those of `blocks`, in ascending order
};
std::expected<BlocksAnswer, std::string> read_blocks(const base::json::object& data, std::uint64_t first);
std::expected<std::vector<LabelAnswer>, std::string> read_labels(const base::json::object& data);
/// A header alone: `header { json }`.
std::expected<ledger::Header, std::string> read_header(const base::json::object& block);

}  // namespace rues::gateway
