#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/client.hpp"
#include "feed/hub.hpp"
#include "feed/topics.hpp"

/// What a loop knows about one session. Everything here belongs to that loop's thread.
namespace rues::feed {

/// A replay: subscriptions that start before the live end, with a cursor of their own, because the session's cursor is
/// farther on. First come the earlier events of the late subscriptions, one member after the other, marked as replays;
/// then the log, for all members.
///
/// Code that delivers from a replay holds a `ReplayRef`, because the session may drop the replay meanwhile.
struct Replay {
    struct Member {
        Subscription* subscription = nullptr;  ///< its `replay` and `member` name this place
        std::uint64_t after = 0;               ///< events after it are delivered to this member
    };
    std::vector<Member> members;    ///< empty only after the session has dropped the replay
    std::uint64_t number = 0;       ///< unique in its loop
    std::uint64_t next = 0;         ///< first record that was not checked for it yet
    unsigned holds = 0;             ///< requests whose answers are not sent yet; the replay starts at 0
    std::size_t late_end = 0;       ///< members before this index are late subscriptions
    std::size_t late_done = 0;      ///< members before this index have received their earlier events
    std::size_t late_messages = 0;  ///< whole messages sent to the member at `late_done`
    std::uint64_t late_number = 0;  ///< tells a read for that member from a read for an earlier one
    /// The state that the blocks of its events must have. A replay with another one than `accepted` does not end: at
    /// `SessionTable::settled` it is parked until an event comes for it (DelayedDelivery).
    wire::Finality finality = wire::Finality::accepted;
    bool is_parked = false;  ///< every record up to `SessionTable::settled` was checked for it; `next` means nothing
    /// When it was woken; nullopt: it was never parked.
    std::optional<std::chrono::steady_clock::time_point> awake_since{};
    bool is_journaled = false;  ///< the journal knows that it is awake

    bool is_delayed() const noexcept { return finality != wire::Finality::accepted; }

    /// Whether a late subscription has not received all its earlier events.
    bool has_late() const noexcept { return late_done < late_end; }
    /// The late subscription whose turn it is. REQUIRES: has_late().
    Member& late_member() { return members[late_done]; }
    void late_member_is_done() noexcept {
        ++late_done;
        late_messages = 0;
        ++late_number;
    }
    /// The value of `Subscription::replay` in its members. Never 0.
    std::uint16_t tag() const noexcept { return static_cast<std::uint16_t>(number); }
    /// Adds a subscription; the session's own cursor does not cover it any more. REQUIRES: both the replay and the
    /// subscription are late, or neither is and the replay has delivered nothing yet.
    void add(Subscription& subscription, std::uint64_t after, bool is_late);
    void remove(const Subscription& subscription);
};
using ReplayRef = std::shared_ptr<Replay>;

/// A message of which the kernel took only a part. The rest of the same bytes is sent before anything else.
struct HalfSent {
    std::uint64_t seq = 0;
    std::size_t sent = 0;  ///< bytes that the kernel took; 0: no message is half sent
    /// The message is sent with the mark `Rues-Replay`.
    bool is_marked = false;
    /// Of a decoded event: wire::text_hash of the message. A new driver may make another message of the event, whose
    /// bytes must not follow. 0: the message is not decoded.
    std::uint64_t check = 0;
};

/// State that only a slow, resumed or replaying session needs. A session that was always live has none of it.
struct Aside {
    std::uint64_t next = 0;  ///< when behind: first record that was not checked for it
    HalfSent half;
    /// Subscriptions removed since the session has an `Aside`. If it has changed since a read began, the records that
    /// it brings must be checked again. No read begins without an `Aside`.
    std::uint32_t removals = 0;
    std::vector<ReplayRef> replays;         ///< in the order of their requests; only few (see kMaxReplays)
    std::optional<wire::SessionId> parent;  ///< the session that this one resumed
    std::chrono::steady_clock::time_point behind_since{};
    std::uint64_t allowance = 0;  ///< events that it may lag before it is closed
    static constexpr std::size_t kFirstRead = 64 << 10;
    std::size_t read_bytes = kFirstRead;  ///< size of the next read of the log; follows the speed of the socket
    std::uint64_t read = 0;               ///< the last read that was asked for (LogReads::add)
    bool read_decodes = false;            ///< that read is one of those that decode
    std::uint64_t waits_for = 0;          ///< the event whose decoding it waits for; 0: none
    std::uint64_t waited_for = 0;         ///< the last such event
    bool waits_in_crowd = false;          ///< it is in CatchUp::crowd_
    std::vector<Report::Decision> decisions;
};

/// A session that is opened when its client has more sessions than these belongs to a crowd: a new event makes it fall
/// behind, and it gets the event in a turn of its client. Delivery to thousands of sessions of one client would
/// otherwise keep the loop from everybody else for as long as it takes, and nobody would pay for it.
inline constexpr std::uint64_t kCrowd = 64;

/// A session is *live* (every record up to SessionTable::processed was checked for it, and nothing is unsent) or
/// *behind*: then it has a cursor, perhaps in the middle of a message, and no queue.
struct Session {
    // Members that a delivery needs come first, in 48 bytes: at most two cache lines.
    Sink* sink = nullptr;
    std::uint64_t wake = 0;  ///< the wake-up that touched it last; its runs follow
    std::uint32_t first_run = 0;
    std::uint32_t last_run = 0;
    std::unique_ptr<Aside> aside;
    std::uint32_t until_ends = 0;  ///< number of subscriptions that end by themselves (`until_end`)
    bool is_announced : 1 = true;  ///< its client knows its id
    bool is_live : 1 = true;
    bool is_blocked : 1 = false;    ///< the socket is full; `writable` comes when it takes bytes again
    bool is_reading : 1 = false;    ///< a read of the log is under way or waits
    bool is_dropped : 1 = false;    ///< closed by this server: it gets the rest of a half-sent message and nothing else
    bool is_taken : 1 = false;      ///< another session has resumed it
    bool uses_lane : 1 = false;     ///< true only while the next message for it is the next live event
    bool decodes : 1 = false;       ///< it belongs to the audience that gets decoded events (SessionTable::audience_of)
    bool decodes_new : 1 = false;   ///< see Opening::decodes
    bool is_crowd : 1 = false;      ///< see kCrowd
    bool is_restoring : 1 = false;  ///< some of the subscriptions that it resumes are not there yet
    bool retracts_new : 1 = false;  ///< see Opening::certainty
    wire::Finality finality_new = wire::Finality::accepted;

    wire::SessionId id{};
    boost::container::small_vector<std::unique_ptr<Subscription>, 1> subscriptions;

    /// A delivery to this session comes soon: prefetches the memory that it needs.
    void expect() const noexcept {
        __builtin_prefetch(this, 1);
        __builtin_prefetch(&until_ends, 1);
    }
    /// Whether nothing can be written: the socket is full, or a message of a replay is half sent.
    bool is_held_up() const noexcept { return is_blocked || (aside && aside->half.sent > 0); }
    /// REQUIRES: the session is live, its socket takes bytes, and none of its subscriptions ends by itself.
    void use_lane() {
        const bool has_replays = aside && !aside->replays.empty();
        if (uses_lane || is_dropped || has_replays || is_crowd) return;
        uses_lane = true;
        sink->use_lane(true);
    }
    /// Call it before the session is sent anything but the next live event, and before it is closed.
    void leave_lane() {
        if (!uses_lane) return;
        uses_lane = false;
        sink->use_lane(false);
    }
    /// `aside`, allocated if it is not there yet.
    Aside& with_aside() {
        if (!aside) aside = std::make_unique<Aside>();
        return *aside;
    }
    /// Null: the session has no replay of this number (any more).
    ReplayRef find_replay(std::uint64_t number) const;
    /// The replay of this finality that a new subscription can join; null: none. Late subscriptions share a replay. A
    /// subscription that begins after a position joins a replay of the same finality that has not started and begins at
    /// the same position, so that subscriptions which are made at once are read once.
    ReplayRef replay_to_join(std::uint64_t after, bool is_late,
                             wire::Finality finality = wire::Finality::accepted) const;
    /// The parked replay of this finality; null: none.
    ReplayRef parked(wire::Finality finality) const;
};
// With 8 bytes more it takes 16 more from the allocator, for each idle session.
static_assert(sizeof(Session) <= 88);

}  // namespace rues::feed
