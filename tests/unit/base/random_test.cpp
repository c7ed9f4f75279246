#include "base/random.hpp"

#include <gtest/gtest.h>

#include <set>

namespace rues::base {
namespace {

TEST(SystemRandom, fills_every_length_and_never_repeats_itself) {
    std::set<Bytes> drawn;
    for (const std::size_t size : {8U, 32U, 256U, 257U, 100'000U}) {
        for (int i = 0; i < 2; ++i) {
            Bytes out(size);
            ASSERT_TRUE(system_random(out));
            EXPECT_TRUE(drawn.insert(out).second);
            const auto zeros = std::ranges::count(std::span(out).last(8), std::byte{0});
            EXPECT_LT(zeros, 8) << "the end of " << size << " bytes was not written";
        }
    }
    EXPECT_TRUE(system_random({}));
}

}  // namespace
}  // namespace rues::base
