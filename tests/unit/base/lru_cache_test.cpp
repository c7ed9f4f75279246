#include "base/lru_cache.hpp"

#include <gtest/gtest.h>

#include <string>

namespace rues::base {
namespace {

using Cache = LruCache<int, std::string>;

bool has(Cache& cache, int key) {
    return cache.find(key) != nullptr;
}

TEST(LruCache, the_least_recently_used_value_is_dropped_first) {
    Cache cache(100);
    for (const int key : {1, 2, 3, 4}) cache.put(key, std::to_string(key), 25);
    EXPECT_EQ(*cache.find(1), "1");
    cache.put(5, "5", 20);
    EXPECT_TRUE(has(cache, 1));
    EXPECT_FALSE(has(cache, 2));
    EXPECT_EQ(cache.bytes(), 95U);
    EXPECT_EQ(cache.size(), 4U);
}

TEST(LruCache, a_new_value_replaces_the_old_one_and_its_bytes) {
    Cache cache(100);
    cache.put(1, "old", 20);
    cache.put(1, "new", 10);
    EXPECT_EQ(*cache.find(1), "new");
    EXPECT_EQ(cache.bytes(), 10U);
    cache.put(1, "too large", 26);  // the old value is no longer true either
    EXPECT_FALSE(has(cache, 1));
    EXPECT_EQ(cache.bytes(), 0U);
}

TEST(LruCache, a_cache_of_no_bytes_keeps_nothing) {
    Cache cache(0);
    cache.put(1, "1", 1);
    EXPECT_FALSE(has(cache, 1));
    EXPECT_EQ(cache.size(), 0U);
}

}  // namespace
}  // namespace rues::base
