#pragma once

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "base/fair_queue.hpp"
#include "plonk/prover/executor.hpp"

namespace rues::app {

/// Does the tasks on the calling thread and up to `threads` - 1 others, which have the caller's priority and end with
/// the call. A proof asks some hundred times, so the start of the threads does not count. The others work for the
/// client of the caller (`base::ActingFor`), and charge it for their time; the caller's own time is charged by its
/// pool.
inline plonk::Executor on_threads(std::size_t threads) {
    return [threads](std::size_t count, const plonk::Task& task) {
        std::atomic<std::size_t> next = 0;
        const auto work = [&] {
            for (std::size_t i = next++; i < count; i = next++) task(i);
        };
        const auto help = [&work, client = base::ActingFor::client()] {
            const base::ActingFor scope(client);
            work();
            if (client != nullptr) client->charge(base::thread_time(), std::chrono::steady_clock::now());
        };
        std::vector<std::jthread> others;
        for (std::size_t i = 1; i < std::min(threads, count); ++i) others.emplace_back(help);
        work();
    };
}

}  // namespace rues::app
