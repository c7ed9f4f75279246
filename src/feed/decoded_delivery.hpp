#pragma once

#include <map>
#include <vector>

#include "feed/delivery.hpp"

namespace rues::feed {

/// Delivery of new events to the live sessions that get decoded events (docs/decisions/0018). Their live end follows
/// that of the other sessions and is never ahead of it, so that a session which comes from there misses nothing
/// (SessionTable::join_decoding). It waits until the new events that somebody wants decoded are decoded, but no longer
/// than kGrace. Then it goes on, and sessions that subscribed to an event which is still missing fall behind at it.
/// Belongs to the loop's thread.
class DecodedDelivery {
public:
    DecodedDelivery(const LoopContext& loop, SessionTable& sessions, CatchUp& catch_up)
        : loop_(loop),
          sessions_(sessions),
          catch_up_(catch_up),
          delivery_(loop, sessions, catch_up, sessions.decoding()) {}
    /// Call it when the log has grown, and when an event's decoding has ended: has new events decoded, and delivers
    /// what it need not wait for. True: the live end has moved, so sessions that are behind may have more to get.
    bool advance();

private:
    /// An event that somebody wants decoded.
    struct Awaited {
        std::uint64_t seq = 0;
        store::LogBatch batch;  ///< its record
        DecodedEvents::Message message;
        bool is_given_up = false;  ///< nobody waits for it here
    };

    void look();
    bool has_all();
    void deliver();
    void grace_is_over(std::uint64_t round);
    void mark_slow(const store::LogRecord& record);
    bool is_slow(const store::LogRecord& record);

    const LoopContext& loop_;
    SessionTable& sessions_;
    CatchUp& catch_up_;
    Delivery delivery_;
    std::vector<Awaited> awaited_;   ///< of the records after the audience's end, up to `looked_at_`; in order
    std::size_t first_missing_ = 0;  ///< all awaited events before it are decoded or given up
    std::size_t awaited_bytes_ = 0;
    std::uint64_t looked_at_ = 0;
    std::uint64_t round_ = 0;  ///< of waiting; a timer of an earlier round means nothing
    bool waits_ = false;
    std::size_t awaited_from_begin_ = 0;  ///< events that the present round has waited for since its begin
    /// Contracts with an event that was not decoded within all of the grace, by their hash, and until when nobody waits
    /// for further ones.
    std::map<std::uint64_t, base::SteadyTime> slow_;
    std::vector<Topic*> matching_;  ///< a member only to keep its memory
};

}  // namespace rues::feed
