#pragma once

#include <boost/container/small_vector.hpp>
#include <boost/unordered_map.hpp>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/siphash.hpp"
#include "store/fates.hpp"
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

/// A URI as the index keeps it. Most entities are hashes, and thousands of sessions have a topic of their own: as 32
/// bytes a hash needs no memory beside the topic, as text it takes 80 bytes.
class TopicUri {
public:
    explicit TopicUri(const wire::Uri& uri);
    wire::Uri whole() const;
    bool operator==(const wire::Uri& uri) const;
    /// See wire::Uri::matches.
    bool matches(const wire::Location& event) const;

private:
    using Hash = base::ByteArray<32>;
    bool has_entity(const std::optional<std::string_view>& entity) const;

    std::variant<std::monostate, Hash, std::string> entity_;  ///< nothing, 64 lower-case hex digits, or any other text
    std::string topic_;
    wire::Component component_;
};

/// All subscriptions to one URI that get its events in the same form. Often that is one session that watches its
/// transaction.
struct Topic {
    Topic(const wire::Uri& of, bool decodes_events, const wire::Certainty& certainty_of)
        : uri(of), decodes(decodes_events), certainty(certainty_of) {}
    const TopicUri uri;
    boost::container::small_vector<Subscription*, 1> subscriptions;
    const bool decodes;  ///< its subscriptions get decoded events
    const wire::Certainty certainty;
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
    Topic& of(const wire::Uri& uri, bool decodes = false, const wire::Certainty& certainty = {});
    /// Null: nobody has subscribed to `uri` in this form.
    Topic* find(const wire::Uri& uri, bool decodes = false, const wire::Certainty& certainty = {});
    /// The topics of `uri` in all forms; `visit` returns false to end.
    template <typename Visit>
    void each_form(const wire::Uri& uri, Visit visit) {
        auto [at, end] = map_of(uri).equal_range(key_of(uri));
        for (; at != end; ++at) {
            if (at->second.uri == uri && !visit(at->second)) return;
        }
    }
    /// The lanes of a topic's subscriptions, in the order of its list. Empty when the topic has only one subscription.
    std::span<const std::uint32_t> lanes_of(const Topic& topic) const;
    /// Adds a subscription to the end of the topic's list.
    void add(Topic& topic, Subscription& subscription);
    /// Removes a subscription, and with its last subscription the topic. True: the topic was removed.
    bool remove(Subscription& subscription);

    /// The topics that match an event; a retraction matches only those that get retractions. `out` is cleared first;
    /// the caller keeps it between calls, so that its memory is allocated once.
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
    void add(const wire::Uri& uri, std::uint64_t from, bool decodes = false, bool retractions = false);
    /// Only events that reach this finality match. REQUIRES: they are decided (`store::Fates`).
    void demand(wire::Finality finality, std::shared_ptr<const store::TakenBack> taken_back) {
        finality_ = finality;
        taken_back_ = std::move(taken_back);
    }
    Form form_of(const store::LogRecord& record) const;
    bool operator()(const store::LogRecord& record) const { return form_of(record) != Form::none; }

private:
    struct Entry {
        wire::Uri uri;
        std::uint64_t from;
        bool decodes;
        bool retractions;
    };
    wire::Finality finality_ = wire::Finality::accepted;
    std::shared_ptr<const store::TakenBack> taken_back_;
    /// The key is a location with an entity, or one without: that matches every entity.
    std::map<std::string, std::vector<Entry>, std::less<>> by_location_;
};

}  // namespace rues::feed
