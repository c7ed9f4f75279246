#include "base/random.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <set>

#include "support/system_calls.hpp"

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

TEST(SystemRandom, says_so_when_the_system_has_none) {
    const test::ReplacedRandomness none(test::ReplacedRandomness::none);
    Bytes out(16);
    EXPECT_FALSE(system_random(out));
    EXPECT_TRUE(system_random({})) << "nothing is needed";
}

TEST(SystemRandom, says_so_when_the_system_has_none_for_the_rest) {
    static int calls = 0;
    calls = 0;
    const test::ReplacedRandomness once([](void* out, std::size_t size, unsigned flags) {
        return calls++ == 0 ? test::ReplacedRandomness::real(out, size / 2, flags) : ssize_t{0};
    });
    Bytes out(16);
    EXPECT_FALSE(system_random(out));
    EXPECT_EQ(calls, 2);
}

TEST(SystemRandom, goes_on_after_an_interrupted_call_and_after_a_part) {
    static int calls = 0;
    calls = 0;
    const test::ReplacedRandomness slow([](void* out, std::size_t, unsigned) -> ssize_t {
        if (++calls % 2 == 1) {
            errno = EINTR;
            return -1;
        }
        *static_cast<unsigned char*>(out) = static_cast<unsigned char>(calls / 2);
        return 1;
    });
    Bytes out(3);
    EXPECT_TRUE(system_random(out));
    EXPECT_EQ(out, (Bytes{std::byte{1}, std::byte{2}, std::byte{3}}));
}

}  // namespace
}  // namespace rues::base
