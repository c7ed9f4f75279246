#include "resumption_fixture.hpp"

namespace rues::client {
namespace {

TEST(Backoff, doubles_to_its_longest_and_half_of_it_is_random) {
    Backoff low;
    Backoff high;
    std::chrono::milliseconds whole = Backoff::kFirst;
    for (int attempt = 0; attempt < 20; ++attempt) {
        EXPECT_EQ(low.next(0), whole / 2);
        const auto longest = high.next(1);
        EXPECT_GE(longest, whole - std::chrono::milliseconds(1));
        EXPECT_LE(longest, whole);
        whole = std::min(2 * whole, Backoff::kLongest);
    }
    EXPECT_EQ(whole, Backoff::kLongest);
    low.reset();
    EXPECT_EQ(low.next(0), Backoff::kFirst / 2);
}

}  // namespace
}  // namespace rues::client
