#pragma once

#include <deque>
#include <map>
#include <unordered_set>

#include "feed/log_reads.hpp"
#include "feed/session_table.hpp"

namespace rues::feed {

/// Delivery to sessions that are not at the live end: sessions that fell behind, and replays. Each of them is a cursor.
/// It reads the tail, or the log through the pool, with a filter of its own, until it reaches SessionTable::processed;
/// from there on live delivery continues. So every event is delivered once and in order, whichever way it comes.
/// Belongs to the loop's thread.
class CatchUp {
public:
    CatchUp(LoopContext& loop, SessionTable& sessions);

    /// Sets the cursor of a session to `next`; from now on the session is behind. A session of a crowd (kCrowd)
    /// continues by itself, in a turn of its client.
    void fall_behind(Session& session, std::uint64_t next);
    /// Continues where the session stopped, until its socket is full, it needs a read, or nothing is left.
    void advance(Session& session);
    /// The same in a task of its own, if the session is open then.
    void advance_later(const wire::SessionId& id);
    /// Call it when the log has grown: continues with all sessions that are behind.
    void advance_all();
    /// The session has a replay that waits for finality and is not parked; `advance_delayed` continues with it until it
    /// is.
    void is_delayed(Session& session) { delayed_.insert(&session); }
    void advance_delayed();
    /// Closes sessions that are behind for too long, starts reads that the full pool had refused, and lets events come
    /// as they are that could not be decoded in time.
    void tick();
    /// Continues with the sessions that waited for an event whose decoding has ended.
    void decoded();
    /// Call it when a subscription of the session has ended: the session may not want the event that it waits for.
    void unsubscribed(Session& session);
    /// A handle that keeps the replay from starting. The replay starts when the last copy is destroyed, on any thread.
    std::shared_ptr<void> hold(const Session& session, Replay& replay);
    /// Call it before the session is removed.
    void forget(Session& session);
    /// Number of reads of the log that wait.
    std::size_t waiting_reads() const noexcept { return reads_.waiting() + decoded_reads_.waiting(); }

private:
    using Purpose = LogRead::Purpose;

    bool is_past_limits(const Session& session) const;
    bool is_late_delayed(const Session& session) const;
    /// Sessions that wait for the decoding of one event.
    struct Undecoded {
        base::SteadyTime since{};
        std::unordered_set<Session*> sessions;
    };

    bool finish_half(Session& session, const ByteView* read);
    bool reach_live_end(Session& session);
    void advance_replays(Session& session);
    bool offer(Session& session, const store::LogRecords& records, const ReplayRef& replay,
               std::optional<std::uint32_t> checked_at);
    bool offer_tail(Session& session, const store::LogRecords& records, const ReplayRef& replay);
    bool deliver_earlier(Session& session, Replay& replay, const store::LogRecords& records);

    void read(Session& session, Purpose purpose, const Replay* replay = nullptr);
    void read(Session& session, LogRead what);
    void wait_for(Session& session, std::uint64_t seq);
    bool stop_waiting(Session& session);
    void release(const Undecoded& undecoded);
    LogReads::Work begin(LogRead& read);
    void arrived(const LogRead& read, base::Result<LogScan> scan);
    void take(Session& session, const LogRead& read, const LogScan& scan);
    Matcher matcher_of(const Session& session, const Replay* replay) const;

    void advance_crowd(const base::ClientPtr& client);
    void advance_crowd_later(const base::ClientPtr& client);

    LoopContext& loop_;
    SessionTable& sessions_;
    /// Sessions of crowds (kCrowd) that are behind and not looked at yet, by their client. No line is empty.
    std::map<base::ClientPtr, std::deque<wire::SessionId>> crowd_;
    std::unordered_set<Session*> behind_;   ///< sessions that are not live, but for those that only wait in `crowd_`
    std::unordered_set<Session*> delayed_;  ///< see is_delayed
    LogReads reads_;
    LogReads decoded_reads_;                        ///< for sessions that get decoded events
    std::map<std::uint64_t, Undecoded> undecoded_;  ///< by the event; each session waits for one at most
};

}  // namespace rues::feed
