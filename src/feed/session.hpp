#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "feed/hub.hpp"
#include "feed/topics.hpp"
#include "store/session_journal.hpp"

/// What a loop knows of one session. Everything here belongs to that loop's thread.
namespace rues::feed {

/// Subscriptions on their way to the live end: a cursor of their own, because the session's is farther on. First comes
/// what already happened to the entities of those that look back, one after the other and marked as such; then, for all
/// of them, the log.
///
/// Whoever delivers from a replay holds it (`ReplayRef`), so it may be removed from its session meanwhile.
struct Replay {
    struct Member {
        Subscription* subscription = nullptr;  ///< its `replay` and `member` lead back here
        std::uint64_t after = 0;               ///< events after it are delivered to this one
    };
    std::vector<Member> members;    ///< empty only when it was removed from its session
    std::uint64_t number = 0;       ///< tells it from others of its loop
    std::uint64_t next = 0;         ///< first record not looked at
    unsigned holds = 0;             ///< answers to its requests that are not out yet
    std::size_t pasts_end = 0;      ///< members before it look back
    std::size_t pasts_done = 0;     ///< members before it have what happened before
    std::size_t past_messages = 0;  ///< whole messages handed out to the one at `pasts_done`
    std::uint64_t past_number = 0;  ///< tells a read for that member from one for a member before it

    bool looks_back() const noexcept { return pasts_done < pasts_end; }
    Member& past() { return members[pasts_done]; }
    void past_is_done() noexcept {
        ++pasts_done;
        past_messages = 0;
        ++past_number;
    }
    /// What `Subscription::replay` says. Never 0.
    std::uint16_t tag() const noexcept { return static_cast<std::uint16_t>(number); }
    /// REQUIRES: it looks back and so does the subscription, or neither does and nothing was delivered from it.
    void add(Subscription& subscription, std::uint64_t after, bool with_past);
    void remove(const Subscription& subscription);
};
using ReplayRef = std::shared_ptr<Replay>;

/// A message of which the kernel has a part. It is finished from the same bytes before anything else is sent.
struct HalfSent {
    std::uint64_t seq = 0;
    std::size_t sent = 0;  ///< bytes; 0: there is none
    bool is_marked = false;
};

/// State that only a slow, resumed or replaying session needs. A session that is live, and always was, has none of it.
struct Aside {
    HalfSent half;
    std::vector<ReplayRef> replays;         ///< in the order of their requests; few (see kMaxReplays)
    std::optional<wire::SessionId> parent;  ///< the session that this one went on for
    std::chrono::steady_clock::time_point behind_since{};
    std::uint64_t allowance = 0;  ///< of events behind
    std::size_t read_bytes = 0;   ///< next read of the log; follows what the socket takes
    std::vector<Report::Decision> decisions;
};

/// A session is *live* (everything up to the loop's `processed` was looked at for it, nothing unsent) or *behind*: it
/// has a cursor, perhaps in the middle of a message, and no queue.
struct Session {
    // What a delivery needs stands here, in 64 bytes: two lines of a cache at most.
    Sink* sink = nullptr;
    std::uint64_t wake = 0;  ///< the delivery that touched it last; its runs:
    std::uint32_t first_run = 0;
    std::uint32_t last_run = 0;
    std::unique_ptr<Aside> aside;
    std::uint64_t next = 0;        ///< behind: first record not looked at
    std::uint32_t until_ends = 0;  ///< subscriptions that end by themselves
    std::uint32_t removals = 0;    ///< of subscriptions so far: tells whether what was found for them is still wanted
    bool is_announced = true;      ///< its client knows its id
    bool is_live = true;
    bool is_blocked = false;  ///< the socket is full and will say when it is not
    bool is_reading = false;  ///< a read of the log is under way or waits
    bool is_dropped = false;  ///< closed by us: gets the end of a half sent message, nothing else
    bool is_taken = false;    ///< another one goes on for it
    bool uses_lane = false;   ///< only while nothing but the next live message is to be sent

    wire::SessionId id{};
    boost::container::small_vector<std::unique_ptr<Subscription>, 1> subscriptions;

    /// A delivery comes to it soon: asks for the memory that it needs.
    void expect() const noexcept {
        __builtin_prefetch(this, 1);
        __builtin_prefetch(&uses_lane, 1);
    }
};

}  // namespace rues::feed
