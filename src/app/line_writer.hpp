#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "app/worker_pool.hpp"
#include "base/log.hpp"

namespace rues::app {

/// Writes lines of the log on a thread of its own, because a terminal or a pipe may block. Any thread may add; nobody
/// waits. When `kMaxWaiting` tasks wait, newer ones are left out, and the log says how many as soon as it takes lines
/// again.
class LineWriter {
public:
    static constexpr std::size_t kMaxWaiting = 1'024;

    /// `what` names the tasks in the line about those that were left out, such as `blocks or refusals`.
    LineWriter(base::Log log, std::string what)
        : log_(std::move(log)), what_(std::move(what)), thread_(1, kMaxWaiting) {}
    ~LineWriter() { stop(); }

    /// Calls `lines` later, with the log.
    void add(std::move_only_function<void(const base::Log&)> lines);
    /// Ends the thread; what still waits is dropped.
    void stop() { thread_.stop(); }

private:
    const base::Log log_;
    const std::string what_;
    std::atomic<std::uint64_t> left_out_{0};
    WorkerPool thread_;  ///< last: its thread uses the others
};

/// A log whose lines `writer` writes. `writer` outlives it.
base::Log log_through(LineWriter& writer);

}  // namespace rues::app
