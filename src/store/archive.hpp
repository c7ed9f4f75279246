#pragma once

#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "base/error.hpp"
#include "ledger/event.hpp"

/// The archive: events and transactions, found by contract, account and memo. docs/reference/graphql.md 3, 5. It covers
/// final blocks, so its answers never change; only the events of a block, deployments and calls can also be read before
/// the block is final.
namespace rues::store {

using base::Bytes;
using base::ByteView;
using base::Hash32;
using base::Result;

/// The place at which the events of one transaction are stored.
struct TransactionPlace {
    std::uint64_t height = 0;
    Hash32 origin{};             ///< transaction id
    std::uint32_t position = 0;  ///< position of its first event among the events of the block, in order of execution
    friend auto operator<=>(const TransactionPlace&, const TransactionPlace&) = default;
};

/// All events of one transaction, in the order in which they were emitted.
struct EventGroup {
    std::uint64_t height = 0;
    Hash32 origin{};
    std::vector<ledger::ContractEvent> events;
    friend bool operator==(const EventGroup&, const EventGroup&) = default;
};

/// An event of a final block. Rows count from 1 without a gap, in the order of finalization: by height of the block,
/// then by bytes of the origin, then as the origin emitted them (docs/reference/graphql.md 5.2).
struct FinalEvent {
    std::uint64_t row = 0;
    std::uint64_t height = 0;
    Hash32 block_hash{};
    ledger::ContractEvent event;
    friend bool operator==(const FinalEvent&, const FinalEvent&) = default;
};
struct FinalEvents {
    std::vector<FinalEvent> events;
    bool more = false;  ///< at least one more event follows
};

/// Selects one page of a history. Transactions are in order of height, then of the bytes of the id, or in the reverse
/// order.
struct HistoryPage {
    std::uint64_t from = 0;  ///< lowest height
    std::uint64_t to = std::numeric_limits<std::uint64_t>::max();
    bool descending = false;
    /// Number of matching transactions to leave out at the start.
    std::uint64_t skip = 0;
    /// Most transactions in the page.
    std::size_t most = 0;
    /// Most index entries that are examined; a page that needs more is an Error of kind `invalid`. A million entries
    /// take about half a second.
    std::uint64_t looked_at = 1'000'000;
};
struct History {
    /// In the order of the page.
    std::vector<TransactionPlace> transactions;
    bool more = false;  ///< at least one more transaction follows
};

/// The place of a transaction in the chain.
struct BlockPlace {
    std::uint64_t height = 0;
    std::uint32_t index = 0;  ///< position in the block
    friend auto operator<=>(const BlockPlace&, const BlockPlace&) = default;
};
/// Before every place there is nothing above it: a page of the newest entries begins here.
inline constexpr BlockPlace kNewest{std::numeric_limits<std::uint64_t>::max(), 0};

/// A transaction that deployed a contract.
struct Deployment {
    BlockPlace place;
    ledger::ContractId contract{};
    Hash32 transaction{};
    friend bool operator==(const Deployment&, const Deployment&) = default;
};
struct Deployments {
    std::vector<Deployment> deployments;
    bool more = false;  ///< at least one more follows
};

/// A transaction that calls a contract itself; not one that reaches it through other contracts.
struct ContractCall {
    BlockPlace place;
    Hash32 transaction{};
    friend bool operator==(const ContractCall&, const ContractCall&) = default;
};
struct ContractCalls {
    std::vector<ContractCall> calls;
    bool more = false;  ///< at least one more follows
};

/// The end of the archive.
struct ArchiveEnd {
    std::uint64_t height = 0;  ///< of the last final block; all blocks below it are final too
    std::uint64_t rows = 0;    ///< number of final events, which is also the number of the last row
    friend bool operator==(const ArchiveEnd&, const ArchiveEnd&) = default;
};

/// The archive's part of a Snapshot. The rules of Snapshot for threads, errors and lifetime hold here too.
class Archive {
public:
    virtual ~Archive() = default;

    /// nullopt before the genesis.
    virtual Result<std::optional<ArchiveEnd>> archive_end() const = 0;
    /// Height of the last final block. nullopt before the genesis.
    Result<std::optional<std::uint64_t>> last_final() const;
    /// Events of one block in the order that clients see: in order of execution while the block is not final; from then
    /// on by bytes of the origin, and for one origin as it emitted them (docs/reference/graphql.md 5.2). Empty when
    /// there is no such block.
    virtual Result<std::vector<ledger::ContractEvent>> listed_events(std::uint64_t height) const = 0;
    /// The highest block that is not final and has events.
    virtual Result<std::optional<std::uint64_t>> last_pending_events() const = 0;
    /// Final events of a contract with rows above `after`, at most `most` of them.
    virtual Result<FinalEvents> final_events(const ledger::ContractId& contract, std::uint64_t after,
                                             std::size_t most) const = 0;
    /// Final events of a contract with rows below `before`, newest first, at most `most` of them.
    virtual Result<FinalEvents> final_events_before(const ledger::ContractId& contract, std::uint64_t before,
                                                    std::size_t most) const = 0;
    /// Height of the lowest final block from `from` on in which the transfer contract emitted `phoenix`.
    virtual Result<std::optional<std::uint64_t>> next_phoenix(std::uint64_t from) const = 0;

    /// `out`: transactions in which the account paid. `in`: transactions in which it was paid. `any`: both.
    enum class Flow : std::uint8_t { out, in, any };
    virtual Result<History> history(const ledger::AccountKey& account, Flow flow, const HistoryPage& page) const = 0;
    /// Transactions in which `sender` paid and `receiver` was paid.
    virtual Result<History> payments(const ledger::AccountKey& sender, const ledger::AccountKey& receiver,
                                     const HistoryPage& page) const = 0;
    /// Transactions with exactly this memo. An empty memo finds nothing.
    virtual Result<History> with_memo(ByteView memo, const HistoryPage& page) const = 0;
    /// All events of these transactions, in the order of `of`. Only pass places that the reads above returned: a place
    /// without events is an Error of kind `corrupt`.
    virtual Result<std::vector<EventGroup>> groups(std::span<const TransactionPlace> of) const = 0;

    /// The transaction that deployed a contract, in a block of any label; nullopt for a genesis contract and for an id
    /// that no contract has.
    virtual Result<std::optional<Deployment>> deployment(const ledger::ContractId& contract) const = 0;
    /// Deployments below `before` in blocks of any label, newest first, at most `most` of them. Without the genesis
    /// contracts, which no transaction deployed.
    virtual Result<Deployments> deployments_before(const BlockPlace& before, std::size_t most) const = 0;
    /// Transactions below `before` that call the contract, in blocks of any label, newest first, at most `most` of
    /// them. A failed call is a call too.
    virtual Result<ContractCalls> calls_before(const ledger::ContractId& contract, const BlockPlace& before,
                                               std::size_t most) const = 0;

    /// @name For the check of the indexes (archive_check.hpp): all index entries in order of their keys, and the keys
    /// of all contract events (docs/formats/store.md), until `visit` returns false.
    /// @{
    virtual Result<void> for_each_index_entry(const std::function<bool(ByteView key, ByteView value)>& visit) const = 0;
    virtual Result<std::optional<Bytes>> index_entry(ByteView key) const = 0;
    virtual Result<void> for_each_events_place(const std::function<bool(ByteView key)>& visit) const = 0;
    /// @}
};

}  // namespace rues::store
