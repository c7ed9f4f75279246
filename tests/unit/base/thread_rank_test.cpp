#include "base/thread_rank.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <thread>

namespace rues::base {
namespace {

/// The nice value of the calling thread.
int nice_value() {
    return ::getpriority(PRIO_PROCESS, 0);
}

/// The slice of the calling thread in nanoseconds, which the kernel tells since Linux 6.12; else 0.
std::uint64_t slice() {
    std::array<std::uint64_t, 6> attributes{};
    if (::syscall(SYS_sched_getattr, 0, attributes.data(), sizeof attributes, 0U) != 0) return 0;
    return attributes[3];  // sched_runtime in sched_getattr(2)
}

TEST(ThreadRank, a_working_thread_is_nicer_than_the_others) {
    const int before = nice_value();
    int after = 0;
    std::jthread([&] {
        use_rank(ThreadRank::work);
        after = nice_value();
    }).join();

    EXPECT_EQ(after, std::min(before + kWorkNice, 19));
    EXPECT_EQ(nice_value(), before) << "only the thread that asked";
}

TEST(ThreadRank, a_prompt_thread_has_a_shorter_slice_and_the_same_nice_value) {
    const int before = nice_value();
    const std::uint64_t usual = slice();
    if (usual == 0) GTEST_SKIP() << "this kernel has no slices of threads";
    int after = 0;
    std::uint64_t shorter = 0;
    std::jthread([&] {
        use_rank(ThreadRank::prompt);
        after = nice_value();
        shorter = slice();
    }).join();

    EXPECT_EQ(after, before);
    EXPECT_LT(shorter, usual);
    EXPECT_GT(shorter, 0U);
}

}  // namespace
}  // namespace rues::base
