#include "api/work.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace rues::api {
namespace {

TEST(Bound, gives_no_more_than_it_has_and_takes_back_what_is_dropped) {
    const Bound bound(3);
    auto one = bound.take();
    auto two = bound.take(2);
    ASSERT_TRUE(one && two);
    EXPECT_FALSE(bound.take());
    EXPECT_EQ(bound.taken(), 3U);

    two.reset();

    EXPECT_EQ(bound.taken(), 1U);
    EXPECT_FALSE(bound.take(3));
    EXPECT_FALSE(bound.take(std::numeric_limits<std::size_t>::max()));
    EXPECT_EQ(bound.taken(), 1U);
}

TEST(Bound, a_place_grows_only_within_the_bound_and_keeps_its_amount_when_it_may_not) {
    const Bound bound(10);
    auto place = bound.take(4);
    const auto other = bound.take(3);

    EXPECT_TRUE(place->resize(7));
    EXPECT_FALSE(place->resize(8));
    EXPECT_EQ(place->amount(), 7U);
    EXPECT_EQ(bound.taken(), 10U);
    EXPECT_TRUE(place->resize(0));
    EXPECT_EQ(bound.taken(), 3U);
}

TEST(Bound, a_place_that_moved_is_given_back_once) {
    const Bound bound(1);
    {
        Place first = *bound.take();
        Place second;
        second = std::move(first);
        EXPECT_EQ(bound.taken(), 1U);
    }
    EXPECT_EQ(bound.taken(), 0U);
}

TEST(Places, each_class_of_work_has_its_own_bound) {
    const Places places;
    std::vector<Place> feeders;
    while (auto place = places.take(Work::feeder)) feeders.push_back(std::move(*place));
    EXPECT_EQ(feeders.size(), class_of(Work::feeder).most);
    EXPECT_TRUE(places.take(Work::history));
    EXPECT_TRUE(places.take(Work::loop)) << "another room has its bound";
}

}  // namespace
}  // namespace rues::api
