#pragma once

#include <deque>
#include <mutex>

#include "store/store.hpp"

namespace rues::feed {

/// The newest records of the event log, in memory, shared by all loops. They are contiguous and end with head(). The
/// oldest batches are dropped when the bytes are too many; their records are then only in the log. Any thread; the lock
/// is held only for a look-up. A batch that a look-up returned stays alive as long as the caller holds it.
class Tail {
public:
    Tail(std::size_t max_bytes, std::uint64_t last_seq) : max_bytes_(max_bytes), head_(last_seq) {}

    /// A batch that does not begin with head() + 1 drops all earlier batches: readers find the records between in the
    /// log. REQUIRES: the batch is not empty and begins after head().
    void append(store::LogBatch batch);
    /// Sequence number of the newest record.
    std::uint64_t head() const;
    /// Bytes of the messages here, and how many there may be.
    std::size_t bytes() const;
    std::size_t max_bytes() const noexcept { return max_bytes_; }
    /// The batch that holds `seq`; null when `seq` is older than the tail, or newer.
    store::LogBatch find(std::uint64_t seq) const;

private:
    const std::size_t max_bytes_;
    mutable std::mutex mutex_;
    std::deque<store::LogBatch> batches_;
    std::size_t bytes_ = 0;
    std::uint64_t head_;
};

}  // namespace rues::feed
