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

/// That one session wants the events of one topic. Owned by the session, listed by the topic.
struct Subscription {
    Topic* topic = nullptr;
    Session* session = nullptr;
    std::uint64_t from = 0;   ///< events after it are covered by the session's own cursor
    std::uint32_t place = 0;  ///< in the topic's list
    std::uint32_t lane = 0;   ///< of its session
    bool until_end = false;
    /// What had happened to its entity before was delivered with it. Whether the client received that is not known, so
    /// it comes again when the session is resumed.
    bool looks_back = false;
    /// Which replay of its session covers it (Replay::tag), and where it stands there. 0: the session's own cursor
    /// does.
    std::uint16_t replay = 0;
    std::uint32_t member = 0;
};
// Most of what an idle session costs is its socket and this.
static_assert(sizeof(Subscription) == 40);

/// Everything that is subscribed to under one URI. Often that is one session and its transaction.
struct Topic {
    explicit Topic(const wire::Uri& of) : uri(of) {}
    const wire::Uri uri;
    boost::container::small_vector<Subscription*, 1> subscriptions;
};

/// Where an event happened, read back from its stored message.
std::optional<wire::Uri> uri_of(const store::LogRecord& record);

/// The topics of one loop: two look-ups find everybody who wants an event, whatever the number of sessions.
///
/// Topics are looked up by a keyed hash of their text: clients choose it, and with a hash that they can compute they
/// put all their topics into one bucket, which each event then walks (20,000 topics stalled a loop for half a second).
/// A hit is confirmed on the full text, so an accidental collision costs time only.
class Topics {
public:
    /// `key` is drawn at random when the program starts.
    explicit Topics(const base::HashKey& key) : hash_key_(key) {}
    /// The topic of `uri`, made when it is new.
    Topic& of(const wire::Uri& uri);
    Topic* find(const wire::Uri& uri);
    /// The lanes of a topic's subscriptions in the order of its list; empty when it has but one.
    std::span<const std::uint32_t> lanes_of(const Topic& topic) const;
    void add(Topic& topic, Subscription& subscription);
    /// The topic goes with its last subscription; whether it did.
    bool remove(Subscription& subscription);

    /// The topics that want an event. Cleared first; the caller's to keep, so that it costs no memory each time.
    void wanting(const store::LogRecord& record, std::vector<Topic*>& out);
    bool empty() const noexcept { return everywhere_.empty() && of_entity_.empty(); }

private:
    /// Keys are uniform already.
    struct Identity {
        std::size_t operator()(std::uint64_t key) const noexcept { return key; }
    };
    /// Most look-ups find nothing, for which this one took 1.5 % of an event nobody wants, the standard's 2.5.
    using Map = boost::unordered_multimap<std::uint64_t, Topic, Identity>;
    Map& map_of(const wire::Uri& uri) { return uri.entity ? of_entity_ : everywhere_; }
    std::uint64_t key_of_topic(wire::Component component, std::string_view topic) const noexcept;
    std::uint64_t key_of_location(std::string_view location) const noexcept;
    std::uint64_t key_of(const wire::Uri& uri) const;

    const base::HashKey hash_key_;
    /// Those of every entity are few and asked for with each event: apart they stay in the cache.
    Map everywhere_;
    Map of_entity_;
    /// Those that are also to be found in lower case (decisions 8).
    std::unordered_multimap<std::uint64_t, Topic*, Identity> folded_;
    /// Side by side, as the subscriptions are not. Few topics have many subscriptions.
    std::unordered_map<const Topic*, std::vector<std::uint32_t>> lanes_;
};

/// The same question for one session, asked on another thread: an unchanging copy of what it wants. Ordered, so that no
/// choice of topics makes it slow.
class Wants {
public:
    void add(const wire::Uri& uri, std::uint64_t from);
    bool operator()(const store::LogRecord& record) const;

private:
    struct Entry {
        wire::Uri uri;
        std::uint64_t from;
    };
    std::map<std::string, std::vector<Entry>, std::less<>> by_location_;  ///< of one entity, or of every entity
};

}  // namespace rues::feed
