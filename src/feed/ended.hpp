#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "store/session_journal.hpp"
#include "wire/session_id.hpp"

namespace rues::feed {

struct SessionIdHash {
    std::size_t operator()(const wire::SessionId& id) const noexcept;
};

/// Sessions that can still be resumed, those of all loops. They share one budget of bytes and one of number: when it is
/// spent, those that ended first go. Of sessions that resumed one another (a lineage) the last two are kept: the one
/// whose id the client may not have learned, and the one before it. Any thread; the lock is held for a look-up.
class EndedSessions {
public:
    using Time = std::chrono::steady_clock::time_point;
    using Session = std::shared_ptr<const store::JournaledSession>;

    explicit EndedSessions(std::size_t loops) : gone_(loops) {}
    void use_limits(std::size_t most, std::size_t most_bytes);

    /// `loop`: whose journal says what it was subscribed to. `parent`: the session that it went on for. One that is
    /// larger than the whole budget is not kept.
    void add(store::JournaledSession session, std::size_t loop, Time until,
             std::optional<wire::SessionId> parent = std::nullopt);
    /// Null: there is none whose time is not over.
    Session find(const wire::SessionId& id, Time now) const;
    void forget(const wire::SessionId& id);
    /// The session `by` goes on for `id`. Returns the sessions that its client cannot want any more: the parent of
    /// `id`, whose successor it has learned, and a session that went on for `id` before.
    std::vector<wire::SessionId> continued(const wire::SessionId& id, const wire::SessionId& by);
    /// Lets go of those whose time is over.
    void expire(Time now);
    /// Those of a loop that went since the last time, for its journal.
    std::vector<wire::SessionId> take_gone(std::size_t loop);

    /// Some of those of a loop, in the order in which they ended, behind `after`. At most 1,000 are looked at.
    struct Part {
        std::vector<Session> sessions;
        std::uint64_t last = 0;  ///< to go on behind
        bool is_last = false;
    };
    Part part(std::size_t loop, std::uint64_t after) const;
    std::size_t size() const;
    std::size_t bytes() const;
    /// What a session counts for.
    static std::size_t bytes_of(const store::JournaledSession& session);

private:
    struct Entry {
        Session session;
        std::size_t loop = 0;
        Time until;
        std::size_t bytes = 0;
        std::optional<wire::SessionId> parent;
        std::optional<wire::SessionId> heir;
    };
    using Entries = std::map<std::uint64_t, Entry>;
    Session remove(Entries::iterator entry);

    mutable std::mutex mutex_;
    Entries entries_;  ///< by the order in which they ended
    std::unordered_map<wire::SessionId, std::uint64_t, SessionIdHash> order_of_;
    std::vector<std::vector<wire::SessionId>> gone_;  ///< by loop
    std::uint64_t added_ = 0;
    std::size_t bytes_ = 0;
    std::size_t most_ = SIZE_MAX;
    std::size_t most_bytes_ = SIZE_MAX;
};

}  // namespace rues::feed
