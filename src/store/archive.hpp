#pragma once

#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "base/error.hpp"
#include "ledger/event.hpp"

/// What happened on the chain, found by contract, account and memo. GQ 3, 5. Everything but the events of a block that
/// is not final yet is of final blocks: it never changes again.
namespace rues::store {

using base::Bytes;
using base::ByteView;
using base::Hash32;
using base::Result;

/// Where the events of one transaction lie.
struct TransactionPlace {
    std::uint64_t height = 0;
    Hash32 origin{};             ///< transaction id
    std::uint32_t position = 0;  ///< of its first event among those of the block, in order of execution
    friend auto operator<=>(const TransactionPlace&, const TransactionPlace&) = default;
};

/// All events of one transaction, in the order in which they were emitted.
struct EventGroup {
    std::uint64_t height = 0;
    Hash32 origin{};
    std::vector<ledger::ContractEvent> events;
    friend bool operator==(const EventGroup&, const EventGroup&) = default;
};

/// An event of a final block. Rows count from 1 without a gap in the order of finalization: blocks by height, in a
/// block by bytes of the origin, events of one origin as they were emitted (GQ 5.2).
struct FinalEvent {
    std::uint64_t row = 0;
    std::uint64_t height = 0;
    Hash32 block_hash{};
    ledger::ContractEvent event;
    friend bool operator==(const FinalEvent&, const FinalEvent&) = default;
};
struct FinalEvents {
    std::vector<FinalEvent> events;
    bool more = false;  ///< at least one follows them
};

/// Which transactions, and how many of them. In order of height and of the bytes of the id, or in the reverse order.
struct HistoryPage {
    std::uint64_t from = 0;  ///< lowest height
    std::uint64_t to = std::numeric_limits<std::uint64_t>::max();
    bool descending = false;
    std::uint64_t skip = 0;
    std::size_t most = 0;
    /// So many entries of the index are looked at; a page that needs more is an Error of kind `invalid`. A million take
    /// about half a second.
    std::uint64_t looked_at = 1'000'000;
};
struct History {
    std::vector<TransactionPlace> transactions;
    bool more = false;  ///< there is at least one behind them
};

/// How far the archive goes.
struct ArchiveEnd {
    std::uint64_t height = 0;  ///< of the last final block; all below it are final too
    std::uint64_t rows = 0;    ///< number of final events, and the last row
    friend bool operator==(const ArchiveEnd&, const ArchiveEnd&) = default;
};

/// Reads at the moment of a Snapshot, whose rules hold here too.
class Archive {
public:
    virtual ~Archive() = default;

    /// nullopt before the genesis.
    virtual Result<std::optional<ArchiveEnd>> archive_end() const = 0;
    /// Height of the last final block. nullopt before the genesis.
    Result<std::optional<std::uint64_t>> last_final() const;
    /// Events of one block as clients are told them: in the order of execution while the block is not final, from then
    /// on by bytes of the origin and of one origin as they were emitted (GQ 5.2). Empty for a block that is not there.
    virtual Result<std::vector<ledger::ContractEvent>> listed_events(std::uint64_t height) const = 0;
    /// The highest block that is not final and has events.
    virtual Result<std::optional<std::uint64_t>> last_pending_events() const = 0;
    /// Final events of a contract with rows above `after`, at most `most` of them.
    virtual Result<FinalEvents> final_events(const ledger::ContractId& contract, std::uint64_t after,
                                             std::size_t most) const = 0;
    /// The same backwards, newest first: final events of a contract with rows below `before`.
    virtual Result<FinalEvents> final_events_before(const ledger::ContractId& contract, std::uint64_t before,
                                                    std::size_t most) const = 0;
    /// The lowest final block from `from` on in which the transfer contract emitted `phoenix`.
    virtual Result<std::optional<std::uint64_t>> next_phoenix(std::uint64_t from) const = 0;

    /// Transactions in which the account paid, was paid, or one of both.
    enum class Flow : std::uint8_t { out, in, any };
    virtual Result<History> history(const ledger::AccountKey& account, Flow flow, const HistoryPage& page) const = 0;
    /// Transactions in which `sender` paid and `receiver` was paid.
    virtual Result<History> payments(const ledger::AccountKey& sender, const ledger::AccountKey& receiver,
                                     const HistoryPage& page) const = 0;
    /// Transactions with exactly this memo. An empty memo finds nothing.
    virtual Result<History> with_memo(ByteView memo, const HistoryPage& page) const = 0;
    /// What happened in them, in their order. `corrupt` when one is not there: only pass what the reads above gave.
    virtual Result<std::vector<EventGroup>> groups(std::span<const TransactionPlace> of) const = 0;

    /// @name For who checks the indexes: all of them in order of their keys, and where contract events lie
    /// (docs/formats/store.md), until `visit` returns false.
    /// @{
    virtual Result<void> for_each_index_entry(const std::function<bool(ByteView key, ByteView value)>& visit) const = 0;
    virtual Result<std::optional<Bytes>> index_entry(ByteView key) const = 0;
    virtual Result<void> for_each_events_place(const std::function<bool(ByteView key)>& visit) const = 0;
    /// @}
};

}  // namespace rues::store
