#include "app/memory_watch.hpp"

#include <gtest/gtest.h>

namespace rues::app {
namespace {

constexpr std::uint64_t kMiB = 1 << 20;

TEST(MemoryWatchTest, the_heap_is_given_back_after_a_flood_and_not_in_it) {
    MemoryWatch watch;
    EXPECT_FALSE(watch.should_trim({100 * kMiB, 1 * kMiB}));
    EXPECT_FALSE(watch.should_trim({800 * kMiB, 100 * kMiB}));  // it grows
    EXPECT_FALSE(watch.should_trim({800 * kMiB, 10 * kMiB}));   // it is in use
    EXPECT_TRUE(watch.should_trim({800 * kMiB, 700 * kMiB}));
}

TEST(MemoryWatchTest, free_memory_that_could_not_be_given_back_is_not_tried_again) {
    MemoryWatch watch;
    EXPECT_FALSE(watch.should_trim({800 * kMiB, 700 * kMiB}));
    EXPECT_TRUE(watch.should_trim({800 * kMiB, 700 * kMiB}));
    watch.trimmed({790 * kMiB, 690 * kMiB});
    EXPECT_FALSE(watch.should_trim({790 * kMiB, 690 * kMiB}));
    EXPECT_FALSE(watch.should_trim({900 * kMiB, 750 * kMiB}));
    EXPECT_TRUE(watch.should_trim({900 * kMiB, 750 * kMiB}));
}

TEST(MemoryWatchTest, free_memory_does_not_count_against_the_limit) {
    EXPECT_TRUE(MemoryWatch::is_over({101 * kMiB, 0}, 100 * kMiB));
    EXPECT_FALSE(MemoryWatch::is_over({101 * kMiB, 2 * kMiB}, 100 * kMiB));
    EXPECT_FALSE(MemoryWatch::is_over({1 * kMiB, 2 * kMiB}, 0));
}

TEST(MemoryWatchTest, the_client_with_the_most_bytes_gives_way) {
    base::Clients clients;
    const auto of = [&](std::string_view address) {
        return clients.of(*base::ClientKey::parse(address), base::Client::Time());
    };
    base::Held small(of("192.0.2.1"), base::Holding::unread), uploads(of("192.0.2.2"), base::Holding::uploads),
        messages(of("192.0.2.2"), base::Holding::messages), unread(of("192.0.2.3"), base::Holding::unread);
    (void)small.resize(1'000);
    EXPECT_EQ(MemoryWatch::largest_holder(clients), nullptr);  // closing it would help nobody

    (void)uploads.resize(6 * kMiB);
    (void)messages.resize(5 * kMiB);
    (void)unread.resize(10 * kMiB);
    EXPECT_EQ(MemoryWatch::largest_holder(clients), of("192.0.2.2"));
    uploads.clear();
    EXPECT_EQ(MemoryWatch::largest_holder(clients), of("192.0.2.3"));
}

TEST(MemoryWatchTest, the_system_tells_how_much_memory_there_is) {
    EXPECT_GT(MemoryUse::now().own, 0U);
    EXPECT_GT(default_memory_limit(), 64 * kMiB);
}

}  // namespace
}  // namespace rues::app
