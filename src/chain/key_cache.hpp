#pragma once

#include <map>
#include <optional>
#include <shared_mutex>

#include "ledger/transaction.hpp"

namespace rues::chain {

/// Keys whose membership in the subgroup was checked, so that the check and the square root of decompression are paid
/// once per account. Any thread. A full cache forgets all keys: the next use of each pays again.
class KeyCache {
public:
    explicit KeyCache(std::size_t capacity) : capacity_(capacity) {}
    std::optional<crypto::PublicKey> find(const ledger::AccountKey& key) const;
    void insert(const crypto::PublicKey& key);
    /// The known key, or the decoded one, which is known from then on. nullopt: these bytes are no key.
    std::optional<crypto::PublicKey> decode(const ledger::AccountKey& key);

private:
    std::size_t capacity_;
    mutable std::shared_mutex mutex_;
    std::map<ledger::AccountKey, crypto::PublicKey> keys_;  ///< a tree, not a hash table: clients choose their keys
};

}  // namespace rues::chain
