#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>

namespace rues::plonk {

using Task = std::function<void(std::size_t)>;
/// Calls `task` with each number below `count`, in any order and on any threads, and returns when all calls have
/// returned. The prover has no threads of its own: whoever runs it says how many cores a proof may take.
using Executor = std::function<void(std::size_t count, const Task& task)>;

/// Calls every task on the calling thread, in order.
inline void in_order(std::size_t count, const Task& task) {
    for (std::size_t i = 0; i < count; ++i) task(i);
}

/// Divides the numbers below `size` into ranges and calls `task` with the begin and the end of each.
template <typename RangeTask>
void in_ranges(const Executor& executor, std::size_t size, const RangeTask& task) {
    constexpr std::size_t kRange = 4'096;
    executor((size + kRange - 1) / kRange, [&](std::size_t i) { task(i * kRange, std::min(size, (i + 1) * kRange)); });
}

}  // namespace rues::plonk
