#pragma once

#include <array>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "feed/hub.hpp"
#include "feed/topics.hpp"
#include "store/session_journal.hpp"

/// What a loop knows of one session. Everything here belongs to that loop's thread.
namespace rues::feed {

/// Subscriptions on their way to the live end: a cursor of their own, because the session's is farther on.
struct Replay {
    std::vector<Subscription*> subscriptions;  ///< never empty; one, if `has_past`
    std::uint64_t number = 0;                  ///< tells it from others of its loop
    std::uint64_t after = 0;                   ///< what it began behind
    std::uint64_t next = 0;                    ///< first record not looked at
    unsigned holds = 0;                        ///< answers to its requests that are not out yet
    /// What already happened to one entity comes first, marked as such.
    bool has_past = false;
    std::size_t past_done = 0;  ///< of it, whole messages handed out

    store::Unfinished unfinished() const { return has_past ? store::Unfinished::past : store::Unfinished::replay; }
};

/// A message of which the kernel has a part. It is finished from the same bytes before anything else is sent.
struct HalfSent {
    std::uint64_t seq = 0;
    std::size_t sent = 0;  ///< bytes; 0: there is none
    bool is_marked = false;
};

/// What a session that is live, and always was, does not have.
struct Aside {
    HalfSent half;
    std::list<Replay> replays;  ///< in the order of their requests
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
