#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <vector>

#include "feed/hub.hpp"
#include "net/server.hpp"

namespace rues::app {

/// The server's loops for the rooms that are made before the server: what they post meanwhile waits for `attach`. Any
/// thread, but `attach` and `detach`.
class Loops {
public:
    using Task = std::move_only_function<void()>;

    void post(std::size_t loop, Task task) {
        if (auto* const server = server_.load(std::memory_order_acquire)) return server->post(loop, std::move(task));
        wait_for_server(
            [loop, task = std::move(task)](net::Server& server) mutable { server.post(loop, std::move(task)); });
    }
    void post_in_turn(std::size_t loop, Task task) {
        if (auto* const server = server_.load(std::memory_order_acquire))
            return server->post_in_turn(loop, std::move(task));
        wait_for_server([loop, task = std::move(task)](net::Server& server) mutable {
            server.post_in_turn(loop, std::move(task));
        });
    }
    void post_after(std::size_t loop, std::chrono::milliseconds delay, Task task) {
        if (auto* const server = server_.load(std::memory_order_acquire))
            return server->post_after(loop, delay, std::move(task));
        wait_for_server([loop, delay, task = std::move(task)](net::Server& server) mutable {
            server.post_after(loop, delay, std::move(task));
        });
    }
    /// Null, and the task is dropped, without a server.
    net::Timer start_timer(std::size_t loop, std::chrono::milliseconds delay, Task task) {
        auto* const server = server_.load(std::memory_order_acquire);
        return server != nullptr ? server->start_timer(loop, delay, std::move(task)) : nullptr;
    }
    /// REQUIRES: a server is attached, and this is the loop's thread.
    void send_to_all(std::size_t loop, std::span<const std::uint32_t> lanes, base::ByteView messages,
                     feed::Shortfalls& rest) {
        server_.load(std::memory_order_relaxed)->send_to_all(loop, lanes, messages, rest);
    }

    /// Passes on what waits, in its order. From now on tasks go to `server`, which must live until `detach`.
    void attach(net::Server& server) {
        const std::lock_guard lock(mutex_);
        for (auto& task : waiting_) task(server);
        waiting_.clear();
        server_.store(&server, std::memory_order_release);
    }
    /// From now on tasks are dropped. The threads that post have ended.
    void detach() {
        const std::lock_guard lock(mutex_);
        is_over_ = true;
        server_.store(nullptr, std::memory_order_release);
    }

private:
    void wait_for_server(std::move_only_function<void(net::Server&)> task) {
        const std::lock_guard lock(mutex_);
        if (auto* const server = server_.load(std::memory_order_relaxed)) return task(*server);
        if (!is_over_) waiting_.push_back(std::move(task));
    }

    std::atomic<net::Server*> server_{nullptr};
    std::mutex mutex_;
    std::vector<std::move_only_function<void(net::Server&)>> waiting_;
    bool is_over_ = false;
};

}  // namespace rues::app
