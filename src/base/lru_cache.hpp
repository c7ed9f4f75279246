#pragma once

#include <list>
#include <map>
#include <utility>

namespace rues::base {

/// A cache that is bounded by the number of bytes that the caller states for each value. When it is full, it drops the
/// values that were not used for the longest time. Not synchronised. A value that takes more than a quarter of the
/// cache is not kept: it would push out many values that are used more often. Clients choose the keys, so the map is
/// ordered and not hashed: no choice of keys makes a look-up slow.
template <typename Key, typename Value>
class LruCache {
public:
    explicit LruCache(std::size_t max_bytes) : max_bytes_(max_bytes) {}

    /// nullptr when the key is absent. The pointer is valid until the next `put` or `clear`.
    const Value* find(const Key& key) {
        const auto found = by_key_.find(key);
        if (found == by_key_.end()) return nullptr;
        entries_.splice(entries_.begin(), entries_, found->second);
        return &found->second->value;
    }
    /// Stores a value that takes `bytes`. An older value of the key is dropped, even when the new one is too large to
    /// be kept.
    void put(const Key& key, Value value, std::size_t bytes) {
        if (const auto known = by_key_.find(key); known != by_key_.end()) drop(known->second);
        if (bytes > max_bytes_ / 4) return;
        entries_.push_front({key, std::move(value), bytes});
        by_key_.emplace(key, entries_.begin());
        for (bytes_ += bytes; bytes_ > max_bytes_;) drop(std::prev(entries_.end()));
    }
    void clear() {
        by_key_.clear();
        entries_.clear();
        bytes_ = 0;
    }
    std::size_t bytes() const noexcept { return bytes_; }
    std::size_t size() const noexcept { return entries_.size(); }

private:
    struct Entry {
        Key key;
        Value value;
        std::size_t bytes;
    };
    using Place = typename std::list<Entry>::iterator;

    void drop(Place entry) {
        bytes_ -= entry->bytes;
        by_key_.erase(entry->key);
        entries_.erase(entry);
    }

    std::size_t max_bytes_;
    std::list<Entry> entries_;  ///< most recently used first
    std::map<Key, Place, std::less<>> by_key_;
    std::size_t bytes_ = 0;
};

}  // namespace rues::base
