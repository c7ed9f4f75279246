#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/log.hpp"

namespace rues::app {

/// Writes lines of the log on a thread of its own, because a terminal or a pipe may block. Any thread may add; nobody
/// waits. When `kMaxWaiting` tasks wait, newer ones are left out, and the log says how many, in their place.
///
/// The thread may be inside a write that never returns. So whatever it uses belongs to it, and `stop` leaves it behind
/// in the end. REQUIRES: the log and the tasks hold everything they use themselves, and no lock that the end of the
/// process takes, such as that of `stderr`.
class LineWriter {
public:
    static constexpr std::size_t kMaxWaiting = 1'024;
    /// How long `stop` waits until the lines that are there have been written.
    static constexpr std::chrono::milliseconds kLastLines{1'000};

    /// `what` names the tasks in the line about those that were left out, such as `blocks or refusals`.
    LineWriter(base::Log log, std::string what);
    ~LineWriter() { stop(); }
    LineWriter(const LineWriter&) = delete;
    LineWriter& operator=(const LineWriter&) = delete;

    /// Calls `lines` later, with the log. After `stop` it does nothing.
    void add(std::move_only_function<void(const base::Log&)> lines);
    /// Returns when everything that was added before has been written, or after `kLastLines`.
    void stop();

private:
    struct Task {
        std::uint64_t left_out = 0;  ///< tasks that were left out before it
        std::move_only_function<void(const base::Log&)> lines;
    };
    /// All that the thread uses.
    struct State {
        State(base::Log to, std::string name) : log(std::move(to)), what(std::move(name)) {}
        void run();
        void say_left_out(std::uint64_t count) const;

        const base::Log log;
        const std::string what;
        std::mutex mutex;
        std::condition_variable changed;
        std::deque<Task> waiting;
        std::uint64_t left_out = 0;  ///< since the newest task of `waiting`
        bool stopping = false;
        bool ended = false;
    };

    std::shared_ptr<State> state_;
    std::thread thread_;
};

/// A log whose lines `writer` writes. `writer` outlives it.
base::Log log_through(LineWriter& writer);

}  // namespace rues::app
