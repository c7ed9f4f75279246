#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "ledger/transaction.hpp"

/// Transactions that came before what they follow. rusk-1.7 7.5. Pure: times are passed in; not synchronised.
namespace rues::chain {

/// Holds transactions whose nonce leaves a gap, outside of the mempool and of everything clients can ask, until the gap
/// is closed or their attempts are used up. In memory only: a restart forgets them.
///
/// When it is full, the account that holds the most gives way to one that holds less, so that a few accounts cannot
/// keep all others out (docs/decisions/0011).
class Prequeue {
public:
    using Time = std::chrono::steady_clock::time_point;
    using Key = std::pair<ledger::AccountKey, std::uint64_t>;  ///< account and nonce

    /// The node tries again 500 ms after it tried last and looks every 100 ms, so that its ten attempts take 5.40 to
    /// 5.79 s (recorded, scenario nonce-future-65). Without looking around ten times 565 ms come to the same.
    static constexpr std::chrono::milliseconds kRetryEvery{565};
    static constexpr unsigned kMaxAttempts = 10;

    struct Limits {
        std::size_t capacity = 1'000;
        std::size_t per_account = 64;
        std::size_t bytes = 64 << 20;  ///< of all together; the node counts only, and a deployment may have a megabyte
    };
    explicit Prequeue(Limits limits) : limits_(limits) {}

    enum class Outcome : std::uint8_t {
        staged,
        replaced,     ///< in the place of one that pays less, whose id is in `Result::replaced`
        present,      ///< it is the one that is there
        superseded,   ///< one of the same account and nonce pays as much or more
        full,         ///< `capacity` or `bytes` reached, and no account holds more than this one would
        account_full  ///< `per_account` reached
    };
    struct Result {
        Outcome outcome{};
        ledger::TxId replaced{};
        std::vector<ledger::TxId> gave_way{};  ///< left to make room for it
    };
    /// REQUIRES: a Moonlight transaction. Its attempts are counted from `now`. Outcomes other than `staged` and
    /// `replaced` change nothing.
    Result stage(ledger::Transaction tx, Time now);

    const ledger::Transaction* find(const Key& key) const;
    std::optional<ledger::Transaction> take(const Key& key);
    /// Those that are to be tried by `now`, in the order in which they became due.
    std::vector<Key> due(Time now) const;
    std::optional<Time> next_due() const;
    /// Counts a vain attempt. False: that was the last, the transaction is to be taken and given up. REQUIRES: `find`
    /// has it.
    bool try_again_later(const Key& key, Time now);

    std::size_t size() const noexcept { return entries_.size(); }
    std::size_t bytes() const noexcept { return bytes_; }  ///< Σ `ledger::Transaction::size`
    const Limits& limits() const noexcept { return limits_; }

private:
    struct Entry {
        ledger::Transaction tx;
        Time due;
        std::uint64_t order = 0;  ///< among those due at the same moment
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
