#include "app/line_writer.hpp"

#include <fmt/format.h>

#include <utility>

namespace rues::app {

void LineWriter::State::say_left_out(std::uint64_t count) const {
    if (count == 0) return;
    log(base::LogLevel::warning, fmt::format("left out, because the log is written too slowly: {} {}", count, what));
}

/// The thread. Ends after `stop`, when nothing waits.
void LineWriter::State::run() {
    std::unique_lock lock(mutex);
    for (;;) {
        changed.wait(lock, [this] { return stopping || !waiting.empty(); });
        if (waiting.empty()) break;
        Task task = std::move(waiting.front());
        waiting.pop_front();
        lock.unlock();
        say_left_out(task.left_out);
        task.lines(log);
        task = {};
        lock.lock();
    }
    const std::uint64_t last = std::exchange(left_out, 0);
    lock.unlock();
    say_left_out(last);
    lock.lock();
    ended = true;
    changed.notify_all();
}

LineWriter::LineWriter(base::Log log, std::string what)
    : state_(std::make_shared<State>(std::move(log), std::move(what))), thread_([state = state_] { state->run(); }) {}

void LineWriter::add(std::move_only_function<void(const base::Log&)> lines) {
    {
        const std::lock_guard lock(state_->mutex);
        if (state_->stopping) return;
        if (state_->waiting.size() >= kMaxWaiting) {
            ++state_->left_out;
            return;
        }
        state_->waiting.push_back({std::exchange(state_->left_out, 0), std::move(lines)});
    }
    state_->changed.notify_one();
}

void LineWriter::stop() {
    if (!thread_.joinable()) return;
    std::deque<Task> dropped;  // destroyed after the lock is released
    bool ended = false;
    {
        std::unique_lock lock(state_->mutex);
        state_->stopping = true;
        state_->changed.notify_all();
        ended = state_->changed.wait_for(lock, kLastLines, [this] { return state_->ended; });
        std::swap(dropped, state_->waiting);
    }
    if (ended) return thread_.join();
    thread_.detach();  // it is inside a write; should that return, the thread finds nothing more to do
}

base::Log log_through(LineWriter& writer) {
    return [&writer](base::LogLevel level, std::string_view text) {
        writer.add([level, text = std::string(text)](const base::Log& log) { log(level, text); });
    };
}

}  // namespace rues::app
