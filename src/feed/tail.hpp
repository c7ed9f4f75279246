#pragma once

#include <deque>
#include <mutex>

#include "store/store.hpp"

namespace rues::feed {

/// The newest part of the event log, in memory, shared by all loops. Records are contiguous and end with head(); the
/// oldest batches go when the bytes are too many. Records before them are in the log only. Any thread; the lock is held
/// for a look-up only. What a look-up returned stays alive as long as it is held.
class Tail {
public:
    Tail(std::size_t max_bytes, std::uint64_t last_seq) : max_bytes_(max_bytes), head_(last_seq) {}

    /// A batch that does not begin with head() + 1 leaves nothing of what was there before: readers then find the
    /// records between in the log. REQUIRES: not empty, begins behind head().
    void append(store::LogBatch batch);
    /// Sequence number of the newest record.
    std::uint64_t head() const;
    /// The batch that holds `seq`; null when it is older than the tail, or newer.
    store::LogBatch find(std::uint64_t seq) const;

private:
    const std::size_t max_bytes_;
    mutable std::mutex mutex_;
    std::deque<store::LogBatch> batches_;
    std::size_t bytes_ = 0;
    std::uint64_t head_;
};

}  // namespace rues::feed
