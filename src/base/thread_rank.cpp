#include "base/thread_rank.hpp"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace rues::base {
namespace {

/// The slice of a prompt thread, within the kernel's bounds of 0.1 to 100 ms. Shorter ones cost more switches.
constexpr std::uint64_t kPromptSliceNanoseconds = 200'000;

/// The first version of the kernel's `struct sched_attr` (sched_setattr(2)), which the C library does not declare.
struct SchedulingAttributes {
    std::uint32_t size;
    std::uint32_t policy;
    std::uint64_t flags;
    std::int32_t nice;
    std::uint32_t priority;
    std::uint64_t runtime;  ///< of an ordinary thread: its slice, since Linux 6.12
    std::uint64_t deadline;
    std::uint64_t period;
};
static_assert(sizeof(SchedulingAttributes) == 48);

}  // namespace

void use_rank(ThreadRank rank) noexcept {
    // For Linux, unlike POSIX, 0 means the calling thread here.
    errno = 0;
    const int nice = ::getpriority(PRIO_PROCESS, 0);
    if (nice == -1 && errno != 0) return;
    if (rank == ThreadRank::work) {
        ::setpriority(PRIO_PROCESS, 0, nice + kWorkNice);
        return;
    }
    SchedulingAttributes wanted{};
    wanted.size = sizeof wanted;
    wanted.policy = SCHED_OTHER;
    wanted.nice = nice;
    wanted.runtime = kPromptSliceNanoseconds;
    ::syscall(SYS_sched_setattr, 0, &wanted, 0U);
}

}  // namespace rues::base
