#pragma once

#include <map>
#include <stop_token>

#include "client/graphql.hpp"
#include "gateway/block_answer.hpp"

/// What a gateway asks nodes for, over GraphQL. Calls block, at most as long as their timeout says. Any thread.
namespace rues::gateway {

inline constexpr std::chrono::milliseconds kTipTimeout{3'000};
inline constexpr std::chrono::milliseconds kBlocksTimeout{20'000};

struct NodeTip {
    std::uint64_t height = 0;
    base::Hash32 hash{};
};
Result<NodeTip> tip_of(const client::Url& node);
/// The header of one block. `refused`: the node has no such block.
Result<ledger::Header> header_of(const client::Url& node, std::uint64_t height);
/// Answers that have another form are `malformed`.
Result<BlocksAnswer> blocks_of(const client::Url& node, std::uint64_t first, std::uint64_t last,
                               std::uint64_t labels_from);
Result<std::vector<LabelAnswer>> labels_of(const client::Url& node, std::uint64_t first, std::uint64_t last);
/// The ids in a node's mempool.
Result<std::vector<ledger::TxId>> pool_of(const client::Url& node);

/// Most transactions of one query.
inline constexpr std::size_t kMostTransactions = 64;
/// Transactions of a node's mempool or ledger, at most kMostTransactions. Those that the node does not have, or whose
/// bytes are another transaction, are left out.
Result<std::map<ledger::TxId, ledger::Transaction>> transactions_of(const client::Url& node,
                                                                    std::span<const ledger::TxId> ids);

}  // namespace rues::gateway
