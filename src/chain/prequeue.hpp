#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "ledger/transaction.hpp"

/// Transactions that arrived before their predecessors. docs/reference/rusk-1.7.md 7.5. Pure: times are passed in; not
/// synchronised.
namespace rues::chain {

/// Holds transactions whose nonce leaves a gap, until the gap is closed or their attempts are used up. They are outside
/// the mempool, and clients cannot query them. In memory only: a restart forgets them.
///
/// When it is full, the account that holds the most gives a place to an account that holds less, so that a few accounts
/// cannot keep all others out (docs/decisions/0011).
class Prequeue {
public:
    using Time = std::chrono::steady_clock::time_point;
    using Key = std::pair<ledger::AccountKey, std::uint64_t>;  ///< account and nonce

    /// The node tries again 500 ms after the last attempt, but looks only every 100 ms, so its ten attempts take 5.40
    /// to 5.79 s (recorded, scenario nonce-future-65). Ten attempts every 565 ms take as long without looking.
    static constexpr std::chrono::milliseconds kRetryEvery{565};
    static constexpr unsigned kMaxAttempts = 10;

    struct Limits {
        std::size_t capacity = 0;
        std::size_t per_account = 0;
        /// Bytes of all entries together. The node only counts entries, but a single deployment of a contract may have
        /// a megabyte.
        std::size_t bytes = 64 << 20;
    };
    explicit Prequeue(Limits limits) : limits_(limits) {}

    enum class Outcome : std::uint8_t {
        staged,
        replaced,     ///< it took the place of one that pays less, whose id is in `Result::replaced`
        present,      ///< the very same transaction is staged already
        superseded,   ///< a staged one of the same account and nonce pays as much or more
        full,         ///< `capacity` or `bytes` reached, and no account holds more than this one would
        account_full  ///< `per_account` reached
    };
    struct Result {
        Outcome outcome{};
        ledger::TxId replaced{};
        std::vector<ledger::TxId> gave_way{};  ///< entries of the largest holder that left to make room
    };
    /// Stages `tx`; its first attempt is due `kRetryEvery` after `now`. Results other than `staged` and `replaced`
    /// change nothing. REQUIRES: a Moonlight transaction.
    Result stage(ledger::Transaction tx, Time now);

    const ledger::Transaction* find(const Key& key) const;
    std::optional<ledger::Transaction> take(const Key& key);
    /// The entries whose next attempt is due at `now`, in the order in which they became due.
    std::vector<Key> due(Time now) const;
    std::optional<Time> next_due() const;
    /// Counts a failed attempt and sets the time of the next one. False: it was the last attempt, and the caller takes
    /// the transaction and gives it up. REQUIRES: `find` has it.
    bool try_again_later(const Key& key, Time now);

    std::size_t size() const noexcept { return entries_.size(); }
    std::size_t bytes() const noexcept { return bytes_; }  ///< Σ `ledger::Transaction::size`
    const Limits& limits() const noexcept { return limits_; }

private:
    struct Entry {
        ledger::Transaction tx;
        Time due;
        std::uint64_t order = 0;  ///< order among entries that are due at the same moment
        unsigned attempts = 0;
    };
    using Due = std::tuple<Time, std::uint64_t, Key>;
    struct Holding {
        std::size_t count = 0;
        std::size_t bytes = 0;
    };
    std::optional<std::vector<Key>> room_for(const ledger::AccountKey& account, Holding more) const;
    void schedule(const Key& key, Entry& entry, Time now);

    const Limits limits_;
    std::map<Key, Entry> entries_;
    std::set<Due> due_;
    std::map<ledger::AccountKey, Holding> of_account_;
    std::size_t bytes_ = 0;
    std::uint64_t next_order_ = 0;
};

}  // namespace rues::chain
