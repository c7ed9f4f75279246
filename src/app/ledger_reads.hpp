#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "client/url.hpp"
#include "ledger/event.hpp"

/// Reads blocks and transactions from a node, by GraphQL.
namespace rues::app {

/// 64 hex digits, with or without `0x`.
std::optional<base::Hash32> hash_of(std::string_view text);

struct FoundTransaction {
    struct Execution {
        std::uint64_t height = 0;
        std::string block_hash;
        std::uint64_t gas_spent = 0;
        std::optional<std::string> error;
        std::vector<ledger::ContractEvent> events;  ///< none of a node without an archive
    };
    ledger::Transaction tx;
    std::optional<Execution> execution;  ///< nullopt: it waits in the mempool
};
/// nullopt: the node does not know it.
Result<std::optional<FoundTransaction>> find_transaction(const client::Url& url, const ledger::TxId& id);

/// The nullifiers that transactions in the node's mempool publish: their notes are about to be spent. Only
/// `kMostPooledRead` transactions are read, in the node's order.
inline constexpr std::size_t kMostPooledRead = 4'096;
Result<std::set<base::Hash32>> pooled_nullifiers(const client::Url& url);

/// The block of a height or a hash, or the latest one, as GraphQL has it. nullopt: there is none.
using BlockName = std::variant<std::monostate, std::uint64_t, base::Hash32>;
Result<std::optional<base::json::object>> find_block(const client::Url& url, const BlockName& name);

/// The height of the tip, and that of the newest final block.
Result<std::pair<std::uint64_t, std::uint64_t>> newest_heights(const client::Url& url);

/// A page of an account's transactions in final blocks, newest first, as the node's archive has it: `{"transactions":
/// […],"next":…}`. `before`: the `next` of the page before it; empty: the newest page.
Result<base::json::object> account_history(const client::Url& url, const crypto::PublicKey& account,
                                           std::string_view before, std::uint64_t limit);

/// Its transactions in blocks that are not final yet, which the archive does not have: newest first, each like one of
/// the archive's. Only the newest `kMostRecent` blocks are read.
inline constexpr std::uint64_t kMostRecent = 200;
Result<base::json::array> recent_history(const client::Url& url, const crypto::PublicKey& account);

}  // namespace rues::app
