#pragma once

#include <map>
#include <set>
#include <vector>

#include "chain/chain.hpp"

/// Transactions that wait for a block. LM 3.4 as amended by rusk-1.7 7.4. Pure: times are passed in; not synchronised.
namespace rues::chain {

class Mempool {
public:
    struct Entry {
        ledger::Transaction tx;
        std::uint64_t entered_ms = 0;  ///< Unix time of its admission
    };
    /// Highest price first; of equal prices the larger id first.
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
    /// Price of the entry that would be evicted. REQUIRES: not empty.
    std::uint64_t lowest_price() const { return ranks_.rbegin()->gas_price; }

    void insert(ledger::Transaction tx, std::uint64_t entered_ms);
    bool erase(const ledger::TxId& id);
    /// `id` and the entries of its account with directly following nonces, in nonce order.
    std::vector<ledger::TxId> cascade(const ledger::TxId& id) const;
    /// Entries that entered before `ms`.
    std::vector<ledger::TxId> older_than(std::uint64_t ms) const;
    /// Entered so that it may be in a block by `latest`, best first.
    std::vector<const Entry*> eligible(std::uint64_t latest_ms) const;
    std::optional<std::uint64_t> first_entered() const;

    std::uint64_t next_nonce(const ledger::AccountKey& account, std::uint64_t nonce) const;
    GasPrice gas_price(std::size_t max) const;
    const std::set<Rank>& ranks() const noexcept { return ranks_; }

private:
    std::map<ledger::TxId, Entry> entries_;  ///< ordered: senders can choose ids that a hash puts into one bucket
    std::size_t bytes_ = 0;
    std::set<Rank> ranks_;
    std::map<std::pair<ledger::AccountKey, std::uint64_t>, ledger::TxId> spends_;  ///< Moonlight spend ids
};

}  // namespace rues::chain
