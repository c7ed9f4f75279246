#include "chain/key_cache.hpp"

#include <mutex>

namespace rues::chain {

std::optional<crypto::PublicKey> KeyCache::find(const ledger::AccountKey& key) const {
    const std::shared_lock lock(mutex_);
    const auto found = keys_.find(key);
    return found != keys_.end() ? std::optional(found->second) : std::nullopt;
}

void KeyCache::insert(const crypto::PublicKey& key) {
    const std::unique_lock lock(mutex_);
    if (keys_.size() >= capacity_) keys_.clear();
    keys_.try_emplace(key.bytes(), key);
}

std::optional<crypto::PublicKey> KeyCache::decode(const ledger::AccountKey& key) {
    auto known = find(key);
    if (known) return known;
    auto decoded = crypto::PublicKey::decode(key);
    if (decoded) insert(*decoded);
    return decoded;
}

}  // namespace rues::chain
