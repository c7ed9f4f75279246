#pragma once

#include <boost/container/small_vector.hpp>
#include <boost/unordered_map.hpp>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/siphash.hpp"
#include "store/log_records.hpp"
#include "wire/uri.hpp"

namespace rues::feed {

struct Session;
struct Topic;

/// The subscription of one session to one topic. Owned by the session, listed by the topic.
struct Subscription {
    Topic* topic = nullptr;
    Session* session = nullptr;
    std::uint64_t from = 0;   ///< the session's own cursor covers the events after this sequence number
    std::uint32_t place = 0;  ///< index in the topic's list
    std::uint32_t lane = 0;   ///< the lane of its session
    /// See SubscribeOptions::until_end.
    bool until_end = false;
    /// A late subscription: earlier events of its entity are replayed. Whether the client received them is not known,
    /// so they are replayed again when the session is resumed.
    bool is_late = false;
    /// The replay of its session that covers it (Replay::tag), and its index there. 0: the session's own cursor covers
    /// it.
    std::uint16_t replay = 0;
    std::uint32_t member = 0;
};
// Most of what an idle session costs is its socket and this.
static_assert(sizeof(Subscription) == 40);

/// All subscriptions to one URI that get its events in the same form. Often that is one session that watches its
/// transaction.
struct Topic {
    Topic(const wire::Uri& of, bool decodes_events) : uri(of), decodes(decodes_events) {}
    const wire::Uri uri;
    boost::container::small_vector<Subscription*, 1> subscriptions;
    const bool decodes;  ///< its subscriptions get decoded events
};
// With it a topic takes as much memory from the allocator as without.
static_assert(sizeof(Topic) <= 120);

/// The URI of an event, read from its stored message. nullopt: it has no entity or no valid location.
std::optional<wire::Uri> uri_of(const store::LogRecord& record);

/// The subscription index of one loop: two look-ups find all sessions that subscribed to an event, whatever the number
/// of sessions.
///
/// Topics are looked up by a keyed hash of their text. Clients choose the topics: with a hash that clients can compute,
/// they can put all their topics into one bucket, and each event then walks the whole bucket (20,000 topics stalled a
/// loop for half a second). A hit is confirmed on the full text, so an accidental collision only costs time.
class Topics {
public:
    /// `key` must be drawn at random when the program starts.
    explicit Topics(const base::HashKey& key) : hash_key_(key) {}
    /// The topic of `uri` in this form; adds it if it is new.
    Topic& of(const wire::Uri& uri, bool decodes = false);
    /// Null: nobody has subscribed to `uri` in this form.
    Topic* find(const wire::Uri& uri, bool decodes = false);
    /// The lanes of a topic's subscriptions, in the order of its list. Empty when the topic has only one subscription.
    std::span<const std::uint32_t> lanes_of(const Topic& topic) const;
    /// Adds a subscription to the end of the topic's list.
    void add(Topic& topic, Subscription& subscription);
    /// Removes a subscription, and with its last subscription the topic. True: the topic was removed.
    bool remove(Subscription& subscription);

    /// The topics that match an event. `out` is cleared first; the caller keeps it between calls, so that its memory is
    /// allocated once.
    void matching(const store::LogRecord& record, std::vector<Topic*>& out);
    bool empty() const noexcept { return everywhere_.empty() && of_entity_.empty(); }

private:
    /// Keys are hashes already.
    struct Identity {
        std::size_t operator()(std::uint64_t key) const noexcept { return key; }
    };
    /// Most look-ups find nothing. With this map they took 1.5 % of the time of an event that nobody subscribed to,
    /// with std::unordered_multimap 2.5 %.
    using Map = boost::unordered_multimap<std::uint64_t, Topic, Identity>;
    Map& map_of(const wire::Uri& uri) { return uri.entity ? of_entity_ : everywhere_; }
    std::uint64_t key_of_topic(wire::Component component, std::string_view topic) const noexcept;
    std::uint64_t key_of_location(std::string_view location) const noexcept;
    std::uint64_t key_of(const wire::Uri& uri) const;

    const base::HashKey hash_key_;
    /// Topics without an entity are few, and every event is looked up here. In a map of their own they stay in the
    /// cache.
    Map everywhere_;
    Map of_entity_;
    /// Topics that also match in lower case (docs/reference/differences.md 8), by the key of their lower-case URI.
    std::unordered_multimap<std::uint64_t, Topic*, Identity> folded_;
    /// The lanes of a topic side by side in memory, as subscriptions are not. Only topics with several subscriptions
    /// are here, and these are few.
    std::unordered_map<const Topic*, std::vector<std::uint32_t>> lanes_;
};

/// The form in which a session gets an event. An event that matches several subscriptions of the session comes once,
/// and it is decoded when one of these asks for that.
enum class Form : std::uint8_t { none, stored, decoded };

/// Whether one session subscribed to an event, for another thread: an immutable copy of the session's subscriptions. It
/// is an ordered map, so that no choice of topics can make it slow.
class Matcher {
public:
    /// Adds a subscription to the events of `uri` after `from`.
    void add(const wire::Uri& uri, std::uint64_t from, bool decodes = false);
    Form form_of(const store::LogRecord& record) const;
    bool operator()(const store::LogRecord& record) const { return form_of(record) != Form::none; }

private:
    struct Entry {
        wire::Uri uri;
        std::uint64_t from;
        bool decodes;
    };
    /// The key is a location with an entity, or one without: that matches every entity.
    std::map<std::string, std::vector<Entry>, std::less<>> by_location_;
};

}  // namespace rues::feed
