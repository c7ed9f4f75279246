#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "store/store.hpp"
#include "wire/uri.hpp"

namespace rues::feed {

/// What events are looked up by: component, hash of the topic, hash of the entity; entity 0 stands for every entity.
struct SubscriptionKey {
    wire::Component component{};
    std::uint64_t topic = 0;
    std::uint64_t entity = 0;
    friend bool operator==(const SubscriptionKey&, const SubscriptionKey&) = default;
};
struct SubscriptionKeyHash {
    std::size_t operator()(const SubscriptionKey& key) const noexcept {
        return (key.topic * 0x9e3779b97f4a7c15 ^ key.entity) + static_cast<std::size_t>(key.component);
    }
};

/// The keys under which a subscription is found: one, or two when a contract topic is also to match in lower case
/// (decisions 8).
std::vector<SubscriptionKey> keys_of(const wire::Uri& uri);
/// The key of an event for its own entity, and the one for every entity.
inline SubscriptionKey exact_key(const store::EventFilter& filter) {
    return {filter.component, filter.topic, filter.entity};
}
inline SubscriptionKey any_key(const store::EventFilter& filter) {
    return {filter.component, filter.topic, 0};
}
/// Where an event happened, read back from its stored message.
std::optional<wire::Uri> uri_of(const store::LogRecord& record);

/// The subscriptions of one session. A set: subscribing twice is subscribing once.
class Subscriptions {
public:
    /// False when it was there already. Events after `from` are covered.
    bool add(const wire::Uri& uri, std::uint64_t from);
    bool remove(const wire::Uri& uri);
    /// Whether the session gets this event. Hashes are looked up first; a hit is confirmed on the full URI, so a
    /// collision costs time only.
    bool want(const store::LogRecord& record) const;
    /// The same when `at`, the record's URI, is known.
    bool want(const store::LogRecord& record, const wire::Uri& at) const;
    bool has(const wire::Uri& uri) const;
    /// Whether a subscription is found under `key`.
    bool has(const SubscriptionKey& key) const { return by_key_.contains(key); }
    std::size_t size() const noexcept { return count_; }
    std::vector<SubscriptionKey> keys() const;

private:
    struct Entry {
        wire::Uri uri;
        std::uint64_t from = 0;
    };
    std::unordered_map<SubscriptionKey, std::vector<Entry>, SubscriptionKeyHash> by_key_;
    std::size_t count_ = 0;
};

}  // namespace rues::feed
