#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "chain/prices.hpp"
#include "ledger/transaction.hpp"

/// Transactions that wait for a block. docs/reference/ledger.md 3.4 as amended by docs/reference/rusk-1.7.md 7.4. Pure:
/// times are passed in; not synchronised. Look-ups, insertions and removals cost O(log n), however many transactions
/// one account has in the pool.
namespace rues::chain {

class Mempool {
public:
    using Time = std::chrono::steady_clock::time_point;
    struct Entry {
        ledger::Transaction tx;
        Time entered{};  ///< when it was admitted
    };
    /// Order of the pool: the highest price first; among equal prices, the larger id first.
    struct Rank {
        std::uint64_t gas_price = 0;
        ledger::TxId id{};
        friend bool operator<(const Rank& a, const Rank& b) {
            return a.gas_price != b.gas_price ? a.gas_price > b.gas_price : a.id > b.id;
        }
    };

    std::size_t size() const noexcept { return entries_.size(); }
    std::size_t bytes() const noexcept { return bytes_; }  ///< Σ `ledger::Transaction::size`
    const Entry* find(const ledger::TxId& id) const;
    const Entry* find(const ledger::AccountKey& account, std::uint64_t nonce) const;
    /// The entries that share a spend id with `tx`: its account and nonce, or one of its nullifiers. Only one of them
    /// could ever be executed. Each once, `tx` itself included.
    std::vector<ledger::TxId> rivals(const ledger::Transaction& tx) const;
    /// Price of the entry that would be evicted. REQUIRES: not empty.
    std::uint64_t lowest_price() const { return ranks_.rbegin()->gas_price; }

    /// REQUIRES: no entry with its id or one of its spend ids. The nullifiers of `tx` are distinct.
    void insert(ledger::Transaction tx, Time entered);
    bool erase(const ledger::TxId& id);
    /// `id` and the entries of its account whose nonces follow it without a gap, in nonce order; nothing follows a
    /// Phoenix transaction. Empty when `id` is not pooled.
    std::vector<ledger::TxId> cascade(const ledger::TxId& id) const;
    /// Entries that entered at `until` or before, oldest first.
    std::vector<ledger::TxId> entered_by(Time until) const;
    /// The same entries, in the order of `Rank`.
    std::vector<const Entry*> eligible(Time until) const;
    /// When the oldest entry entered.
    std::optional<Time> oldest() const;
    /// When the oldest head entered. A head is the entry with the lowest nonce of its account: the only entry of the
    /// account that can be executed next. Every Phoenix transaction is one. A block without a head that is old enough
    /// would be empty.
    std::optional<Time> oldest_head() const;

    /// First nonce above `nonce` that no entry of `account` uses.
    std::uint64_t next_nonce(const ledger::AccountKey& account, std::uint64_t nonce) const;
    /// Prices over the `max` best-paying entries.
    GasPrice gas_price(std::size_t max) const { return prices_.best(max); }
    const std::set<Rank>& ranks() const noexcept { return ranks_; }

private:
    using Aged = std::pair<Time, ledger::TxId>;
    using Spend = std::pair<ledger::AccountKey, std::uint64_t>;  ///< account and nonce
    std::optional<Aged> head(const ledger::AccountKey& account) const;
    void replace_head(const std::optional<Aged>& before, const ledger::AccountKey& account);
    void insert_spend(const ledger::Transaction& tx, Aged aged);
    void erase_spend(const ledger::Transaction& tx, const Aged& aged);
    void add_to_runs(const Spend& spend);
    void take_from_runs(const Spend& spend);

    /// A tree, not a hash table: senders can choose ids that fall into one bucket.
    std::map<ledger::TxId, Entry> entries_;
    std::size_t bytes_ = 0;
    std::set<Rank> ranks_;
    std::map<Spend, ledger::TxId> spends_;
    std::map<base::Hash32, ledger::TxId> nullifiers_;
    /// Runs of nonces without a gap: an account and the first nonce of a run, to its last nonce.
    std::map<Spend, std::uint64_t> runs_;
    std::set<Aged> ages_;
    std::set<Aged> heads_;
    Prices prices_;  ///< of all entries
};

}  // namespace rues::chain
