#pragma once

#include <cstdint>

namespace rues::base {

/// How a thread shares the processors with the other threads of the program.
enum class ThreadRank : std::uint8_t {
    /// Event loops and the chain thread: others wait for each of their steps. The kernel runs them soon after they have
    /// become ready, also when all processors are busy, and for a short time each.
    prompt,
    /// Pools, whose tasks take long: they get what the prompt threads leave, and a part of the rest.
    work,
};

/// `work` adds this to the nice value of a thread.
inline constexpr int kWorkNice = 5;

/// Gives the calling thread its rank. Call it once, when the thread begins. The program works without it, so a kernel
/// that refuses is not an error: before Linux 6.12 only nice values make a difference.
///
/// Both need no privilege. Under EEVDF (Linux 6.6) a nice value alone does not help: a thread that becomes ready waits
/// until the running one has used its slice of 3 ms, unless its own slice is shorter.
void use_rank(ThreadRank rank) noexcept;

}  // namespace rues::base
