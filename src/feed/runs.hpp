#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "feed/session.hpp"
#include "store/log_records.hpp"

/// Runs of records, and how they are written to a session's socket. Live delivery, catch-up and replay write in this
/// one way.
namespace rues::feed {

inline constexpr std::uint32_t kNoRun = 0;

/// Consecutive records of one batch that one session gets. The runs of a session are a list of indexes, because each
/// wake-up makes them anew for thousands of sessions: one vector for all sessions allocates nothing once it has grown.
struct Run {
    std::uint32_t batch = 0;  ///< index in Runs::batches
    std::uint32_t first = 0;  ///< record
    std::uint32_t count = 0;
    std::uint32_t next = kNoRun;  ///< index in Runs::all of the next run of the same session
};
struct Runs {
    std::vector<const store::LogRecords*> batches;
    std::vector<Run> all{1};  ///< element 0 stands for "none"
};

/// Whether the message of `second` follows the message of `first` in memory.
bool is_one_piece(const store::LogRecord& first, const store::LogRecord& second);
/// The messages of consecutive records. REQUIRES: they are one piece of memory.
ByteView bytes_of(const store::LogRecords& records, std::uint32_t first, std::uint32_t count);

/// Writes the records of the session's runs with few calls. If the socket gets full, remembers where it stopped and
/// returns the sequence number that the cursor must get; nullopt: everything was written. `is_marked`: see HalfSent.
std::optional<std::uint64_t> write(Session& session, const Runs& runs, std::uint32_t first_run);
/// The kernel took only `sent` bytes of the records that start at `first`. Returns the sequence number that the cursor
/// must get.
std::uint64_t stopped_within(Session& session, const store::LogRecords& records, std::uint32_t first, std::size_t sent);
/// The kernel took only the first `sent` bytes of this record's message. The rest the same.
std::uint64_t stopped_in(Session& session, const store::LogRecord& record, std::size_t sent, bool is_marked);

/// The subscriptions of the session that were made for one transaction (`until_end`) and whose last event is in these
/// runs.
std::vector<Subscription*> ended_by(const Session& session, const Runs& runs, std::uint32_t first_run);

}  // namespace rues::feed
