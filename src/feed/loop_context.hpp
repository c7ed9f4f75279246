#pragma once

#include <chrono>
#include <memory>
#include <utility>

#include "feed/closing.hpp"
#include "feed/decoded_events.hpp"
#include "feed/ended.hpp"
#include "feed/hub.hpp"
#include "feed/tail.hpp"

namespace rues::feed {

/// What all loops share. It outlives them.
struct Shared {
    const store::Store& store;
    const Executors& executors;
    const base::Clock& clock;
    const wire::SessionIdCipher& cipher;
    const base::Log& log;
    Tail& tail;
    EndedSessions& ended;
    DecodedEvents& decoded;
    base::HashKey hash_key{};   ///< for maps whose keys clients choose
    base::RandomSource random;  ///< for session ids
    std::shared_ptr<ClosingCounts> closings = std::make_shared<ClosingCounts>();
};

/// A steady time in milliseconds, as the journal stores it.
inline std::uint64_t steady_ms(std::chrono::steady_clock::time_point time) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count());
}

/// What the parts of one loop's feed share: the loop's number, its limits, and tasks that do not outlive the feed.
/// Belongs to the loop's thread.
class LoopContext {
public:
    LoopContext(std::size_t loop_number, const Shared& shared_by_loops, const Limits& first_limits)
        : number(loop_number), shared(shared_by_loops), limits(first_limits) {}
    LoopContext(const LoopContext&) = delete;
    LoopContext& operator=(const LoopContext&) = delete;
    ~LoopContext() { *alive_ = false; }

    /// Runs `task` soon on the loop's thread, never inside this call; not at all once this object is gone.
    template <typename Task>
    void later(Task task) const {
        shared.executors.on_loop(number, [alive = alive_, task = std::move(task)]() mutable {
            if (*alive) task();
        });
    }
    /// The same for work of the client for whom the caller acts (Executors::in_turn).
    template <typename Task>
    void in_turn(Task task) const {
        shared.executors.run_in_turn(number, [alive = alive_, task = std::move(task)]() mutable {
            if (*alive) task();
        });
    }
    /// The same, `delay` later.
    template <typename Task>
    void after(std::chrono::milliseconds delay, Task task) const {
        shared.executors.after(number, delay, [alive = alive_, task = std::move(task)]() mutable {
            if (*alive) task();
        });
    }
    /// Runs `work` on the pool, then gives its result to `then` on the loop's thread, unless this object is gone by
    /// then. False: the pool is full and does not take the work.
    template <typename Work, typename Then>
    bool on_pool(Work work, Then then) const {
        return on_pool(shared.executors.on_pool, std::move(work), std::move(then));
    }
    /// The pool for reads whose events are decoded, or for others.
    const std::function<bool(std::move_only_function<void()>)>& pool_of_reads(bool decodes) const {
        const Executors& executors = shared.executors;
        return decodes && executors.on_decoded_reads ? executors.on_decoded_reads : executors.on_pool;
    }
    /// The same on `pool`.
    template <typename Work, typename Then>
    bool on_pool(const std::function<bool(std::move_only_function<void()>)>& pool, Work work, Then then) const {
        return pool([alive = alive_, work = std::move(work), then = std::move(then), &executors = shared.executors,
                     loop = number]() mutable {
            auto result = work();
            executors.run_in_turn(loop, [alive, then = std::move(then), result = std::move(result)]() mutable {
                if (*alive) then(std::move(result));
            });
        });
    }
    /// A handle. When its last copy is destroyed, on any thread, `task` is run as by `later`.
    template <typename Task>
    std::shared_ptr<void> when_released(Task task) {
        // The pointer is never used; it is not null, so that the deleter runs.
        return {static_cast<void*>(this),
                [alive = alive_, &executors = shared.executors, loop = number, task = std::move(task)](void*) {
                    executors.on_loop(loop, [alive, task]() mutable {
                        if (*alive) task();
                    });
                }};
    }
    /// The position of event `seq` of the present epoch.
    wire::Position position(std::uint64_t seq) const { return {shared.store.epoch(), seq}; }

    const std::size_t number;
    const Shared& shared;
    Limits limits;

private:
    /// False once this object is gone, for tasks that run later.
    const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace rues::feed
