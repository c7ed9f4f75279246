#pragma once

#include <chrono>
#include <deque>
#include <unordered_map>

#include "store/session_journal.hpp"
#include "wire/session_id.hpp"

namespace rues::feed {

struct SessionIdHash {
    std::size_t operator()(const wire::SessionId& id) const noexcept;
};

struct Ended {
    store::JournaledSession session;
    bool position_known = false;  ///< false: the server was killed while it was open
    bool complete = true;         ///< false: subscriptions may be missing
};

/// Sessions that can still be resumed, those of one loop. At most so many; the oldest go first.
class EndedSessions {
public:
    using Time = std::chrono::milliseconds;  ///< since the Unix epoch

    void add(Ended ended, Time until, std::size_t most);
    const Ended* find(const wire::SessionId& id) const;
    /// The ids of those whose time is over; they are gone.
    std::vector<wire::SessionId> expire(Time now);
    std::vector<store::JournaledSession> all() const;
    std::size_t size() const noexcept { return by_id_.size(); }

private:
    std::unordered_map<wire::SessionId, Ended, SessionIdHash> by_id_;
    std::deque<std::pair<Time, wire::SessionId>> in_order_;  ///< may hold some that were added again
};

}  // namespace rues::feed
