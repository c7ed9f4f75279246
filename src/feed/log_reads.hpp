#pragma once

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "base/fair_queue.hpp"
#include "feed/loop_context.hpp"

namespace rues::feed {

/// What a session needs from the log.
struct LogRead {
    enum class Purpose : std::uint8_t {
        half,    ///< the record whose message is half sent
        cursor,  ///< the next records for the session's own cursor
        replay,  ///< the next records for the cursor of a replay
        late,    ///< the earlier events of the late subscription whose turn it is in a replay
    };
    wire::SessionId id{};
    Purpose purpose{};
    std::uint64_t replay = 0;       ///< Replay::number; 0: the session's own cursor
    std::uint64_t late_number = 0;  ///< Replay::late_number
    /// Aside::removals when the read began. The records need no check while it is this.
    std::uint32_t removals = 0;
    bool decodes = false;         ///< the events are decoded by the read
    base::SteadyTime asked_at{};  ///< when it began to wait
    base::ClientPtr client{};     ///< whose session it is; null: nobody's
};

/// What a read brings: records of the log in the form that the session gets.
struct LogScan {
    store::LogRecords records;
    std::uint64_t next = 0;  ///< see store::Store::Scan
    /// The read stopped before this event, because it is being decoded elsewhere.
    std::optional<std::uint64_t> waits_for{};
};

/// The reads of the log that a loop needs: those of one kind, as they are stored or decoded. They run on a pool, at
/// most `Limits::catch_up_reads` at once. The others wait. Clients have their turns by what their reads have cost; the
/// reads of one client keep their order. The client pays for its reads, and for what the loop does with the results.
/// The owner asks for one read of a session at a time and removes it when the session closes, so there are never more
/// reads than open sessions. Belongs to the loop's thread.
class LogReads {
public:
    using Scan = LogScan;
    using Work = std::move_only_function<base::Result<Scan>(const store::Store&)>;
    /// Makes the work of a read when its turn comes, so that it is made of the cursor and the subscriptions of that
    /// time. Empty: the read is not needed any more.
    using Begin = std::function<Work(LogRead&)>;
    /// Gets the result, in a task of its own.
    using Arrived = std::function<void(const LogRead&, base::Result<Scan>)>;

    /// `decodes`: they run on the pool for reads whose events are decoded.
    LogReads(const LoopContext& loop, bool decodes, Begin begin, Arrived arrived)
        : loop_(loop), decodes_(decodes), begin_(std::move(begin)), arrived_(std::move(arrived)) {}
    /// Asks for a read and returns its number, for `remove`. May call `Begin`.
    std::uint64_t add(const LogRead& read);
    /// Drops a read that still waits. A read that is under way goes on.
    void remove(std::uint64_t number);
    /// Starts as many waiting reads as the limit and the pool allow. Call it once a second: a pool that was full calls
    /// nobody.
    void start();
    std::size_t waiting() const noexcept { return waiting_.size(); }
    /// Removes the reads that wait since before `time`, and returns them.
    std::vector<LogRead> take_older_than(base::SteadyTime time);

private:
    /// Starts the next read of the client. False: the pool does not take it.
    bool start(base::Client* client);

    const LoopContext& loop_;
    const bool decodes_;
    const Begin begin_;
    const Arrived arrived_;
    std::map<std::uint64_t, LogRead> waiting_;  ///< by number, which is the order of their times
    base::FairQueue<std::uint64_t> turns_;      ///< the same numbers
    std::uint64_t added_ = 0;
    std::size_t under_way_ = 0;
};

}  // namespace rues::feed
