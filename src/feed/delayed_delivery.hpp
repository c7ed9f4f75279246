#pragma once

#include <vector>

#include "feed/catch_up.hpp"
#include "feed/session_table.hpp"

namespace rues::feed {

/// Delivery to subscriptions that wait until a block is confirmed or final (docs/decisions/0032). Their events are
/// records that lie behind the live end, so a replay covers them; it is parked at `SessionTable::settled`, which is the
/// same for all of a loop. When more is decided, only the sessions that subscribed to one of these events are touched:
/// their replays wake, and `CatchUp` delivers. Belongs to the loop's thread.
class DelayedDelivery {
public:
    DelayedDelivery(const LoopContext& loop, SessionTable& sessions, CatchUp& catch_up)
        : loop_(loop), sessions_(sessions), catch_up_(catch_up) {}
    /// Call it when the log has grown up to `head`, before any event is delivered: a client that has got an event has
    /// then got everything that was decided before it (`store::Fates::decided_at`).
    void advance(std::uint64_t head);

private:
    void settle(wire::Finality finality, std::uint64_t end);
    void look(const store::LogRecords& records, wire::Finality finality, std::uint64_t end);
    void wake(Session& session, Replay& replay, std::uint64_t next);
    void wake_all(wire::Finality finality, std::uint64_t next);

    const LoopContext& loop_;
    SessionTable& sessions_;
    CatchUp& catch_up_;
    std::shared_ptr<const store::TakenBack> taken_back_;
    // Members only to keep their memory.
    std::vector<Topic*> matching_;
    std::vector<wire::SessionId> woken_;
};

}  // namespace rues::feed
