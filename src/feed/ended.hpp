#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "base/client.hpp"
#include "store/session_journal.hpp"
#include "wire/session_id.hpp"

namespace rues::feed {

struct SessionIdHash {
    std::size_t operator()(const wire::SessionId& id) const noexcept;
};

/// Ended sessions of all loops that can still be resumed. They share one limit of bytes and one of number: when a limit
/// is reached, the client with the most bytes loses the session that ended first. A client at its own limit
/// (`base::Holding::kept`) loses its own session that ended first. Of sessions that resumed one another (a lineage) the
/// last two are kept: the last one, whose id the client may not have learned, and the one before it. Any thread; the
/// lock is held only for a look-up.
class EndedSessions {
public:
    using Time = std::chrono::steady_clock::time_point;
    using Session = std::shared_ptr<const store::JournaledSession>;

    explicit EndedSessions(std::size_t loops) : gone_(loops) {}
    void use_limits(std::size_t most, std::size_t most_bytes);

    /// Keeps an ended session until `until`. `loop`: the loop whose journal has its subscriptions. `parent`: the
    /// session that it had resumed. `client`: whose it was; null: that is not known, as after a restart. A session that
    /// is larger than the whole budget is not kept; `take_gone` then names it.
    void add(store::JournaledSession session, std::size_t loop, Time until,
             std::optional<wire::SessionId> parent = std::nullopt, base::Client* client = nullptr);
    /// Null: the session is not kept, or its time is over at `now`.
    Session find(const wire::SessionId& id, Time now) const;
    /// Drops a session, if it is kept.
    void forget(const wire::SessionId& id);
    /// Session `by` has resumed session `id`. Returns the sessions that the client cannot want any more: the parent of
    /// `id`, because the client has learned the id of its successor, and an earlier session that had resumed `id`.
    std::vector<wire::SessionId> continued(const wire::SessionId& id, const wire::SessionId& by);
    /// Drops the sessions whose time is over.
    void expire(Time now);
    /// The sessions of a loop that were dropped since the last call. The loop removes them from its journal.
    std::vector<wire::SessionId> take_gone(std::size_t loop);

    /// A page of the sessions of a loop, in the order in which they ended, starting after `after` (0: from the first).
    /// One call looks at no more than 1,000 sessions of all loops, so a page may be empty although more follow: call
    /// again with `last` until `is_last`.
    struct Part {
        std::vector<Session> sessions;
        std::uint64_t last = 0;  ///< pass it as `after` to get the next page
        bool is_last = false;
    };
    Part part(std::size_t loop, std::uint64_t after) const;
    /// Number of sessions that are kept.
    std::size_t size() const;
    /// Bytes that they count against the budget, and the budget.
    std::size_t bytes() const;
    std::size_t max_bytes() const;
    /// Bytes that a session counts against the budget.
    static std::size_t bytes_of(const store::JournaledSession& session);

private:
    struct Entry {
        Session session;
        std::size_t loop = 0;
        Time until;
        std::size_t bytes = 0;
        std::optional<wire::SessionId> parent;
        std::optional<wire::SessionId> heir;
        base::ClientPtr client;
        base::Held kept;
        base::Held journal;
    };
    using Entries = std::map<std::uint64_t, Entry>;
    /// The sessions of one client.
    struct Holder {
        std::set<std::uint64_t> orders;  ///< keys of `entries_`
        std::size_t bytes = 0;
    };
    Session remove(Entries::iterator entry);
    void count(const base::Client* client, std::uint64_t order, std::size_t bytes);
    void uncount(const base::Client* client, std::uint64_t order, std::size_t bytes);
    Entries::iterator next_to_give_way(const base::Client* client, std::size_t bytes);

    mutable std::mutex mutex_;
    Entries entries_;  ///< by the order in which they ended
    std::unordered_map<wire::SessionId, std::uint64_t, SessionIdHash> order_of_;
    std::map<const base::Client*, Holder> holders_;  ///< clients with sessions here
    std::set<std::pair<std::size_t, const base::Client*>> by_bytes_;
    std::vector<std::vector<wire::SessionId>> gone_;  ///< index: the loop
    std::uint64_t added_ = 0;
    std::size_t bytes_ = 0;
    std::size_t most_ = SIZE_MAX;
    std::size_t most_bytes_ = SIZE_MAX;
};

}  // namespace rues::feed
