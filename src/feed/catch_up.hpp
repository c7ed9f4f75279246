#pragma once

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

    /// The session is not live any more, or was not: its cursor is `next`.
    void fall_behind(Session& session, std::uint64_t next);
    /// Continues where the session stopped, until its socket is full, it needs a read, or nothing is left.
    void advance(Session& session);
    /// The same in a task of its own, if the session is open then.
    void advance_later(const wire::SessionId& id);
    /// Call it when the log has grown: continues with all sessions that are behind.
    void advance_all();
    /// Closes sessions that are behind for too long, and starts reads that the full pool had refused.
    void tick();
    /// A handle that keeps the replay from starting. The replay starts when the last copy is destroyed, on any thread.
    std::shared_ptr<void> hold(const Session& session, Replay& replay);
    /// Call it before the session is removed.
    void forget(Session& session);
    /// Number of reads of the log that wait.
    std::size_t waiting_reads() const noexcept { return reads_.waiting(); }

private:
    using Purpose = LogRead::Purpose;

    bool is_past_limits(const Session& session) const;
    bool finish_half(Session& session, const store::LogRecord* record);
    bool reach_live_end(Session& session);
    void advance_replays(Session& session);
    bool offer(Session& session, const store::LogRecords& records, const ReplayRef& replay,
               std::optional<std::uint32_t> checked_at);
    bool deliver_earlier(Session& session, Replay& replay, const store::LogRecords& records);

    void read(Session& session, Purpose purpose, const Replay* replay = nullptr);
    LogReads::Work begin(LogRead& read);
    void arrived(const LogRead& read, base::Result<LogReads::Scan> scan);
    void take(Session& session, const LogRead& read, const LogReads::Scan& scan);
    Matcher matcher_of(const Session& session, const Replay* replay) const;

    LoopContext& loop_;
    SessionTable& sessions_;
    std::unordered_set<Session*> behind_;  ///< sessions that are not live
    LogReads reads_;
};

}  // namespace rues::feed
